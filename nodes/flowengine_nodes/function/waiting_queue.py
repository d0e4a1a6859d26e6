"""How the messages of a delay node wait: each for its own time, at a rate, or the newest of each key."""

import random
from abc import ABC, abstractmethod
from collections import deque
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING

from flowengine.expressions import Path
from flowengine.flow.duration import parse_duration
from flowengine.node import Message, NodeError, Timer
from flowengine_nodes.function.keeping import Kept

if TYPE_CHECKING:
    from flowengine_nodes.function.delay import Delay

# Lanes that have nothing to remember are looked for when there are twice as many as last time, and at least this many.
_FEWEST_LANES = 1_000


class _Lane:
    """The rate of one key: what waits, and when messages were let through.

    Args:
        count: Messages let through in a time.
        per: That time, in seconds.
    """

    __slots__ = ("per", "timer", "times", "waiting")

    def __init__(self, count: int, per: float) -> None:
        self.per = per
        self.times: deque[float] = deque(maxlen=count)
        self.waiting: deque[Kept] = deque()
        self.timer: Timer | None = None

    def free_in(self, now: float) -> float:
        """Return the seconds until one more message may pass; zero or less for now."""
        return self.times[0] + self.per - now if len(self.times) == self.times.maxlen else 0.0


class WaitingQueue(ABC):
    """How messages wait.

    Args:
        node: The node, which sends what leaves and counts what waits.
    """

    def __init__(self, node: "Delay") -> None:
        self.node = node
        self.config = node.config
        self.clock = node.context.clock

    @abstractmethod
    def receive(self, message: Message) -> None:
        """Take a message that is not about the queue itself."""

    @abstractmethod
    def restore(self, kept: list[Kept]) -> None:
        """Take what an earlier run left."""

    @abstractmethod
    def take(self, key: str | None = None, most: int | None = None) -> list[Kept]:
        """Remove what waits and return it, in the order in which it would leave; of one key or all, so many or all."""

    @abstractmethod
    def stop(self) -> None:
        """Cancel all timers."""


class TimedQueue(WaitingQueue):
    """Each message has a time of its own."""

    def __init__(self, node: "Delay") -> None:
        super().__init__(node)
        self._heap: list[tuple[float, int, Kept]] = []
        self._timer: Timer | None = None

    def receive(self, message: Message) -> None:
        """Take a message that is not about the queue itself."""
        wait = self._wait(message)
        self.node.check_room()
        kept = self.node.keeper.keep(message, due=self.clock.time() + wait, key=self.node.key_of(message) or "")
        heappush(self._heap, (self.clock.monotonic() + wait, kept.order, kept))
        self._arm()

    def restore(self, kept: list[Kept]) -> None:
        """Take what an earlier run left."""
        for one in kept:
            heappush(self._heap, (self.clock.monotonic() + one.due - self.clock.time(), one.order, one))
        self._arm()

    def take(self, key: str | None = None, most: int | None = None) -> list[Kept]:
        """Remove what waits and return it."""
        # A sorted list is a heap.
        ordered = sorted(self._heap)
        mine = list(islice((entry for entry in ordered if key is None or entry[2].key == key), most))
        taken = {order for _, order, _ in mine}
        self._heap = [entry for entry in ordered if entry[1] not in taken]
        self._arm()
        return [kept for _, _, kept in mine]

    def stop(self) -> None:
        """Cancel all timers."""
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self, message: Message) -> float:
        config = self.config
        if config.mode == "random":
            return random.uniform(config.delay, config.at_most)  # noqa: S311 - not for secrets
        if config.mode == "message":
            return duration_of(config.path, message, config.delay)
        return config.delay

    def _arm(self) -> None:
        self.stop()
        if self._heap:
            self._timer = self.clock.call_later(max(self._heap[0][0] - self.clock.monotonic(), 0), self._due)

    def _due(self) -> None:
        now = self.clock.monotonic()
        while self._heap and self._heap[0][0] <= now:
            self.node.leave(heappop(self._heap)[2])
        self._arm()


class RatedQueue(WaitingQueue):
    """So many messages in a time, for each key."""

    def __init__(self, node: "Delay") -> None:
        super().__init__(node)
        spread = self.config.spread
        self._count = 1 if spread else self.config.count
        self._per = self.config.per / self.config.count if spread else self.config.per
        self._lanes: dict[str, _Lane] = {}
        self._sweep_at = _FEWEST_LANES

    def receive(self, message: Message) -> None:
        """Take a message that is not about the queue itself."""
        key = self.node.key_of(message) or ""
        lane = self._lane(key)
        if self.config.rate_path is not None:
            lane.per = self._per = duration_of(self.config.rate_path, message, self._per)
        now = self.clock.monotonic()
        if not lane.waiting and lane.free_in(now) <= 0:
            lane.times.append(now)
            self.node.pass_on(message)
        elif self.config.excess == "leave":
            self.node.pass_on(message, excess=True)
        else:
            self.node.check_room()
            kept = self.node.keeper.keep(message, key=key)
            if message.get("toFront"):
                lane.waiting.appendleft(kept)
            else:
                lane.waiting.append(kept)
            self._arm(lane, now)

    def restore(self, kept: list[Kept]) -> None:
        """Take what an earlier run left."""
        for one in kept:
            lane = self._lane(one.key)
            lane.waiting.append(one)
            self._arm(lane, self.clock.monotonic())

    def take(self, key: str | None = None, most: int | None = None) -> list[Kept]:
        """Remove what waits and return it."""
        lanes = list(self._lanes.values()) if key is None else [self._lane(key)]
        taken: list[Kept] = []
        for lane in lanes:
            while lane.waiting and (most is None or len(taken) < most):
                taken.append(lane.waiting.popleft())
        return taken

    def stop(self) -> None:
        """Cancel all timers."""
        for lane in self._lanes.values():
            if lane.timer is not None:
                lane.timer.cancel()

    def _lane(self, key: str) -> _Lane:
        lane = self._lanes.get(key)
        if lane is None:
            if len(self._lanes) >= self._sweep_at:
                self._sweep()
            lane = self._lanes[key] = _Lane(self._count, self._per)
        return lane

    def _sweep(self) -> None:
        now = self.clock.monotonic()
        for key in [key for key, lane in self._lanes.items() if not lane.waiting and lane.free_in(now) <= 0]:
            del self._lanes[key]
        self._sweep_at = max(_FEWEST_LANES, 2 * len(self._lanes))

    def _arm(self, lane: _Lane, now: float) -> None:
        if lane.timer is None and lane.waiting:
            lane.timer = self.clock.call_later(max(lane.free_in(now), 0), self._due, lane)

    def _due(self, lane: _Lane) -> None:
        lane.timer = None
        now = self.clock.monotonic()
        while lane.waiting and lane.free_in(now) <= 0:
            lane.times.append(now)
            self.node.leave(lane.waiting.popleft())
        self._arm(lane, now)


class LatestQueue(WaitingQueue):
    """One place in the queue for each key, with its newest message."""

    def __init__(self, node: "Delay") -> None:
        super().__init__(node)
        self._slots: dict[str, Kept] = {}
        self._lane = _Lane(1, self.config.per / self.config.count)

    def receive(self, message: Message) -> None:
        """Take a message that is not about the queue itself."""
        key = self.node.key_of(message) or ""
        now = self.clock.monotonic()
        if not self._slots and self._lane.free_in(now) <= 0:
            self._lane.times.append(now)
            self.node.pass_on(message)
            return
        old = self._slots.get(key)
        if old is None:
            self.node.check_room()
        self._slots[key] = self.node.keeper.keep(message, key=key)
        if old is not None:
            self.node.keeper.drop(old, "superseded")
        self._arm(now)

    def restore(self, kept: list[Kept]) -> None:
        """Take what an earlier run left."""
        for one in kept:
            old = self._slots.get(one.key)
            self._slots[one.key] = one
            if old is not None:
                self.node.keeper.drop(old, "superseded")
        self._arm(self.clock.monotonic())

    def take(self, key: str | None = None, most: int | None = None) -> list[Kept]:
        """Remove what waits and return it."""
        taken = list(islice((kept for kept in self._slots.values() if key is None or kept.key == key), most))
        for kept in taken:
            del self._slots[kept.key]
        return taken

    def stop(self) -> None:
        """Cancel all timers."""
        if self._lane.timer is not None:
            self._lane.timer.cancel()

    def _arm(self, now: float) -> None:
        if self._lane.timer is None and self._slots:
            self._lane.timer = self.clock.call_later(max(self._lane.free_in(now), 0), self._due)

    def _due(self) -> None:
        self._lane.timer = None
        now = self.clock.monotonic()
        self._lane.times.append(now)
        for kept in self.take(most=None if self.config.release == "all" else 1):
            self.node.leave(kept)
        self._arm(now)


def duration_of(path: Path, message: Message, default: float) -> float:
    """Return the length of time that a message says, nothing for a negative one, or a default.

    Raises:
        NodeError: What it says is no length of time.
    """
    value = path.first(message.fields, None)
    if value is None:
        return default
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0:
        return 0.0
    try:
        return parse_duration(value)
    except ValueError as error:
        raise NodeError(f"{path.text}: {error}", code="bad-duration") from error
