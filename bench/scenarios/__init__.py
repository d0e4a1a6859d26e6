"""What is measured, in the order of the report."""

from bench.scenarios.chain import Chain
from bench.scenarios.http import HttpLeg
from bench.scenarios.idle import Idle
from bench.scenarios.large import Large
from bench.scenarios.latency import Latency
from bench.scenarios.messages import Messages
from bench.scenarios.outbox import Outbox
from bench.scenarios.pairing import Pairing
from bench.scenarios.rules import Rules
from bench.scenarios.scenario import Scenario
from bench.scenarios.start import Start
from bench.scenarios.topics import Topics

SCENARIOS: tuple[Scenario, ...] = (
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
)

OURS_ALONE = frozenset({Pairing.name})
"""Scenarios that no peer can be measured in."""

__all__ = ["OURS_ALONE", "SCENARIOS", "Scenario"]
