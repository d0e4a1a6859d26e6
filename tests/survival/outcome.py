"""What must be true after any fault."""

import time

from tests.survival.arrivals import Arrivals
from tests.survival.books import Books
from tests.survival.engine_process import EngineProcess
from tests.survival.load import Load

REST_SECONDS = 45.0


async def all_arrived(load: Load, arrivals: Arrivals, engine: EngineProcess, seconds: float = REST_SECONDS) -> None:
    """Wait until all that the broker accepted has arrived; each device's messages first came in their order."""
    await arrivals.until(lambda: not arrivals.missing(load.accepted), seconds)
    missing = arrivals.missing(load.accepted)
    count = sum(len(numbers) for numbers in missing.values())
    some = {device: numbers[:5] for device, numbers in missing.items()}
    assert not missing, f"{count} of {load.count} have not arrived: {some}\n{engine.tail()}"
    assert not arrivals.disordered, f"out of order: {arrivals.disordered[:5]}"


async def drained(engine: EngineProcess, seconds: float = REST_SECONDS) -> Books:
    """Wait until nothing is in flight and the outbox is empty, and return the figures."""
    deadline = time.monotonic() + seconds
    while True:
        books = await engine.books()
        left = {name: books.sum(name) for name in ("in_flight", "outbox_pending", "stage_waiting")}
        if not any(left.values()):
            return books
        assert time.monotonic() < deadline, f"left: {left}\n{engine.tail()}"
