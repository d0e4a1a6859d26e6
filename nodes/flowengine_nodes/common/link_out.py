"""The link-out node."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import model_validator

from flowengine.node import Config, Example, Field, LinkName, Message, Node, NodeError, node_type
from flowengine_nodes.common import calls
from flowengine_nodes.common.link_in import LINK_NAME


class LinkOutConfig(Config):
    """Configure an exit."""

    mode: Literal["send", "return"] = Field("send", description="Send to named entrances, or return to the caller.")
    to: list[LinkName] = Field([], description="Entrances to send to, in order; none when it returns.")

    @model_validator(mode="after")
    def _has_a_target(self) -> Self:
        if self.mode == "send" and not self.to:
            raise ValueError("'to' names no entrance; name one, or set 'mode' to return")
        if self.mode == "return" and self.to:
            raise ValueError("'to' names entrances, but a message that returns goes to its caller only")
        return self


@node_type("link-out", category="common", icon="link")
class LinkOut(Node[LinkOutConfig]):
    """Send messages to the entrances of link-in nodes, in this flow or another, or back to a link-call node.

    In the mode *return* a message goes back to the link-call node that it came from. Calls may be nested: each return
    goes to the newest call that has not returned.

    **Other than in Node-RED:** a message that finds no entrance, or no caller to return to, fails with an error
    (`unknown-link`, `no-caller`) instead of vanishing.
    """

    examples = (
        Example("returns nothing where nobody called", config={"mode": "return"}, given={}, error="no-caller"),
        Example(
            "fails where no entrance has the name",
            config={"to": ["nowhere"]},
            given={"payload": 1},
            error="unknown-link",
        ),
    )

    @classmethod
    def leads_to(cls, config: LinkOutConfig) -> Iterable[tuple[str, str]]:
        """Lead to the entrances."""
        return [(LINK_NAME, name) for name in config.to]

    def receive(self, message: Message) -> None:
        """Send a message to each entrance, or back."""
        if self.config.mode == "return":
            self._return(message)
            return
        for name in self.config.to:
            self.context.links.send(name, message)

    def _return(self, message: Message) -> None:
        caller = calls.peek(message.fields)
        if caller is None:
            raise NodeError("the message came from no link-call node, so it cannot return", code="no-caller")
        self.context.links.send(caller.reply, message)
