"""A message that a case gives to its flow, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowengine.message import Delivery, Outcome

OPEN: Final = "open"
_ENDS: Final = {Outcome.SETTLED: "acknowledged", Outcome.DROPPED: "dropped", Outcome.FAILED: "failed"}


@dataclass(slots=True, eq=False)
class GivenMessage:
    """A message that a case gives.

    Args:
        index: Number of the event that gives it.
        node: Node it comes from or goes into.
        port: Port it leaves by; empty where it goes into the node.
        fields: What the case says of it.

    Attributes:
        delivery: Its delivery; ``None`` while it waits outside because the flow is held back.
        process: Number of the process that has the delivery.
        is_repeated: Whether the outside gives it again until it is acknowledged.
    """

    index: int
    node: str
    port: str
    fields: Mapping[str, Any]
    delivery: Delivery | None = None
    process: int = 0
    is_repeated: bool = True

    @property
    def path(self) -> str:
        """Where the case gives it."""
        return f"given[{self.index}]"

    @property
    def end(self) -> str:
        """How it ended: ``open``, ``acknowledged``, ``failed`` or ``dropped``."""
        if self.delivery is None or self.delivery.pending:
            return OPEN
        return _ENDS[self.delivery.outcome]

    @property
    def reason(self) -> str:
        """Word code of why it failed or was dropped."""
        return self.delivery.reason if self.delivery is not None and not self.delivery.pending else ""

    @property
    def way(self) -> str:
        """The nodes it came to, as people read them."""
        trace = self.delivery.trace if self.delivery is not None else None
        nodes = dict.fromkeys(hop.node for hop in trace.hops) if trace is not None else ()
        return ", ".join(nodes) or "none"
