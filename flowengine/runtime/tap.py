"""A look at what leaves a port, while somebody watches: a few messages a second, whatever passes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from flowengine.message import Message, excerpt
from flowengine.node import Clock, Output
from flowengine.runtime.flow import RunningFlow
from flowengine.runtime.hub import Event

PER_SECOND: Final = 5
SIZE: Final = 4_000
"""Most characters shown of a message."""


class TapPlace(NamedTuple):
    """A port of a node that runs.

    Args:
        flow: Id of the flow.
        node: Id of the node.
        port: Name of the port.
    """

    flow: str
    node: str
    port: str


class Taps:
    """Watch ports.

    A tap stands in a port's way until it has seen what it may in this second; then the port is as if nobody looked. A
    port that nobody watches is never touched.

    Args:
        flows: The flows that run.
        clock: Counts the seconds.
    """

    def __init__(self, flows: Mapping[str, RunningFlow], clock: Clock) -> None:
        self._flows = flows
        self._clock = clock
        self._taps: dict[TapPlace, _Tap] = {}

    @contextmanager
    def watch(self, place: TapPlace, tell: Callable[[Event], object]) -> Iterator[None]:
        """Tell what leaves a port while the ``with`` lasts, as events of the kind ``tap``.

        The port need not be there: a flow may start later, and a deploy may replace the node.

        Args:
            place: The port.
            tell: Takes an event.
        """
        tap = self._taps.get(place)
        if tap is None:
            tap = self._taps[place] = _Tap(place, self._flows, self._clock)
        tap.tellers.append(tell)
        try:
            yield
        finally:
            tap.tellers.remove(tell)
            if not tap.tellers:
                del self._taps[place]
                tap.close()


class _Tap:
    """The tap on one port."""

    def __init__(self, place: TapPlace, flows: Mapping[str, RunningFlow], clock: Clock) -> None:
        self.tellers: list[Callable[[Event], object]] = []
        self._place = place
        self._flows = flows
        self._clock = clock
        self._left = 0
        self._port: Output | None = None
        self._onward: Callable[[Message], None] | None = None
        self._renew()

    def close(self) -> None:
        """Leave the port as it was."""
        self._timer.cancel()
        self._leave()

    def _renew(self) -> None:
        """Look at a few more messages, at the port as it is now: a deploy may have joined it anew."""
        self._timer = self._clock.call_later(1.0, self._renew)
        self._leave()
        flow = self._flows.get(self._place.flow)
        cell = flow.cells.get(self._place.node) if flow is not None else None
        port = cell.node.outputs.get(self._place.port) if cell is not None and cell.node is not None else None
        if port is not None:
            self._left = PER_SECOND
            self._port, self._onward = port, port.deliver
            port.deliver = self._look

    def _leave(self) -> None:
        # What a deploy has put in the tap's place stays.
        if self._port is not None and self._onward is not None and self._port.deliver == self._look:
            self._port.deliver = self._onward
        self._port = None

    def _look(self, message: Message) -> None:
        onward, port = self._onward, self._port
        assert onward is not None
        self._left -= 1
        if not self._left:
            self._leave()
        event = Event("tap", self._clock.time(), self._place.flow, self._place.node, self._facts(message, port))
        for tell in self.tellers:
            tell(event)
        onward(message)

    def _facts(self, message: Message, port: Output | None) -> dict[str, Any]:
        return {
            "port": self._place.port,
            "message_id": message.id,
            "sent": port.sent if port is not None else 0,
            "message": excerpt(message.fields, SIZE),
        }
