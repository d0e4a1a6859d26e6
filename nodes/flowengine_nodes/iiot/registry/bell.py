"""Waking those in this process who wait for a change."""

import asyncio


class Bell:
    """Tell those who wait that something has changed in this process."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """The event that the next change sets: take it before looking, so that no change is missed."""
        return self._next

    def ring(self) -> None:
        """Tell them."""
        self._next.set()
        self._next = asyncio.Event()
