"""How a stage works on its messages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Choose the queue, the workers and the order of a stage.

    Args:
        workers: Messages worked on at a time.
        queue: Messages that may wait before the sources are told to pause.
        order: JSONPath of the key whose messages stay in order; empty for none.
        outbox: Whether messages wait in the store instead of in memory.
        batch: Most messages handed over in one call.
        linger: Seconds to wait for a batch to fill.
    """

    workers: int = 8
    queue: int = 1000
    order: str = "$.topic"
    outbox: bool = False
    batch: int = 100
    linger: float = 0.0
