"""Traces of single messages: what came to which node, when, and what failed."""

import itertools
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from flowengine.message import Delivery, Message, Outcome, TraceContext
from flowengine.node import Clock
from flowengine.runtime.histogram import Histogram


@dataclass(frozen=True, slots=True)
class Hop:
    """A message's arrival at a node, or its failure there.

    Args:
        node: Id of the node.
        at: Seconds since the trace began.
        fields: The message's fields as they arrived: kept by reference, because messages are never changed.
        error: What the node said, when it failed.
        code: Word code of the error.
    """

    node: str
    at: float
    fields: dict[str, Any]
    error: str = ""
    code: str = ""


@dataclass(slots=True)
class Trace:
    """The way of one source message through a flow.

    Args:
        id: The message's id.
        flow: Id of the flow.
        began: Wall-clock time at which it came in, in seconds.
        clock: Times the hops.
        delivery: The delivery that is traced; deliveries of parts and copies share the trace, but do not end it.
            Those of rows of an outbox do: the message goes on with them.
        latency: Where its duration is counted.
        most: Hops kept; ``cut`` counts the others.

    Attributes:
        outcome: How the delivery ended; empty while it is open.
        reason: Word code that goes with it.
        took: Seconds until it ended.
    """

    id: str
    flow: str
    began: float
    clock: Clock
    delivery: Delivery
    latency: Histogram | None = None
    most: int = 200
    hops: list[Hop] = field(default_factory=list)
    cut: int = 0
    outcome: str = ""
    reason: str = ""
    took: float = 0.0
    _start: float = field(init=False)
    _open: dict[str, Delivery] = field(init=False)
    _worst: Outcome = field(default=Outcome.SETTLED, init=False)

    def __post_init__(self) -> None:
        self._start = self.clock.monotonic()
        self._open = {"": self.delivery}

    @property
    def context(self) -> TraceContext:
        """The trace among systems that the message belongs to."""
        return self.delivery.context or TraceContext.begin(self.id, is_sampled=True)

    def go_on(self, place: str, delivery: Delivery) -> None:
        """Go on with a delivery behind an outbox: the trace ends when it does.

        Args:
            place: Where the message was stored; a later delivery from the same place takes the other's.
            delivery: The delivery.
        """
        self._open[place] = delivery
        self.outcome = ""
        delivery.trace = self

    def arrived(self, node: str, message: Message) -> None:
        """Record that a message reached a node."""
        self._add(Hop(node, self.clock.monotonic() - self._start, message.fields))

    def failed(self, node: str, message: Message, code: str, error: str) -> None:
        """Record that a node failed on a message."""
        self._add(Hop(node, self.clock.monotonic() - self._start, message.fields, error, code))

    def closed(self, delivery: Delivery) -> None:
        """Record how a delivery ended; the worst end counts, and the last one ends the trace."""
        place = next((place for place, one in self._open.items() if one is delivery), None)
        if place is None:
            return
        del self._open[place]
        if delivery.outcome >= self._worst:
            self._worst, self.reason = delivery.outcome, delivery.reason
        self.took = self.clock.monotonic() - self._start
        if not self._open:
            self.outcome = self._worst.name.lower()
        if delivery is self.delivery and self.latency is not None:
            # How long its source waited; what an outbox did later, no source waits for.
            self.latency.observe(self.took)

    def _add(self, hop: Hop) -> None:
        if len(self.hops) < self.most:
            self.hops.append(hop)
        else:
            self.cut += 1


class TraceRecorder:
    """Trace one message in so many, and keep the newest traces.

    Args:
        clock: Times the traces.
        every: One source message in this many is traced; 0 for none.
        keep: Traces kept.

    Attributes:
        latencies: How long traced messages of each flow took, from their arrival until they were answered for.
    """

    def __init__(self, clock: Clock, *, every: int = 64, keep: int = 200) -> None:
        self._clock = clock
        self.every = every
        self._keep = keep
        self._traces: OrderedDict[str, Trace] = OrderedDict()
        self._count = itertools.count()
        self._wanted: dict[str, int] = {}
        self.latencies: dict[str, Histogram] = {}

    def begin(self, flow: str, delivery: Delivery) -> Trace | None:
        """Return a trace for a new delivery if its turn has come."""
        if self._wanted and self._is_wanted(flow):
            return self.follow(flow, delivery)
        if not self.every or next(self._count) % self.every:
            return None
        return self.follow(flow, delivery)

    def follow(self, flow: str, delivery: Delivery) -> Trace:
        """Trace a delivery, whosever turn it is."""
        latency = self.latencies.get(flow)
        if latency is None:
            latency = self.latencies[flow] = Histogram()
        trace = Trace(delivery.id, flow, self._clock.time(), self._clock, delivery, latency)
        delivery.trace = trace
        # A message that is replayed keeps its id, and becomes the newest.
        self._traces.pop(trace.id, None)
        self._traces[trace.id] = trace
        while len(self._traces) > self._keep:
            self._traces.popitem(last=False)
        return trace

    def go_on(self, flow: str, place: str, delivery: Delivery) -> None:
        """Trace a message behind an outbox, in the trace that it had before if that is still here.

        Args:
            flow: Id of the flow.
            place: Where the message was stored.
            delivery: Its delivery now.
        """
        trace = self._traces.get(delivery.id)
        if trace is None or trace.flow != flow:
            self.follow(flow, delivery)
        else:
            trace.go_on(place, delivery)

    def follow_next(self, flow: str, count: int) -> None:
        """Trace the next messages of a flow, whosever turn it is.

        Args:
            flow: Id of the flow.
            count: How many; replaces what was asked for before.
        """
        self._wanted[flow] = count

    def follow_another(self, flow: str) -> None:
        """Trace the next message of a flow, if nobody has asked for more."""
        self._wanted[flow] = max(self._wanted.get(flow, 0), 1)

    def get(self, id: str) -> Trace | None:
        """Return a trace by its message's id."""
        return self._traces.get(id)

    def newest(self, flow: str | None = None, limit: int = 50) -> list[Trace]:
        """Return the newest traces, newest first."""
        found = (trace for trace in reversed(self._traces.values()) if flow is None or trace.flow == flow)
        return list(itertools.islice(found, limit))

    def _is_wanted(self, flow: str) -> bool:
        left = self._wanted.pop(flow, 0)
        if left > 1:
            self._wanted[flow] = left - 1
        return left > 0
