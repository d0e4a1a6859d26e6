"""The delivery behind a message from the outbox."""

from collections.abc import Callable

from flowengine.errors import FlowEngineError
from flowengine.message import Delivery, Message
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
    """The delivery of a message that an outbox stage has in hand.

    Before the message is stored it stands for the message's source, whose delivery it holds. Afterwards the row is its
    own source.

    Args:
        on_closed: Told when it closes.
        id: The id of the message that came; empty if that is not known.
        source: The message as it came, unless it is stored.
        claimed: The row, if it is stored.

    Attributes:
        is_being_stored: Whether the store has still to say what became of it.
    """

    __slots__ = ("_closed", "claimed", "is_being_stored", "source")

    def __init__(
        self,
        on_closed: "Callable[[RowDelivery], None]",
        id: str | None = None,
        *,
        source: Message | None = None,
        claimed: Claimed | None = None,
    ) -> None:
        super().__init__(id=id)
        self.source = source
        self.claimed = claimed
        self.is_being_stored = False
        self._closed = on_closed

    @property
    def id(self) -> str:
        """The id that traces, logs and dead letters show: that of the message that came."""
        if not self._id:
            if self.source is not None:
                self._id = self.source.delivery.id
            elif self.claimed is not None:
                self._id = f"outbox-{self.claimed.id}"
        return super().id

    def stored(self, claimed: Claimed) -> None:
        """Stand for a row from now on.

        Args:
            claimed: The row; whoever stored it releases the delivery of the source.
        """
        if self.source is not None:
            self._id = self.source.delivery.id
        self.source = None
        self.claimed = claimed
        self.is_being_stored = False

    def _close(self) -> None:
        self._closed(self)
