"""Simulated devices: they publish telemetry over MQTT as real ones would, and count what was acknowledged."""

import asyncio
import itertools
import socket
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self

import aiomqtt
import orjson

from flowengine.node import Clock, SystemClock
from flowengine_nodes.iiot.simulator.machines import KINDS, Machine

RECONNECT_SECONDS = 1.0
PUBACK_SECONDS = 10.0
STOP_SECONDS = 5.0


class DeviceTotals(NamedTuple):
    """What the devices have done so far.

    Attributes:
        devices: How many there are.
        sent: Messages sent, each counted once however often it was repeated.
        acknowledged: Those that the broker has acknowledged.
        repeated: Times that a message was sent again after a lost connection: duplicates may come of it.
        disconnects: Connections that were lost or refused.
    """

    devices: int
    sent: int
    acknowledged: int
    repeated: int
    disconnects: int


class Device:
    """One device: its machine, its numbering and the one message that it still has to get through.

    Args:
        name: Its id, part of the topic.
        machine: Where its readings come from.
    """

    def __init__(self, name: str, machine: Machine) -> None:
        self.name = name
        self.sent = 0
        self.acknowledged = 0
        self.repeated = 0
        self.disconnects = 0
        self.waiting: bytes | None = None
        self._machine = machine

    def next_message(self, now: float) -> bytes:
        """Return the message to send: the unacknowledged one again, else a new one.

        Args:
            now: Seconds since 1970-01-01 UTC.
        """
        if self.waiting is not None:
            self.repeated += 1
            return self.waiting
        self.sent += 1
        self.waiting = orjson.dumps(
            {
                "device": self.name,
                "sequence": self.sent,
                "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
                **self._machine.read(),
            }
        )
        return self.waiting

    def confirm(self) -> None:
        """Note that the broker has acknowledged the message."""
        self.acknowledged += 1
        self.waiting = None


class SimulatedDevices:
    """Run devices from entry to exit of an ``async with``; each has a connection of its own.

    A device numbers its messages 1, 2, 3, … in ``sequence`` and sends the next only when the broker has
    acknowledged the last, which it repeats after a lost connection until then.

    Args:
        host: The broker's address.
        port: The broker's port for MQTT 5.
        count: How many devices; they are boilers, chillers, presses and meters in turn.
        interval: Seconds from one message of a device to its next.
        seed: The same seed gives the same readings.
        topic: Where they publish; ``{device}`` stands for the device's id.
        clock: What tells the time and waits.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        count: int = 20,
        interval: float = 1.0,
        seed: int = 1,
        topic: str = "telemetry/{device}/data",
        clock: Clock | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._interval = interval
        self._topic = topic
        self._clock = clock or SystemClock()
        self._stopping = asyncio.Event()
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []
        self.devices: list[Device] = []
        for number, kind in zip(range(count), itertools.cycle(KINDS), strict=False):
            name = f"{kind}-{number // len(KINDS) + 1:02d}"
            self.devices.append(Device(name, Machine(kind, f"{seed}/{name}", interval=interval)))

    @property
    def totals(self) -> DeviceTotals:
        """What the devices have done so far."""
        return DeviceTotals(
            devices=len(self.devices),
            sent=sum(device.sent for device in self.devices),
            acknowledged=sum(device.acknowledged for device in self.devices),
            repeated=sum(device.repeated for device in self.devices),
            disconnects=sum(device.disconnects for device in self.devices),
        )

    async def stop(self) -> DeviceTotals:
        """Send nothing new, wait a moment for the last acknowledgements, and return the totals."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
        return self.totals

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        for number, device in enumerate(self.devices):
            # Spread over the interval, so that the load is even.
            start = self._interval * number / len(self.devices)
            run = self._run(device, start)
            self._tasks.append(self._group.create_task(run, name=f"simulated device {device.name}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self.stop()
        await self._group.__aexit__(kind, error, trace)

    async def _run(self, device: Device, start: float) -> None:
        await self._pause(start)
        while not self._stopping.is_set():
            client = aiomqtt.Client(
                self._host,
                self._port,
                identifier=f"simulated-{device.name}",
                protocol=aiomqtt.ProtocolVersion.V5,
                timeout=PUBACK_SECONDS,
                # Without it a sender waits some 40 ms for each acknowledgement.
                socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            )
            try:
                async with client, asyncio.TaskGroup() as group:
                    watching = group.create_task(_raise_when_lost(client))
                    await self._publish(device, client)
                    watching.cancel()
            except* aiomqtt.MqttError:
                device.disconnects += 1
                await self._pause(RECONNECT_SECONDS)

    async def _publish(self, device: Device, client: aiomqtt.Client) -> None:
        topic = self._topic.format(device=device.name)
        due = self._clock.monotonic()
        while not self._stopping.is_set():
            # No MQTT 5 properties: some brokers cannot pass them on to a client of MQTT 3.1.1.
            await client.publish(topic, device.next_message(self._clock.time()), qos=1)
            device.confirm()
            now = self._clock.monotonic()
            due = max(due + self._interval, now)
            await self._pause(due - now)

    async def _pause(self, seconds: float) -> None:
        """Wait for so long, or until the devices stop."""
        stopping = asyncio.ensure_future(self._stopping.wait())
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((stopping, sleeping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            sleeping.cancel()


async def _raise_when_lost(client: aiomqtt.Client) -> None:
    """Raise aiomqtt.MqttError as soon as the connection is lost; a publish would first wait in vain."""
    async for _ in client.messages:
        pass
