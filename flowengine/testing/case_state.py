"""A case while it runs, as its expectations look at it."""

from dataclasses import dataclass, field

from flowengine.runtime import RunningFlow
from flowengine.storage import Store
from flowengine.testing.given_message import GivenMessage
from flowengine.testing.http_exchange import Exchange
from flowengine.testing.outside import Outside
from flowengine.testing.record import Record


@dataclass(slots=True)
class CaseState:
    """What there is to look at.

    Attributes:
        flow: The running flow.
        store: Everything durable.
        outside: The outside world.
        record: What passed.
        given: The messages given, in order.
        names: Those that have a name.
        exchanges: HTTP requests by name.
        process: How often the engine has started.
    """

    flow: RunningFlow
    store: Store
    outside: Outside
    record: Record
    given: list[GivenMessage] = field(default_factory=list)
    names: dict[str, GivenMessage] = field(default_factory=dict)
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    process: int = 0
