"""Many simulated devices in one process."""

import asyncio
import heapq
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from flowengine.node import Clock, SystemClock
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.configuration import Configuration
from flowengine_nodes.iiot.simulator.device import SimulatedDevice
from flowengine_nodes.iiot.simulator.downloads import Downloads
from flowengine_nodes.iiot.simulator.pairing import Applicant, Pairing
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.iiot.simulator.totals import Totals

STOP_SECONDS = 10.0
LOOK_AGAIN = 0.05
# Devices that try to connect for the first time at a time: a broker's queue of new connections is not long, and what
# does not get into it waits for seconds.
NEWCOMERS = 80
# Devices that say goodbye at a time.
PORTION = 500


class Fleet:
    """Run devices from entry to exit of an ``async with``; each has a connection of its own.

    Args:
        applicants: Who they are; one with a token pairs first.
        site: Where they are.
        behaviour: What goes wrong.
        ramp: Devices that start in a second, at most.
        storm: Seconds from one moment at which all lose their connections to the next; 0 for never.
        clock: What tells the time and waits.

    Attributes:
        totals: What they have done so far.
    """

    def __init__(
        self,
        applicants: Sequence[Applicant],
        site: Site,
        behaviour: Behaviour | None = None,
        *,
        ramp: float = 500.0,
        storm: float = 0.0,
        clock: Clock | None = None,
    ) -> None:
        self.totals = Totals(devices=len(applicants))
        self._applicants = applicants
        self._site = site
        self._behaviour = behaviour or Behaviour()
        self._ramp = ramp
        self._storm = storm
        self._clock = clock or SystemClock()
        self._downloads = Downloads()
        self._devices: list[SimulatedDevice] = []
        self._pairings: set[Pairing] = set()
        self._due: list[tuple[float, int]] = []
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def devices(self) -> Sequence[SimulatedDevice]:
        """The devices that have their configuration."""
        return self._devices

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._tasks.append(self._group.create_task(self._start_all(), name="start of simulated devices"))
        self._tasks.append(self._group.create_task(self._measure(), name="readings of simulated devices"))
        if self._storm:
            self._tasks.append(self._group.create_task(self._storms(), name="reconnect storms"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        await self._group.__aexit__(kind, error, trace)

    async def stop(self) -> Totals:
        """Take no more readings, wait a moment for the last acknowledgements, and return the totals."""
        for task in self._tasks:
            task.cancel()
        for device in self._devices:
            device.finish()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while not all(device.is_idle for device in self._devices):
                    await self._clock.sleep(LOOK_AGAIN)
        leaving: list[Pairing | SimulatedDevice] = [*self._pairings, *self._devices]
        self._pairings.clear()
        self._devices = []
        for at in range(0, len(leaving), PORTION):
            await asyncio.gather(*(one.stop() for one in leaving[at : at + PORTION]))
        await self._downloads.close()
        return self.totals

    async def _start_all(self) -> None:
        began = self._clock.monotonic()
        newcomers: list[Pairing | SimulatedDevice] = []
        for number, applicant in enumerate(self._applicants):
            wait = began + number / self._ramp - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            while len(newcomers) >= NEWCOMERS:
                newcomers = [one for one in newcomers if not one.was_connected]
                if len(newcomers) >= NEWCOMERS:
                    await self._clock.sleep(LOOK_AGAIN)
            if applicant.token:
                newcomers.append(self._pair(applicant))
            else:
                newcomers.append(self._add(applicant, Configuration.plain(applicant.serial)))

    def _pair(self, applicant: Applicant) -> Pairing:
        def paired(configuration: Configuration) -> None:
            self._pairings.discard(pairing)
            self._group.create_task(pairing.stop(), name=f"farewell of {applicant.serial}")
            self._add(applicant, configuration)

        pairing = Pairing(applicant, self._site, self.totals, self._clock, paired)
        self._pairings.add(pairing)
        pairing.start()
        return pairing

    def _add(self, applicant: Applicant, configuration: Configuration) -> SimulatedDevice:
        device = SimulatedDevice(
            configuration,
            applicant.kind,
            applicant.firmware,
            self._site,
            self._behaviour,
            self.totals,
            self._clock,
            self._downloads,
        )
        number = len(self._devices)
        self._devices.append(device)
        heapq.heappush(self._due, (self._clock.monotonic() + self._spread(number), number))
        device.start()
        return device

    def _spread(self, number: int) -> float:
        # Even over the interval, whatever the number of devices: the golden ratio leaves no clusters.
        return (number * 0.6180339887498949) % 1.0 * self._site.interval

    async def _measure(self) -> None:
        interval, clock, due = self._site.interval, self._clock, self._due
        while True:
            now = clock.monotonic()
            while due and due[0][0] <= now:
                at, number = due[0]
                self._devices[number].measure()
                # One that is late does not make up for it: a device measures now, not in the past.
                heapq.heapreplace(due, (max(at + interval, now), number))
            await clock.sleep(min(due[0][0] - now, LOOK_AGAIN) if due else LOOK_AGAIN)

    async def _storms(self) -> None:
        while True:
            await self._clock.sleep(self._storm)
            for device in self._devices:
                device.break_off()
