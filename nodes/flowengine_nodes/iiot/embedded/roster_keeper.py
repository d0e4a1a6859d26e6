"""Keeps the roster up to date, and writes behind what was heard of devices."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, select

from flowengine.errors import FlowEngineError
from flowengine.node import Clock, Database, Timer
from flowengine_nodes.iiot.embedded.device_rows import business_of, device
from flowengine_nodes.iiot.embedded.profiles import parse_profile, profile_table
from flowengine_nodes.iiot.embedded.revision import current_revision, removal
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.roster import Heard, Member, Roster

PERIOD: Final = 1.0
"""Seconds between two looks for changes by other processes, and that what was heard waits for more of it."""

# Members that are made before others get a turn in the event loop.
_PORTION = 5_000

_TAKING_PART: Final = frozenset(one.value for one in Lifecycle if one.takes_part)

Store = Callable[[Mapping[str, Heard]], Awaitable[None]]


class _News(NamedTuple):
    """What has changed since a revision."""

    revision: int
    profiles: Sequence[Any]
    devices: Sequence[Any]
    removed: Sequence[Any]


class RosterKeeper:
    """Bring a roster from revision to revision, and store what it has heard.

    Args:
        roster: The roster.
        database: Where devices and profiles are.
        clock: Measures the time between two looks.
    """

    def __init__(self, roster: Roster, database: Database, clock: Clock) -> None:
        self.roster = roster
        self._database = database
        self._clock = clock
        self._revision = 0
        # A command has no use for a roster, and does not wait for one.
        self._is_followed = False
        self._reading = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._due = asyncio.Event()
        self._timer: Timer | None = None

    async def reach(self, revision: int) -> None:
        """Return once the roster is at a revision or beyond; at once where it has never been brought up to date.

        If that fails now, it is tried again with the next look: what has led to the revision is done in any case.

        Args:
            revision: One that is on disk.
        """
        if self._is_followed and self._revision < revision:
            async with self._reading:
                if self._revision < revision:
                    with suppress(FlowEngineError):
                        await self._read()

    async def refresh(self) -> None:
        """Bring the roster up to date; it is kept so from then on."""
        self._is_followed = True
        async with self._reading:
            await self._read()

    async def run(self, store: Store, told: Callable[[FlowEngineError | None], object]) -> None:
        """Refresh the roster, and store what was heard, again and again until cancelled.

        Args:
            store: Stores what was heard.
            told: Told each time why it did not work, to be tried again; ``None`` where it did.
        """
        self.roster.on_heard = self._wait
        self.roster.on_crowded = self._due.set
        self._wait()
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self.refresh()
                await self.flush(store)
            except FlowEngineError as error:
                told(error)
                self._wait()
            else:
                told(None)
            # What nobody else can change is looked at only when there is something to store.
            if self._database.shared:
                self._wait()

    async def flush(self, store: Store) -> None:
        """Store what was heard until now.

        Args:
            store: Stores it.
        """
        async with self._writing:
            heard = self.roster.take_heard()
            if heard:
                try:
                    await store(heard)
                except BaseException:
                    self.roster.give_back(heard)
                    raise

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(PERIOD, self._due.set)

    async def _read(self) -> None:
        since = self._revision
        news = await self._database.read(lambda connection: _news(connection, since))
        roster = self.roster
        roster.put_profiles({row.id: parse_profile(row.id, row.document) for row in news.profiles})
        for start in range(0, len(news.devices), _PORTION):
            if start:
                await asyncio.sleep(0)
            rows = news.devices[start : start + _PORTION]
            roster.put(one for one in map(self._member, rows) if one is not None)
        present = {("profile", row.id) for row in news.profiles} | {("device", row.id) for row in news.devices}
        for row in news.removed:
            # What was removed and made anew is there.
            if (row.kind, row.id) not in present:
                (roster.forget_profile if row.kind == "profile" else roster.forget)(row.id)
        self._revision = news.revision

    def _member(self, row: Sequence[Any]) -> Member | None:
        id, serial, profile_id, lifecycle, model, number = row
        profile = self.roster.profile(profile_id)
        if profile is None:
            # It was removed while we read, and so was the device, or it has another by now.
            return None
        return Member(id, profile, business_of(model, number), lifecycle in _TAKING_PART, serial)


def _news(connection: Connection, since: int) -> _News:
    # The number first: what is committed while the rest is read may be seen now, and is seen again the next time.
    at = current_revision(connection)
    if at == since:
        return _News(at, [], [], [])
    removed = select(removal.c.kind, removal.c.id).where(removal.c.revision > since)
    devices = select(
        device.c.id,
        device.c.serial,
        device.c.profile,
        device.c.lifecycle,
        device.c.business_model,
        device.c.business_id,
    ).where(device.c.revision > since)
    # The profiles last: each device that was found has its profile among them.
    profiles = select(profile_table.c.id, profile_table.c.document).where(profile_table.c.revision > since)
    return _News(
        at,
        removed=connection.execute(removed).all(),
        devices=connection.execute(devices).all(),
        profiles=connection.execute(profiles).all(),
    )
