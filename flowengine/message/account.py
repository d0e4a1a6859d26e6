"""The books of one flow or one outbox: what came in and how it ended."""

from collections import Counter
from collections.abc import Callable


class Account:
    """Count deliveries so that ``received = settled + failed + dropped + in flight`` always holds.

    ``received`` is counted when a delivery opens and exactly one of the others when it closes, so the identity needs
    no reconciliation: what has not closed is in flight.

    Attributes:
        received: Deliveries opened.
        settled: Deliveries whose every branch is done or durably stored.
        failed: Deliveries with a branch that ended as a dead letter.
        dropped: Deliveries that a node or a policy gave up on purpose, by reason.
        dropped_later: Messages that a node had stored, so that their deliveries had settled, and gave up on purpose
            after that, by reason; no part of the identity.
        on_idle: Called whenever the last delivery in flight closes; a drain waits for it.
    """

    __slots__ = ("dropped", "dropped_later", "failed", "on_idle", "received", "settled")

    def __init__(self) -> None:
        self.received = 0
        self.settled = 0
        self.failed = 0
        self.dropped: Counter[str] = Counter()
        self.dropped_later: Counter[str] = Counter()
        self.on_idle: Callable[[], None] | None = None

    @property
    def in_flight(self) -> int:
        """Deliveries that are open now."""
        return self.received - self.settled - self.failed - self.dropped.total()

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """Return the figures of the identity as JSON."""
        return {
            "received": self.received,
            "settled": self.settled,
            "failed": self.failed,
            "dropped": dict(self.dropped),
            "in_flight": self.in_flight,
        }
