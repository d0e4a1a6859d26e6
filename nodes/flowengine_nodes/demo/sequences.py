"""Which of the numbers 1, 2, 3, … have been seen."""


class Sequences:
    """Remember numbers from 1 upwards, at a cost that depends on the gaps only."""

    def __init__(self) -> None:
        self._unbroken = 0
        self._beyond: set[int] = set()

    def __len__(self) -> int:
        return self._unbroken + len(self._beyond)

    def __contains__(self, number: int) -> bool:
        return 1 <= number <= self._unbroken or number in self._beyond

    @property
    def highest(self) -> int:
        """The highest number seen, 0 for none."""
        return max(self._beyond, default=self._unbroken)

    def add(self, number: int) -> bool:
        """Remember a number; return whether it is new.

        Raises:
            ValueError: The number is less than 1.
        """
        if number < 1:
            raise ValueError(f"sequence numbers start at 1, not at {number}")
        if number in self:
            return False
        self._beyond.add(number)
        while self._unbroken + 1 in self._beyond:
            self._unbroken += 1
            self._beyond.remove(self._unbroken)
        return True

    def missing(self, last: int) -> list[int]:
        """Return the numbers from 1 to ``last`` that have not been seen, in order."""
        return [number for number in range(self._unbroken + 1, last + 1) if number not in self._beyond]
