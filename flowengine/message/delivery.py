"""The promise behind a message: it is answered for once every branch it caused has ended."""

import itertools
import os
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from flowengine.message.account import Account
from flowengine.message.trace_context import TraceContext

# A process has its own prefix, so that ids of two workers or two runs never meet in the dead-letter list.
_PREFIX = os.urandom(5).hex()
_NUMBERS = itertools.count(1)


class Outcome(IntEnum):
    """How a delivery ended; when branches differ, the highest wins."""

    SETTLED = 0
    DROPPED = 1
    FAILED = 2


class Delivery:
    """Follow one source message until each branch it caused is done, failed or durably stored.

    A delivery opens with one hold, its source's. Whoever keeps a message beyond the call that brought it takes another
    hold and releases it when done; the last release closes the delivery, enters it in the account and tells the source.

    Args:
        account: The books to enter the outcome in; ``None`` for deliveries that another one stands for.
        on_closed: Called once with the delivery when it closes. A source acknowledges here.
        id: The id to show; made when first asked for if not given.

    Attributes:
        trace: Where the way of the message is recorded, if it is.
        context: The trace among systems that the message came with, if it came with one.
    """

    __slots__ = ("_account", "_id", "_on_closed", "context", "outcome", "pending", "reason", "trace")

    def __init__(
        self,
        account: Account | None = None,
        on_closed: "Callable[[Delivery], None] | None" = None,
        id: str | None = None,
    ) -> None:
        self._account = account
        self._on_closed = on_closed
        self._id = id
        self.pending = 1
        self.outcome = Outcome.SETTLED
        self.reason = ""
        self.trace: Any = None
        self.context: TraceContext | None = None
        if account is not None:
            account.received += 1

    @property
    def id(self) -> str:
        """The id that traces, logs and dead letters show."""
        if self._id is None:
            self._id = f"{_PREFIX}-{next(_NUMBERS)}"
        return self._id

    def inherit(self, other: "Delivery") -> None:
        """Go on with the traces of another delivery, whose message this one's is made of."""
        self.trace = other.trace
        self.context = other.context

    def hold(self) -> None:
        """Keep the delivery open: a branch goes on after the current call."""
        self.pending += 1

    def release(self) -> None:
        """End one branch; the last one closes the delivery."""
        self.pending -= 1
        if self.pending == 0:
            self._close()

    def fail(self, reason: str) -> None:
        """Mark that a branch failed and was put among the dead letters.

        Args:
            reason: Word code of the error.
        """
        self.outcome = Outcome.FAILED
        self.reason = reason

    def drop(self, reason: str) -> None:
        """Mark that a branch was given up on purpose.

        Args:
            reason: Word code that ``/metrics`` shows as the reason.
        """
        if self.outcome is Outcome.SETTLED:
            self.outcome = Outcome.DROPPED
            self.reason = reason

    def end_as(self, other: "Delivery") -> None:
        """End the branch that another delivery stands for, as that has ended."""
        if other.outcome is Outcome.FAILED:
            self.fail(other.reason)
        elif other.outcome is Outcome.DROPPED:
            self.drop(other.reason)
        self.release()

    def _close(self) -> None:
        account = self._account
        if account is not None:
            if self.outcome is Outcome.SETTLED:
                account.settled += 1
            elif self.outcome is Outcome.FAILED:
                account.failed += 1
            else:
                account.dropped[self.reason] += 1
        if self.trace is not None:
            self.trace.closed(self)
        try:
            if self._on_closed is not None:
                self._on_closed(self)
        finally:
            if account is not None and account.on_idle is not None and account.in_flight == 0:
                account.on_idle()


class JointDelivery(Delivery):
    """Stand for several deliveries at once: the message that a join or a batch makes of many.

    It takes over one hold of each parent and releases it, with the same outcome, when it closes itself.

    Args:
        parents: Deliveries whose hold is handed over.
    """

    __slots__ = ("_parents",)

    def __init__(self, parents: Sequence[Delivery]) -> None:
        super().__init__(id=parents[0].id if parents else None)
        self._parents = tuple(parents)
        self.trace = next((parent.trace for parent in parents if parent.trace is not None), None)
        self.context = next((parent.context for parent in parents if parent.context is not None), None)

    def _close(self) -> None:
        for parent in self._parents:
            parent.end_as(self)
