"""What has been written to Odoo, for ``/metrics``."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

from flowengine.node import NodeMetric

_DESCRIPTIONS: Final = {
    "records": "Records that Odoo has taken: each once in every call that had it.",
    "coalesced": "Values that were not sent, because a newer one of the same field was.",
    "calls": "Calls of Odoo.",
    "seconds": "Seconds that Odoo took to answer.",
    "conflicts": "Calls that Odoo gave up because others wrote to the same records.",
}


@dataclass(slots=True)
class Counts:
    """Count what one node has written."""

    records: int = 0
    coalesced: int = 0
    calls: int = 0
    seconds: float = 0.0
    conflicts: int = 0

    def metrics(self) -> Iterator[NodeMetric]:
        """Yield the figures."""
        for one in fields(self):
            yield NodeMetric(f"odoo_{one.name}", _DESCRIPTIONS[one.name], getattr(self, one.name), {})
