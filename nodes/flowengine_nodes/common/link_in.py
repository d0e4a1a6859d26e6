"""The link-in node."""

from collections.abc import Iterable

from flowengine.node import Config, Example, Field, LinkName, Message, Node, Output, node_type

LINK_NAME = "link name"
"""What only one link-in node may claim."""


class LinkInConfig(Config):
    """Configure an entrance."""

    name: LinkName = Field(description="Name of the entrance; no other link-in node of any flow may have it.")


@node_type("link-in", category="common", icon="link")
class LinkIn(Node[LinkInConfig]):
    """Open an entrance that link-out and link-call nodes of any flow send to.

    A message that comes from another flow stays that flow's to answer for: its source gets no answer before the message
    has ended here too.

    **Other than in Node-RED:** the entrance has a name, which the other side uses. A link is written down at one place
    only, and a flow can be renamed or copied without its links.
    """

    out = Output("Messages that were sent to this name.")
    examples = (Example("opens an entrance", config={"name": "alarms"}),)

    @classmethod
    def claims(cls, config: LinkInConfig) -> Iterable[tuple[str, str]]:
        """Claim the entrance's name."""
        return ((LINK_NAME, config.name),)

    async def start(self) -> None:
        """Open the entrance."""
        self.context.links.open(self.config.name, self._arrive)

    async def stop(self) -> None:
        """Close the entrance."""
        self.context.links.close(self.config.name)

    def _arrive(self, message: Message) -> None:
        self.send(self.out, message)
