"""What passed through a flow while a case ran."""

from collections.abc import Callable, Mapping
from typing import Any

from flowengine.graph import PlannedNode
from flowengine.message import Message, excerpt
from flowengine.node import Output
from flowengine.runtime.cell import Cell, FailurePath
from flowengine.runtime.retry import attempt_of

Fields = Mapping[str, Any]


class Record:
    """Take note of every message that comes to a node and that leaves it. Messages are kept as they are.

    Attributes:
        arrivals: Messages that came to each node, oldest first.
        departures: Messages that left by each port, as node and port.
    """

    def __init__(self) -> None:
        self.arrivals: dict[str, list[Fields]] = {}
        self.departures: dict[tuple[str, str], list[Fields]] = {}

    def tap(self, node: str, port: Output) -> Callable[[Message], None]:
        """Return what a port is to deliver to, so that what leaves by it is noted on its way."""
        left = self.departures.setdefault((node, port.name), [])
        deliver = port.deliver

        def note(message: Message) -> None:
            left.append(message.fields)
            deliver(message)

        return note

    def cell(self, planned: PlannedNode, failure: FailurePath) -> Cell:
        """Return a cell that takes note of what comes to its node."""
        return _RecordingCell(planned, failure, self)

    def excerpts(self, most: int) -> dict[str, tuple[Any, ...]]:
        """Return the first messages that came to each node, as people look at them.

        Args:
            most: How many of each node.
        """
        return {node: tuple(excerpt(one) for one in came[:most]) for node, came in self.arrivals.items()}

    @property
    def reached(self) -> frozenset[str]:
        """Ids of the nodes that a message came to or left."""
        return frozenset({*self.arrivals, *(node for (node, _), left in self.departures.items() if left)})


class _RecordingCell(Cell):
    __slots__ = ("_record",)

    def __init__(self, planned: PlannedNode, failure: FailurePath, record: Record) -> None:
        super().__init__(planned, failure)
        self._record = record

    def hop(self, message: Message) -> None:
        arrived = self._record.arrivals.setdefault(self.id, [])
        # One that is tried again has come once.
        if not (attempt_of(message) > 1 and any(fields is message.fields for fields in arrived)):
            arrived.append(message.fields)
        super().hop(message)
