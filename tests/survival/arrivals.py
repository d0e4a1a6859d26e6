"""What has arrived at the end of a flow: which messages, in which order, and how often."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping


class Arrivals:
    """Count numbered messages of devices.

    Attributes:
        numbers: The numbers that arrived, by device, in the order in which each came first.
        duplicates: Arrivals of a number that had arrived before.
        disordered: First arrivals of a number smaller than one that had arrived before, with that one.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, dict[int, None]] = {}
        self.duplicates: Counter[str] = Counter()
        self.disordered: list[tuple[str, int, int]] = []
        self._highest: dict[str, int] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        """Return how many different messages have arrived."""
        return sum(len(numbers) for numbers in self.numbers.values())

    @property
    def repeated(self) -> int:
        return self.duplicates.total()

    def add(self, device: str, number: int) -> None:
        numbers = self.numbers.setdefault(device, {})
        if number in numbers:
            self.duplicates[device] += 1
        else:
            highest = self._highest.get(device, 0)
            if number < highest:
                self.disordered.append((device, number, highest))
            self._highest[device] = max(highest, number)
            numbers[number] = None
        self._news.set()

    def missing(self, accepted: Mapping[str, set[int]]) -> dict[str, list[int]]:
        """Return the accepted messages that have not arrived."""
        found = {device: sorted(numbers - self.numbers.get(device, {}).keys()) for device, numbers in accepted.items()}
        return {device: numbers for device, numbers in found.items() if numbers}

    async def until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is true of what has arrived.

        Returns:
            Whether it became true in time.
        """
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return reached()
        return True
