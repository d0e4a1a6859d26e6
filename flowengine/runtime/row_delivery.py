"""The delivery behind a message from the outbox."""

from collections.abc import Callable

from flowengine.errors import FlowEngineError
from flowengine.message import Delivery
from flowengine.storage import Claimed


class DeadlyMessageError(FlowEngineError):
    """The process died each time while it had a message.

    Args:
        crashes: How often.
    """

    code = "deadly-message"

    def __init__(self, crashes: int) -> None:
        super().__init__(crashes)
        self.crashes = crashes

    def __str__(self) -> str:
        return (
            f"the engine died {self.crashes} times while it had this message, and does not try it again; "
            "find out what it does to the node, then replay or drop it"
        )


class RowDelivery(Delivery):
    """The delivery of a message whose row this process has claimed.

    Args:
        claimed: The row.
        on_closed: Told when it closes.
        id: The id of the message that was stored.
    """

    __slots__ = ("_closed", "claimed")

    def __init__(self, claimed: Claimed, on_closed: "Callable[[RowDelivery], None]", id: str) -> None:
        super().__init__(id=id or f"outbox-{claimed.id}")
        self.claimed = claimed
        self._closed = on_closed

    def _close(self) -> None:
        self._closed(self)
