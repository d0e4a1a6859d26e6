"""What is measured, in the order of the report."""

from bench.scenarios.chain import Chain
from bench.scenarios.devices import Devices
from bench.scenarios.http import HttpLeg
from bench.scenarios.idle import Idle
from bench.scenarios.large import Large
from bench.scenarios.latency import Latency
from bench.scenarios.messages import Messages
from bench.scenarios.odoo import OdooBacklog, OdooTelemetry
from bench.scenarios.outbox import Outbox
from bench.scenarios.pairing import Pairing
from bench.scenarios.rollout import Rollout
from bench.scenarios.rules import Rules
from bench.scenarios.scenario import Scenario
from bench.scenarios.start import Start
from bench.scenarios.topics import Topics

DEVICE_SECONDS = 60.0
"""How long 10,000 devices send, if nothing else is said."""


def scenarios(device_seconds: float = DEVICE_SECONDS) -> tuple[Scenario, ...]:
    """Return all scenarios.

    Args:
        device_seconds: How long 10,000 devices send.
    """
    return (
        Messages(qos=0, alone=False),
        Messages(qos=1, alone=False),
        Messages(qos=0, alone=True),
        Messages(qos=1, alone=True),
        HttpLeg(),
        Latency(qos=0),
        Latency(qos=1),
        Outbox(alone=False),
        Outbox(alone=True),
        Rules(outbox=False),
        Rules(outbox=True),
        Rules(outbox=True, alone=True),
        Idle(),
        Start(),
        Large(),
        Topics(),
        Chain(),
        Pairing(),
        Devices(device_seconds),
        Rollout(),
        OdooTelemetry(addon=False),
        OdooTelemetry(addon=True),
        OdooBacklog(),
    )


_ODOO = frozenset({"odoo", "odoo-addon", "odoo-backlog"})
OURS_ALONE = frozenset({Pairing.name, Devices.name, Rollout.name}) | _ODOO
"""Scenarios that no peer can be measured in."""
ONCE = frozenset({Devices.name, Rollout.name}) | _ODOO
"""Scenarios that take minutes: they have one round."""

__all__ = ["DEVICE_SECONDS", "ONCE", "OURS_ALONE", "Scenario", "scenarios"]
