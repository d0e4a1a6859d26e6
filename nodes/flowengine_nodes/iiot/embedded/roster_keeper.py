"""Keeps the roster up to date, and writes behind what was heard of devices."""

import asyncio
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import business_of, device
from flowengine_nodes.iiot.embedded.profiles import parse_profile, profile_table
from flowengine_nodes.iiot.embedded.revision import current_revision, removal
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.devices import Devices
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member, Roster

POLL = 1.0

_DEVICES = (
    device.c.id,
    device.c.profile,
    device.c.lifecycle,
    device.c.business_model,
    device.c.business_id,
    device.c.serial,
)


class _News(NamedTuple):
    """What has changed since a revision."""

    revision: int
    profiles: list[Row[Any]]
    devices: list[Row[Any]]
    removed: list[Row[Any]]


class RosterKeeper:
    """Bring a roster from revision to revision.

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
        self._reading = asyncio.Lock()

    async def reach(self, revision: int) -> None:
        """Return once the roster is at a revision or beyond.

        Args:
            revision: One that is on disk.
        """
        while self._revision < revision:
            async with self._reading:
                if self._revision < revision:
                    await self._read()

    async def refresh(self) -> None:
        """Bring the roster up to date."""
        async with self._reading:
            await self._read()

    async def run(self, devices: Devices) -> None:
        """Refresh the roster, and write behind what was heard, from second to second until cancelled.

        Args:
            devices: Takes what was heard.
        """
        while True:
            await self._clock.sleep(POLL)
            await self.refresh()
            await self.flush(devices)

    async def flush(self, devices: Devices) -> None:
        """Store what was heard since the last time."""
        heard = self.roster.take_heard()
        if heard:
            await devices.note(heard)

    async def _read(self) -> None:
        since = self._revision
        news = await self._database.read(lambda connection: _news(connection, since))
        if news.revision == since:
            return
        changed = {row.id: parse_profile(row.document) for row in news.profiles}
        profiles = {one.id: one for one in self.roster.profiles()} | changed
        members = [_member(row, profiles) for row in news.devices]
        members += (
            [one._replace(profile=changed[one.profile.id]) for one in self.roster if one.profile.id in changed]
            if changed
            else []
        )
        fresh = {row.id for row in news.devices}
        self.roster.put(changed, [*(one for one in members if one.id not in fresh), *members[: len(news.devices)]])
        self.roster.forget(
            [row.id for row in news.removed if row.kind == "profile" and row.id not in changed],
            [row.id for row in news.removed if row.kind == "device" and row.id not in fresh],
        )
        self._revision = news.revision


def _news(connection: Connection, since: int) -> _News:
    at = current_revision(connection)
    if at == since:
        return _News(at, [], [], [])
    profiles = select(profile_table.c.id, profile_table.c.document).where(profile_table.c.revision > since)
    devices = select(*_DEVICES).where(device.c.revision > since)
    removed = select(removal.c.kind, removal.c.id).where(removal.c.revision > since)
    return _News(
        at,
        list(connection.execute(profiles)),
        list(connection.execute(devices)),
        list(connection.execute(removed)),
    )


def _member(row: Row[Any], profiles: dict[str, Profile]) -> Member:
    business = business_of(row.business_model, row.business_id)
    return Member(row.id, profiles[row.profile], business, Lifecycle(row.lifecycle).takes_part, row.serial)
