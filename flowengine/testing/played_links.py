"""Entrances of other flows, as a flow test has them."""

from flowengine.message import Message
from flowengine.runtime.links import LinkTable


class PlayedLinks(LinkTable):
    """Take what a flow sends to others: a test runs one flow, and lint knows which entrances there are."""

    def send(self, name: str, message: Message) -> None:
        """Send a message to an entrance of this flow; what goes to another flow ends well."""
        if name in self._entrances:
            super().send(name, message)
