"""Ids of events that have come before, over restarts too."""

from collections.abc import Sequence
from typing import Final

from flowengine.node import State

_PREFIX: Final = "seen:"


class SeenEvents:
    """Know events that came before.

    Args:
        state: Where ids are durable.
        keep: Seconds that an id is remembered.
        most: Most ids remembered; the oldest go first.
    """

    def __init__(self, state: State, keep: float, most: int) -> None:
        self._state = state
        self._keep = keep
        self._most = most
        self._entries: dict[str, list[str]] = {}
        for name in state.keys():  # noqa: SIM118 - no mapping
            if name.startswith(_PREFIX):
                self._entries[name] = list(state.get(name))
        self._ids = {id for ids in self._entries.values() for id in ids}

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    async def add(self, ids: Sequence[str], now: float) -> None:
        """Remember events, durably when this returns, and forget the oldest.

        Args:
            ids: Their ids.
            now: The time, in seconds since 1970.
        """
        # Names sort by time, and two at the same time differ.
        name = f"{_PREFIX}{int(now * 1000):015d}:{ids[0]}"
        await self._state.set(name, list(ids))
        self._entries[name] = list(ids)
        self._ids.update(ids)
        await self._forget(now)

    async def _forget(self, now: float) -> None:
        oldest = f"{_PREFIX}{int((now - self._keep) * 1000):015d}"
        for name in sorted(self._entries):
            if name >= oldest and len(self._ids) <= self._most:
                return
            self._ids.difference_update(self._entries.pop(name))
            await self._state.delete(name)
