"""An engine that dies at a chosen point, to walk through all of them."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.survival.engine_process import EngineProcess
from tests.survival.fault_points import VARIABLE, kind_of

MODULE = "tests.survival.fault_points"
ALL = "SOAK_ROUNDS" in os.environ


class Victim:
    """An engine, and the file that tells it where to die.

    Args:
        directory: For that file.
        new_engine: Makes engines, as the fixture of this name does.
        sparse: Whether it walks through the first point of each kind only.
        options: More arguments for it; a nursery makes starting cheap.

    Attributes:
        engine: The engine.
    """

    def __init__(
        self, directory: Path, new_engine: Callable[..., EngineProcess], *, sparse: bool = False, **options: Any
    ) -> None:
        self._sparse = sparse
        self._file = directory / "fault-points"
        env = {**options.pop("env", {}), VARIABLE: str(self._file)}
        self.engine = new_engine(env=env, patch=MODULE, **options)

    @property
    def passed(self) -> list[str]:
        """The points it has passed since it was armed, the one it died at last."""
        passed = self._file.with_suffix(".passed")
        return passed.read_text().splitlines() if passed.exists() else []

    def arm(self, where: str = "") -> None:
        """Let it die at a point, counted from now on; or let it only write down where it is.

        Args:
            where: As :class:`FaultPoints` takes it.
        """
        self._file.with_suffix(".passed").unlink(missing_ok=True)
        # Whole or not at all: it is read at any moment.
        half = self._file.with_suffix(".half")
        half.write_text(where)
        half.rename(self._file)

    def disarm(self) -> None:
        """Let it live."""
        self._file.unlink(missing_ok=True)

    async def walk(self, scenario: Callable[[int], Awaitable[None]]) -> AsyncIterator[tuple[int, list[str]]]:
        """Go through a scenario once alive, then again and again, dying at another of its points each time.

        Of the points of one kind it is the first and the last, or the first only; in a soak it is every one. What goes
        on beside the scenario may keep it from a point; then it lives. Whenever it has died it is started anew at once,
        while the scenario goes on.

        Args:
            scenario: Takes the number of the run, from 1; returns when all is as it should be in the end.

        Yields:
            The number of each run in which it died, and the points that were passed up to the death.
        """
        assert not await self._run(scenario, 1, "")
        counts = Counter(map(kind_of, self.passed))
        places = (
            f"{number} {kind}"
            for kind, count in counts.items()
            for number in range(1, count + 1)
            if ALL or number in ({1} if self._sparse else {1, count})
        )
        for run, place in enumerate(places, 2):
            if await self._run(scenario, run, place):
                yield run, self.passed

    async def _run(self, scenario: Callable[[int], Awaitable[None]], run: int, place: str) -> bool:
        """Go through a scenario once; return whether it died."""
        self.arm(place)
        raising = asyncio.create_task(self._raise_again())
        try:
            await scenario(run)
            self.disarm()
            # The scenario may be over before the point is: what answers now is past it, or has been started anew.
            await self.engine.wait_ready("/health")
        finally:
            self.disarm()
            if not self.engine.is_alive:
                # It died when all was done, or nearly so: nobody else may be left to wait for it.
                await asyncio.wait([raising])
            died = raising.done()
            raising.cancel()
            await asyncio.gather(raising, return_exceptions=True)
        if died:
            raising.result()
        return died

    async def _raise_again(self) -> None:
        while self.engine.is_alive:  # noqa: ASYNC110 - a process tells nobody that it has died
            await asyncio.sleep(0.01)
        self.disarm()
        await self.engine.wait()
        await self.engine.start(ready=False)
