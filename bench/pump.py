"""The pump that sends a run's messages: at a fixed rate, or as fast as its windows let it."""

import asyncio
from collections.abc import Callable
from time import monotonic_ns
from typing import Any

from bench.tally import Tally
from bench.telemetry import Telemetry

BURST = 500


class Pump:
    """Send messages and follow them until they have come out of the flow.

    Args:
        write: Sends bytes to the connection.
        telemetry: Makes the packets.
        receive_maximum: QoS 1 messages that may be unacknowledged (MQTT 5.0 §3.3.4).
    """

    def __init__(self, write: Callable[[bytes], None], telemetry: Telemetry, receive_maximum: int = 65_535) -> None:
        self._write = write
        self._telemetry = telemetry
        self._receive_maximum = receive_maximum
        self._next = 1
        self._sent = 0
        self._unacknowledged = 0
        self._window = 0
        self._tally: Tally | None = None
        self._progress = asyncio.Event()

    def arrived(self, payloads: list[bytes]) -> None:
        """Note what came out of the flow, and send what the window now lets through."""
        if self._tally is not None:
            self._tally.add(payloads)
            if self._window:
                self._fill(self._tally)
            if self._tally.received >= self._tally.count:
                self._progress.set()

    def acknowledged(self, count: int) -> None:
        self._unacknowledged -= count
        if self._tally is not None and self._window:
            self._fill(self._tally)

    async def run(
        self, *, count: int, window: int, rate: float | None = None, check: str | None, patience: float
    ) -> dict[str, Any]:
        """Send `count` messages and wait until all have come out.

        Args:
            count: Number of messages.
            window: Messages that may be between sending and coming out; unused with a rate.
            rate: Messages a second, sent whatever comes out; None sends as fast as the window lets.
            check: What the flow must make of a message; see `Telemetry.expected`.
            patience: Seconds without any output after which what is missing counts as lost.
        """
        tally = self._tally = Tally(first=self._next, count=count)
        self._next += count
        self._sent = 0
        self._progress.clear()
        if rate is None:
            self._window = window
            self._fill(tally)
        else:
            await self._paced(tally, rate)
        await self._finished(tally, patience)
        self._window, self._tally = 0, None
        return tally.result(self._telemetry, check)

    async def probe(self, *, seconds: float) -> dict[str, Any]:
        """Send a message every 10 ms until one comes out; says when that was."""
        tally = self._tally = Tally(first=self._next, count=1_000_000)
        self._next += 1_000_000
        self._sent = 0
        end = monotonic_ns() + int(seconds * 1e9)
        while not tally.received and monotonic_ns() < end:
            self._send(tally, 1)
            await asyncio.sleep(0.01)
        if tally.received:
            # What is still on its way must not fall into the next run.
            await asyncio.sleep(0.3)
        self._tally = None
        return tally.result(self._telemetry, None)

    def _fill(self, tally: Tally) -> None:
        room = self._window - (self._sent - tally.received)
        if self._telemetry.qos:
            room = min(room, self._receive_maximum - self._unacknowledged)
        while (count := min(room, BURST, tally.count - self._sent)) > 0:
            self._send(tally, count)
            room -= count

    def _send(self, tally: Tally, count: int) -> None:
        now, first, packet = monotonic_ns(), tally.first + self._sent, self._telemetry.packet
        self._write(b"".join([packet(number, now) for number in range(first, first + count)]))
        self._sent += count
        if self._telemetry.qos:
            self._unacknowledged += count

    async def _paced(self, tally: Tally, rate: float) -> None:
        while self._sent < tally.count:
            due = int((monotonic_ns() - tally.began) * rate / 1e9) + 1 - self._sent
            for _ in range(min(due, tally.count - self._sent)):
                self._send(tally, 1)
            await asyncio.sleep(0.0005)

    async def _finished(self, tally: Tally, patience: float) -> None:
        while tally.received < tally.count or tally.unique() < tally.count:
            before = tally.received
            self._progress.clear()
            try:
                await asyncio.wait_for(self._progress.wait(), patience)
            except TimeoutError:
                if tally.received == before:
                    return
