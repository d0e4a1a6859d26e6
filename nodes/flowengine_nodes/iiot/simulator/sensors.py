"""Sensors that fail: a value sticks, jumps, is missing, or comes as text."""

from typing import Any

from flowengine_nodes.iiot.simulator.behaviour import Dice
from flowengine_nodes.iiot.simulator.machines import Machine

# How long a sensor fails, in readings.
LONGEST = 20

_KINDS = ("stuck", "spike", "missing", "text", "null")


class Sensors:
    """Read a machine through sensors of which one may fail now and then.

    Args:
        machine: What is measured.
        dice: Decides when.
        faults: Share of readings in which a failure begins.

    Attributes:
        failures: How many failures have begun.
    """

    def __init__(self, machine: Machine, dice: Dice, faults: float) -> None:
        self._machine = machine
        self._dice = dice
        self._faults = faults
        self._kind = ""
        self._channel = ""
        self._left = 0
        self._last: dict[str, float] = {}
        self.failures = 0

    def read(self) -> dict[str, Any]:
        """Return the next reading as the sensors have it."""
        true = self._machine.read()
        if self._left == 0 and self._dice.happens(self._faults):
            self._kind = _KINDS[self._dice.choice(len(_KINDS))]
            self._channel = list(true)[self._dice.choice(len(true))]
            self._left = 1 + self._dice.choice(LONGEST)
            self.failures += 1
        shown: dict[str, Any] = dict(true)
        if self._left:
            self._left -= 1
            self._spoil(shown)
        self._last = true
        return shown

    def _spoil(self, shown: dict[str, Any]) -> None:
        value = shown[self._channel]
        match self._kind:
            case "stuck":
                shown[self._channel] = self._last.get(self._channel, value)
            case "spike":
                shown[self._channel] = value * 10
            case "missing":
                del shown[self._channel]
            case "text":
                shown[self._channel] = str(value)
            case _:
                shown[self._channel] = None
