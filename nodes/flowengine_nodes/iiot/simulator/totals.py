"""What a fleet of simulated devices has done."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Totals:
    """Counts of all devices together.

    Attributes:
        devices: How many there are.
        connected: How many have a connection now.
        reached: How many have had a connection.
        disconnects: Connections that were lost or refused.
        paired: Devices that got their configuration.
        pairing_refused: Answers that refused to pair, by code.
        readings: Readings that were taken.
        withheld: Readings that were never sent, on purpose.
        sent: Messages of telemetry, each reading counted once.
        acknowledged: Those that the broker has acknowledged.
        repeated: Messages that were sent a second time, on purpose.
        garbage: Messages that make no sense, sent on purpose.
        sensor_faults: Times that a sensor began to fail.
        commands: Commands that were carried out, each counted once.
        repeated_commands: Times that a command came again.
        unanswered_commands: Commands that were not answered, on purpose.
        updates: Updates by how they ended, or stand after the last attempt.
        power_losses: Times that the power went in the middle of an update, on purpose.
        last_error: Why a connection was lost or refused, the last time.
    """

    devices: int = 0
    connected: int = 0
    reached: int = 0
    disconnects: int = 0
    paired: int = 0
    pairing_refused: Counter[str] = field(default_factory=Counter)
    readings: int = 0
    withheld: int = 0
    sent: int = 0
    acknowledged: int = 0
    repeated: int = 0
    garbage: int = 0
    sensor_faults: int = 0
    commands: int = 0
    repeated_commands: int = 0
    unanswered_commands: int = 0
    updates: Counter[str] = field(default_factory=Counter)
    power_losses: int = 0
    last_error: str = ""

    def line(self) -> str:
        """Return what matters while devices run, on one line."""
        parts = [
            f"connected {self.connected:,} of {self.devices:,}",
            f"paired {self.paired:,}" if self.paired or self.pairing_refused else "",
            f"sent {self.sent:,}",
            f"acknowledged {self.acknowledged:,}",
            f"commands {self.commands:,}" if self.commands else "",
            "updates " + ", ".join(f"{state} {count:,}" for state, count in sorted(self.updates.items()))
            if self.updates
            else "",
            f"disconnects {self.disconnects:,}" if self.disconnects else "",
            f"({self.last_error})" if self.last_error and not self.connected else "",
        ]
        return "  ".join(part for part in parts if part)

    def facts(self) -> dict[str, Any]:
        """Return all counts, for programs."""
        return asdict(self)
