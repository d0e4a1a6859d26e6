"""Machines with made-up but believable readings: a daily swing, a slow drift, noise."""

import math
import random
from typing import NamedTuple

# How much of its way back to the mean a drift goes at each reading.
_PULL = 0.01


class Quantity(NamedTuple):
    """One measured value.

    Attributes:
        name: Its key in the telemetry, unit last.
        mean: What it lies around.
        swing: How far it swings around the mean, slowly.
        drift: Standard deviation of its random walk, for each reading.
        noise: Standard deviation of the sensor's noise.
        digits: Decimal places that the sensor reports.
    """

    name: str
    mean: float
    swing: float
    drift: float
    noise: float
    digits: int


class Counter(NamedTuple):
    """A value that only grows.

    Attributes:
        name: Its key in the telemetry.
        rate: Name of the quantity that it sums up.
        per_second: How much it grows in a second for each unit of that quantity.
        digits: Decimal places reported.
    """

    name: str
    rate: str
    per_second: float
    digits: int


KINDS: dict[str, tuple[Quantity | Counter, ...]] = {
    "boiler": (
        Quantity("temperature_c", 82.0, 6.0, 0.05, 0.15, 1),
        Quantity("pressure_bar", 2.4, 0.2, 0.004, 0.01, 3),
        Quantity("flow_l_min", 140.0, 15.0, 0.4, 1.2, 1),
        Quantity("burner_percent", 55.0, 25.0, 0.5, 0.5, 0),
    ),
    "chiller": (
        Quantity("supply_c", 6.5, 0.4, 0.02, 0.05, 2),
        Quantity("return_c", 12.1, 0.9, 0.03, 0.05, 2),
        Quantity("power_kw", 38.0, 9.0, 0.2, 0.4, 2),
        Counter("energy_kwh", "power_kw", 1 / 3600, 3),
    ),
    "press": (
        Quantity("force_kn", 630.0, 8.0, 0.6, 2.5, 1),
        Quantity("vibration_mm_s", 2.8, 0.3, 0.02, 0.12, 2),
        Quantity("oil_c", 47.0, 3.0, 0.05, 0.1, 1),
        Quantity("strokes_min", 24.0, 2.0, 0.05, 0.1, 1),
        Counter("strokes", "strokes_min", 1 / 60, 0),
    ),
    "meter": (
        Quantity("voltage_v", 230.5, 1.5, 0.05, 0.2, 1),
        Quantity("current_a", 64.0, 18.0, 0.4, 0.6, 2),
        Quantity("frequency_hz", 50.0, 0.0, 0.001, 0.004, 3),
        Quantity("power_kw", 14.0, 4.0, 0.1, 0.15, 3),
        Counter("energy_kwh", "power_kw", 1 / 3600, 4),
    ),
}


class Machine:
    """One machine; the same kind and seed give the same readings.

    Args:
        kind: A key of ``KINDS``.
        seed: What its chance starts from.
        interval: Seconds from one reading to the next.
        day: Seconds of one full swing.
    """

    def __init__(self, kind: str, seed: str, *, interval: float, day: float = 600.0) -> None:
        self._channels = KINDS[kind]
        self._chance = random.Random(seed)  # noqa: S311 - readings, not secrets
        self._interval = interval
        self._turn = 2 * math.pi * interval / day
        self._phase = self._chance.uniform(0, 2 * math.pi)
        # Of a quantity how far it has drifted, of a counter how far it has come.
        self._state = dict.fromkeys((channel.name for channel in self._channels), 0.0)

    def read(self) -> dict[str, float]:
        """Return the next reading: each value by its name."""
        self._phase += self._turn
        reading: dict[str, float] = {}
        for channel in self._channels:
            if isinstance(channel, Counter):
                self._state[channel.name] += reading[channel.rate] * channel.per_second * self._interval
                reading[channel.name] = round(self._state[channel.name], channel.digits)
            else:
                reading[channel.name] = self._measure(channel)
        return reading

    def _measure(self, quantity: Quantity) -> float:
        walked = self._state[quantity.name] * (1 - _PULL) + self._chance.gauss(0, quantity.drift)
        self._state[quantity.name] = walked
        true = quantity.mean + quantity.swing * math.sin(self._phase) + walked
        return round(true + self._chance.gauss(0, quantity.noise), quantity.digits)
