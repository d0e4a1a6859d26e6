"""What the registry knows of a node type: everything follows from the one declaration."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from flowengine.errors import FlowEngineError
from flowengine.node.config import Config
from flowengine.node.example import Example
from flowengine.node.node import ConfigNode, Node
from flowengine.node.output import Output


class InvalidNodeTypeError(FlowEngineError):
    """A class cannot be a node type.

    Args:
        owner: Qualified name of the class.
        reason: What is missing or wrong, and what to write instead.
    """

    code = "invalid-node-type"

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(owner, reason)
        self.owner = owner
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.owner} cannot be a node type: {self.reason}"


@dataclass(frozen=True, slots=True)
class NodeType:
    """A declared node type.

    Attributes:
        name: The ``type`` in a flow, such as ``mqtt-in``.
        category: Section of the palette.
        cls: The node's class.
        config: Its config model.
        label: Name in the palette.
        icon: Name of an icon of the editor.
        colour: Colour in the palette, ``#rrggbb``, or an empty string for the category's.
        outside: Whether it talks to the world outside the process; flow tests replace such nodes.
        holds: Whether it keeps messages beyond the call, so that it may stand in a cycle.
    """

    name: str
    category: str
    cls: type[Node[Any]]
    config: type[Config]
    label: str
    icon: str = ""
    colour: str = ""
    outside: bool = False
    holds: bool = False

    @property
    def summary(self) -> str:
        """The help's first line."""
        return self.help.partition("\n")[0].strip()

    @property
    def help(self) -> str:
        """The class docstring: Markdown."""
        return inspect.cleandoc(self.cls.__doc__ or "")

    @property
    def examples(self) -> Sequence[Example]:
        """The examples of the class."""
        return self.cls.examples

    @property
    def is_resource(self) -> bool:
        """Whether it is a config node, which lives in ``resources.json``."""
        return issubclass(self.cls, ConfigNode)

    @property
    def can_try(self) -> bool:
        """Whether it is a config node that can be tried by itself."""
        return issubclass(self.cls, ConfigNode) and self.cls.trial.__func__ is not ConfigNode.trial.__func__  # type: ignore[attr-defined]  # a class method

    @property
    def has_input(self) -> bool:
        """Whether wires may lead to it."""
        return any("receive" in vars(base) for base in self.cls.__mro__)

    @property
    def is_stage(self) -> bool:
        """Whether it has a queue and workers of its own."""
        return self.has_input and inspect.iscoroutinefunction(getattr(self.cls, "receive", None))

    @property
    def is_source(self) -> bool:
        """Whether messages begin here."""
        return not self.is_resource and (not self.has_input or self.cls.run is not Node.run)

    def ports(self, config: Config) -> Sequence[Output]:
        """Return the ports of a node with this configuration."""
        return self.cls.ports(config)

    def validate(self, config: Mapping[str, Any]) -> Config:
        """Return a validated configuration.

        Args:
            config: The ``config`` of a node in a flow, variables already put in.

        Raises:
            pydantic.ValidationError: Some fields are wrong; all of them are named.
        """
        return self.config.model_validate(config)

    def is_valid(self, config: Mapping[str, Any]) -> bool:
        """Tell whether a configuration is valid."""
        try:
            self.validate(config)
        except ValidationError:
            return False
        return True

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the configuration, from which the editor makes the form."""
        return self.config.model_json_schema(by_alias=True)
