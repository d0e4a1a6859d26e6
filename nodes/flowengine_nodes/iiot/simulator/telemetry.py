"""What a simulated device measures, on its way to the broker."""

from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from flowengine.node import Clock
from flowengine_nodes.iiot.simulator.behaviour import Behaviour, Dice
from flowengine_nodes.iiot.simulator.sensors import Sensors
from flowengine_nodes.iiot.simulator.totals import Totals
from flowengine_nodes.network.mqtt.errors import MqttError

Publish = Callable[[bytes, Callable[[MqttError | None], None]], None]


class Telemetry:
    """Number readings 1, 2, 3, … in ``sequence`` and send them, with what goes wrong on purpose.

    Args:
        device: The device's id.
        sensors: What is read.
        behaviour: What goes wrong.
        dice: Decides when.
        totals: Where it is counted.
        clock: The true time.
        publish: Sends one payload.
    """

    def __init__(
        self,
        device: str,
        sensors: Sensors,
        behaviour: Behaviour,
        dice: Dice,
        totals: Totals,
        clock: Clock,
        publish: Publish,
    ) -> None:
        self._device = device
        self._sensors = sensors
        self._behaviour = behaviour
        self._dice = dice
        self._totals = totals
        self._clock = clock
        self._publish = publish
        self._clock_error = dice.between(-behaviour.clock_drift, behaviour.clock_drift)
        self._held: bytes | None = None
        self.sequence = 0

    def measure(self) -> None:
        """Take a reading and send it."""
        behaviour, dice, totals = self._behaviour, self._dice, self._totals
        before = self._sensors.failures
        values = self._sensors.read()
        totals.sensor_faults += self._sensors.failures - before
        totals.readings += 1
        if dice.happens(behaviour.drop):
            totals.withheld += 1
            return
        payload = self._written(values)
        if self._held is None and dice.happens(behaviour.reorder):
            self._held = payload
            return
        self._send(payload)
        self.flush()

    def flush(self) -> None:
        """Send what was held to come out of order."""
        held, self._held = self._held, None
        if held is not None:
            self._send(held)

    def _written(self, values: dict[str, object]) -> bytes:
        self.sequence += 1
        time = datetime.fromtimestamp(self._clock.time() + self._clock_error, UTC)
        stamp = time.isoformat(timespec="milliseconds")
        return orjson.dumps({"device": self._device, "sequence": self.sequence, "time": stamp, **values})

    def _send(self, payload: bytes) -> None:
        behaviour, dice, totals = self._behaviour, self._dice, self._totals
        totals.sent += 1
        self._publish(payload, self._acknowledged)
        if dice.happens(behaviour.duplicate):
            totals.repeated += 1
            self._publish(payload, _nothing)
        if dice.happens(behaviour.garbage):
            totals.garbage += 1
            self._publish(dice.noise(), _nothing)

    def _acknowledged(self, error: MqttError | None) -> None:
        if error is None:
            self._totals.acknowledged += 1


def _nothing(error: MqttError | None) -> None:
    """Ask for nothing: what is sent beside the readings is not counted."""
