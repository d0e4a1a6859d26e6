"""A node in the running flow: what the wires lead to."""

from collections.abc import Callable
from typing import Any, Protocol

from flowengine.graph import PlannedNode
from flowengine.message import Message
from flowengine.node import Node, Status


class FailurePath(Protocol):
    """Where a message goes that a node could not work on."""

    def failed(self, cell: "Cell", message: Message, error: BaseException) -> None:
        """Send the message on its way: catch node, retry or dead letter."""

    def wait_before_retry(self, cell: "Cell", message: Message, error: BaseException) -> float | None:
        """Return the seconds until the node should try again, or ``None`` to call :meth:`failed`."""

    def keeps_for_itself(self, cell: "Cell") -> bool:
        """Whether a message that fails for good is anything but a dead letter."""
        ...

    def report(self, cell: "Cell", message: Message, error: BaseException) -> None:
        """Tell of an error without routing the message."""


class Cell:
    """Run one node, count what passes and route what fails.

    The cell stays when a deploy replaces the node in it, so that wires need no rejoining.

    Args:
        planned: The node's plan.
        failure: Where failed messages go.

    Attributes:
        node: The node now in the cell.
        receive: What takes a message: the node's own method, or its stage's.
        fail: What takes a message whose held work ended in an error; an outbox has its own.
        received: Messages that reached the node.
        errors: Errors it raised.
        status: What the node shows of itself.
        on_done: Told of every message the node has finished, where a complete node asks.
    """

    __slots__ = (
        "errors",
        "fail",
        "failure",
        "id",
        "node",
        "on_done",
        "planned",
        "receive",
        "received",
        "status",
    )

    def __init__(self, planned: PlannedNode, failure: FailurePath) -> None:
        self.id = planned.id
        self.planned = planned
        self.failure = failure
        self.node: Node[Any] | None = None
        self.receive: Callable[[Message], Any] = self._reject
        self.received = 0
        self.errors = 0
        self.status: Status | None = None
        self.fail: Callable[[Message, BaseException], None] = self.route_failure
        self.on_done: Callable[[Cell, Message], None] | None = None

    def hop(self, message: Message) -> None:
        """Take a message from a wire; never raises."""
        self.received += 1
        trace = message.delivery.trace
        if trace is not None:
            trace.arrived(self.id, message)
        try:
            self.receive(message)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is its message's failure, not the sender's
            self.route_failure(message, error)
        else:
            if self.on_done is not None and not self.finishes_later:
                self.on_done(self, message)

    def redo(self, message: Message) -> None:
        """Hand over a message that waited here; it has been counted before."""
        self.received -= 1
        self.hop(message)

    def finish(self, message: Message, error: BaseException | None = None) -> None:
        """End a branch that the node or its stage held: well, or with an error.

        Args:
            message: The message that was held.
            error: What went wrong, if something did.
        """
        if error is not None:
            self.fail(message, error)
        elif self.on_done is not None:
            self.on_done(self, message)
        message.delivery.release()

    def route_failure(self, message: Message, error: BaseException) -> None:
        """Count an error and send its message on the flow's way of errors."""
        self.errors += 1
        self.failure.failed(self, message, error)

    @property
    def finishes_later(self) -> bool:
        """Whether the node's work may go on after the call that brought the message."""
        return self.planned.type.holds or self.planned.is_stage

    def _reject(self, message: Message) -> None:
        raise AssertionError(f'node "{self.id}" was sent a message before it started')
