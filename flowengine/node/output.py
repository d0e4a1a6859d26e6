"""The named ports that messages leave a node by."""

from collections.abc import Callable
from typing import Self

from flowengine.message import Message


def _unwired(message: Message) -> None:
    """Take a message that nobody waits for: its branch ends here, done."""


class Output:
    """A port of a node.

    Declared on a node's class it describes the port; on an instance it is the port itself, which the runtime joins to
    the wires.

    Args:
        description: One sentence about the messages that leave here, for the palette and the reference.
        name: The port's name in ``wires``; the attribute's name if not given.

    Attributes:
        deliver: Takes a message along all wires of this port; set by the runtime.
        is_wired: Whether a wire leads on from here.
        sent: Messages that have left here.
    """

    __slots__ = ("deliver", "description", "is_wired", "name", "sent")

    def __init__(self, description: str = "", *, name: str = "") -> None:
        self.description = description
        self.name = name
        self.deliver: Callable[[Message], None] = _unwired
        self.is_wired = False
        self.sent = 0

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def copy(self) -> Self:
        """Return a port of the same name for one instance."""
        return type(self)(self.description, name=self.name)

    def connect(self, deliver: Callable[[Message], None]) -> None:
        """Join the port to what its wires lead to."""
        self.deliver = deliver
        self.is_wired = True

    def disconnect(self) -> None:
        """Take all wires off."""
        self.deliver = _unwired
        self.is_wired = False
