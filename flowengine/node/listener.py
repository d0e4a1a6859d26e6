"""Nodes that hear what happens to other nodes of their flow."""

from typing import ClassVar, Literal

from flowengine.message import Message
from flowengine.node.node import C, Node

Event = Literal["error", "status", "complete"]


class Listener(Node[C]):
    """Hear of errors, statuses or completed messages of nodes in the same flow or subflow.

    Attributes:
        event: What the node listens for.
    """

    event: ClassVar[Event]

    def hears(self, node: str) -> int:
        """Tell whether the node listens to another one.

        Args:
            node: Id of the other node as this node's own flow knows it.

        Returns:
            0 for no; else a rank. Where several listen for an error, only those of the highest rank get it.
        """
        raise NotImplementedError

    def heard(self, message: Message) -> None:
        """Take what was heard; the message's fields ``error``, ``status`` or ``complete`` tell it."""
        raise NotImplementedError
