"""The placeholder node."""

from collections.abc import Iterable, Sequence

from flowengine.flow.identifier import PortName
from flowengine.node import Config, Example, Field, Message, Node, NodeError, Output, node_type


class PlaceholderConfig(Config):
    """Configure a placeholder."""

    stands_for: str = Field("", description="What is to be here, in a few words.")
    ports: list[PortName] = Field(["out"], description="Names of the outputs that it will have.")


@node_type("placeholder", category="common", icon="placeholder")
class Placeholder(Node[PlaceholderConfig]):
    """Keep the place of a node that is still to be written.

    Its wires can be drawn already, and the rest of the flow runs. Lint warns of each placeholder. Every message that
    comes to one fails with `placeholder`: a catch node takes it, or it waits among the dead letters, from where it can
    be replayed once something better stands here.

    `flowengine import node-red` puts one in the place of each node that it cannot convert, such as a function in
    JavaScript, with the original in its description.
    """

    examples = (
        Example(
            "keeps messages until there is something to do with them",
            config={"stands_for": "the check of the recipe"},
            given={"payload": 1},
            error="placeholder",
        ),
    )

    @classmethod
    def ports(cls, config: PlaceholderConfig) -> Sequence[Output]:
        """Return the named ports."""
        return [Output("Nothing yet.", name=name) for name in config.ports]

    @classmethod
    def warnings(cls, config: PlaceholderConfig) -> Iterable[str]:
        """Warn of the placeholder itself."""
        return (f"a placeholder stands here{_for(config)}; messages that come to it fail",)

    def receive(self, message: Message) -> None:
        """Fail."""
        reason = f"a placeholder stands here{_for(self.config)}; replace it, then replay the message"
        raise NodeError(reason, code="placeholder")


def _for(config: PlaceholderConfig) -> str:
    return f" for {config.stands_for}" if config.stands_for else ""
