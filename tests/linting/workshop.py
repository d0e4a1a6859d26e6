"""Node types that stand in for a node pack, and a folder of flows that is linted again and again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from flowengine.flow.environment import Environment, SecretReader
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.graph import PlannedNode, PlannedResource
from flowengine.linting import Linter, LintResult
from flowengine.node import (
    Config,
    ConfigNode,
    Field,
    JsonPath,
    Listener,
    Message,
    Node,
    Output,
    Resource,
    Secret,
    StagePlan,
    StrictConfig,
    node_type,
)
from flowengine.registry import Registry


def _topic_filter(text: str) -> str:
    if "#" in text[:-1]:
        raise PydanticCustomError("topic-filter", "'#' must be the last level", {"column": text.index("#") + 1})
    return text


class BrokerConfig(Config):
    host: str = Field(description="Name.", min_length=1)
    port: int = Field(1883, description="Port.", ge=1, le=65_535)
    password: Secret = ""


@node_type("mqtt-broker", category="network")
class Broker(ConfigNode[BrokerConfig]):
    """A broker."""


class ServerConfig(Config):
    url: str


@node_type("odoo-server", category="odoo")
class Server(ConfigNode[ServerConfig]):
    """A server."""


class RegistryConfig(Config):
    fallback: Annotated[str, Resource("registry")] = ""


@node_type("registry", category="iiot")
class RegistryNode(ConfigNode[RegistryConfig]):
    """A registry."""


class InjectConfig(Config):
    payload: Any = None


@node_type("inject", category="common")
class Inject(Node[InjectConfig]):
    """Begin."""

    out = Output("The message.")

    async def run(self) -> None:
        pass


@node_type("catch", category="common")
class Catch(Listener[Config]):
    """Hear of errors."""

    event = "error"
    out = Output("The message that failed.")


@node_type("debug", category="common")
class Debug(Node[Config]):
    """Show."""

    def receive(self, message: Message) -> None:
        pass


class Rule(StrictConfig):
    path: JsonPath
    token: Secret = ""


class ChangeConfig(Config):
    path: JsonPath = Field("$.payload", description="Where.")
    mode: Literal["set", "delete"] = "set"
    value: int | float | list[Rule] | None = None
    rules: list[Rule] = Field([], description="Rules.")
    zone: str = ""


@node_type("change", category="function")
class Change(Node[ChangeConfig]):
    """Change a message."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        pass


@node_type("delay", category="function", holds=True)
class Delay(Node[Config]):
    """Hold a message."""

    out = Output("The message.")
    excess = Output("The message, if too many wait.")

    def receive(self, message: Message) -> None:
        pass


class FilterConfig(Config):
    path: JsonPath = Field("$.payload", description="Where.")


@node_type("filter", category="function")
class Filter(Node[FilterConfig]):
    """Pass changes on."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        pass


class SwitchConfig(Config):
    rules: list[str]


@node_type("switch", category="function")
class Switch(Node[SwitchConfig]):
    """Choose a way."""

    @classmethod
    def ports(cls, config: SwitchConfig) -> Sequence[Output]:
        if "explode" in config.rules:
            raise RuntimeError("no such rule")
        return [Output(name=rule) for rule in config.rules]

    def receive(self, message: Message) -> None:
        pass


class RequestConfig(Config):
    url: str
    server: Annotated[str, Resource()] | None = None


@node_type("http-request", category="network", outside=True)
class Request(Node[RequestConfig]):
    """Ask a server."""

    stage: ClassVar[StagePlan] = StagePlan(workers=2, order="")
    out = Output("The answer.")

    async def receive(self, message: Message) -> None:
        pass


class MqttInConfig(Config):
    broker: Annotated[str, Resource("mqtt-broker")]
    topic: Annotated[str, AfterValidator(_topic_filter)]


@node_type("mqtt-in", category="network", outside=True)
class MqttIn(Node[MqttInConfig]):
    """Receive from a broker."""

    out = Output("The message.")

    async def run(self) -> None:
        pass


class HttpInConfig(Config):
    method: str = "GET"
    path: str


@node_type("http-in", category="network", outside=True)
class HttpIn(Node[HttpInConfig]):
    """Answer a path."""

    out = Output("The request.")

    @classmethod
    def claims(cls, config: HttpInConfig) -> Iterable[tuple[str, str]]:
        return [("HTTP route", f"{config.method} {config.path}")]

    async def start(self) -> None:
        pass


class PlaceholderConfig(Config):
    reason: str = ""


@node_type("placeholder", category="common")
class Placeholder(Node[PlaceholderConfig]):
    """Stand for what is to come."""

    @classmethod
    def warnings(cls, config: PlaceholderConfig) -> Iterable[str]:
        return ["the node is still to be written"]

    def receive(self, message: Message) -> None:
        pass


TYPES = (
    Broker,
    Server,
    RegistryNode,
    Inject,
    Catch,
    Debug,
    Change,
    Filter,
    Delay,
    Switch,
    Request,
    MqttIn,
    HttpIn,
    Placeholder,
)


def setting(planned: PlannedNode | PlannedResource, name: str) -> Any:
    """Return a field of a planned configuration."""
    return getattr(planned.config, name)


class Workshop:
    """A folder of flows on the disk that is linted again and again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.registry = Registry([one.__node_type__ for one in TYPES])
        self.linter = Linter(self.registry)
        self.environment = Environment({"SITE": "north"})
        self.secrets: SecretReader | None = None
        self.folder: FlowFolder | None = None

    def write(self, files: Mapping[str, Any]) -> None:
        """Write files; what every document begins with is added where it is missing."""
        for name, content in files.items():
            file = self.path / name
            value = content
            if isinstance(content, str):
                try:
                    value = json.loads(content, object_pairs_hook=_pairs)
                except ValueError:
                    file.write_text(content, encoding="utf-8")
                    continue
            begin = {"flowengine": 1} | ({"id": name.partition(".")[0]} if name.endswith(".flow.json") else {})
            file.write_text(json.dumps(begin | value, indent=2), encoding="utf-8")

    def lint(self, files: Mapping[str, Any] | None = None) -> LintResult:
        """Write files and lint the folder."""
        self.write(files or {})
        self.folder = read_folder(self.path, previous=self.folder)
        return self.linter.lint(self.folder, self.environment, self.secrets)

    def nodes(self, nodes: Mapping[str, Any], **more: Any) -> LintResult:
        """Lint one flow of these nodes."""
        return self.lint({"example.flow.json": {"nodes": nodes, **more}})

    def codes(self, nodes: Mapping[str, Any], **more: Any) -> list[str]:
        """Lint one flow of these nodes; return the codes of its problems."""
        return [problem.code for problem in self.nodes(nodes, **more).problems]


def _pairs(pairs: list[tuple[str, Any]]) -> Any:
    """Read an object; one with a key twice is left as its text is, for the test of just that."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
