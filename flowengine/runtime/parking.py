"""Where messages wait while a deploy replaces the node they came to."""

from flowengine.message import Message
from flowengine.runtime.cell import Cell


class Parking:
    """Take a cell's messages until its new node has started.

    Args:
        cell: The cell; its ``receive`` is this parking from now on.

    Attributes:
        messages: What came, oldest first, each with a hold on its delivery.
    """

    def __init__(self, cell: Cell) -> None:
        self.messages: list[Message] = []
        cell.receive = self._park

    def _park(self, message: Message) -> None:
        message.delivery.hold()
        self.messages.append(message)
