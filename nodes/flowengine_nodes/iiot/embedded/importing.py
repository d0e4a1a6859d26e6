"""Taking over a folder of profiles, devices and automation rules: all of it in one transaction, or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, insert, select

from flowengine.flow.problem import DocumentError, Problem
from flowengine.node import Clock, Database
from flowengine_nodes.iiot.automation.fitting import misfit
from flowengine_nodes.iiot.embedded.automation import rule_table, rule_text, save_rule
from flowengine_nodes.iiot.embedded.device_rows import device, device_of, membership, row_of
from flowengine_nodes.iiot.embedded.devices import difference, replace_device
from flowengine_nodes.iiot.embedded.profiles import parse_profile, profile_table, profile_text, save_profile
from flowengine_nodes.iiot.embedded.revision import raise_revision
from flowengine_nodes.iiot.embedded.roster_keeper import RosterKeeper
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.folder import Entry, RegistryFolder, rule_file
from flowengine_nodes.iiot.registry.lifecycle import MOVES
from flowengine_nodes.iiot.registry.profile import Profile

# SQLite takes 32,766 values in a statement.
_MANY: Final = 10_000


class Change(NamedTuple):
    """One thing that an import changes, or would change.

    Args:
        kind: "profile", "device" or "automation".
        id: Its id.
        is_new: Whether it is added.
        fields: What was and what is then, by field; nothing for what is new.
    """

    kind: str
    id: str
    is_new: bool
    fields: dict[str, list[Any]]


@dataclass(frozen=True)
class _Plan:
    changes: list[Change]
    profiles: list[Profile]
    rules: list[AutomationRule]
    added: list[Device]
    changed: list[tuple[Device, Device]]


class FolderImport:
    """Take over folders.

    Args:
        database: Where profiles and devices are.
        clock: Tells when they change.
        keeper: Brings the roster up to date afterwards.
        rules_changed: Rung when an automation rule has changed.
    """

    def __init__(self, database: Database, clock: Clock, keeper: RosterKeeper, rules_changed: Bell) -> None:
        self._database = database
        self._clock = clock
        self._keeper = keeper
        self._rules_changed = rules_changed

    async def preview(self, folder: RegistryFolder) -> Sequence[Change]:
        """Return what taking over a folder would change.

        Args:
            folder: The folder.

        Raises:
            DocumentError: It does not fit to what the registry holds; every problem is in it.
        """
        return (await self._database.read(lambda connection: _plan(connection, folder))).changes

    async def run(self, folder: RegistryFolder, who: str) -> Sequence[Change]:
        """Take over a folder: add and change what it names, and leave everything else alone.

        Args:
            folder: The folder.
            who: For the audit trail.

        Returns:
            What has changed.

        Raises:
            DocumentError: It does not fit to what the registry holds; nothing has changed.
        """
        if not await self.preview(folder):
            return ()
        now = self._clock.time()

        def work(connection: Connection) -> tuple[int, Sequence[Change]]:
            at = raise_revision(connection)
            plan = _plan(connection, folder)
            _carry_out(connection, plan, at, now)
            done = [
                (f"{change.kind}-{'add' if change.is_new else 'change'}", change.id, change.fields or None)
                for change in plan.changes
            ]
            self._database.audit_many(connection, who, done)
            return at, plan.changes

        at, changes = await self._database.write(work)
        await self._keeper.reach(at)
        if any(change.kind == "automation" for change in changes):
            self._rules_changed.ring()
        return changes


def _carry_out(connection: Connection, plan: _Plan, at: int, now: float) -> None:
    for profile in plan.profiles:
        save_profile(connection, profile, at, now)
    for rule in plan.rules:
        save_rule(connection, rule, now)
    if plan.added:
        added = [replace(one, created_at=now, updated_at=now) for one in plan.added]
        connection.execute(insert(device), [row_of(one) | {"revision": at} for one in added])
        groups = [{"name": name, "device": one.id} for one in added for name in sorted(set(one.groups))]
        if groups:
            connection.execute(insert(membership), groups)
    for old, new in plan.changed:
        replace_device(connection, old, replace(new, updated_at=now), at)


def _plan(connection: Connection, folder: RegistryFolder) -> _Plan:
    stored = {row.id: row.document for row in connection.execute(select(profile_table.c.id, profile_table.c.document))}
    plan = _Plan([], [], [], [], [])
    for profile in folder.profiles.values():
        text, old = profile_text(profile), stored.get(profile.id)
        if text != old:
            plan.profiles.append(profile)
            plan.changes.append(Change("profile", profile.id, old is None, _fields(old, text)))
    rules = {row.id: row.document for row in connection.execute(select(rule_table.c.id, rule_table.c.document))}
    for rule in folder.rules.values():
        text, old = rule_text(rule), rules.get(rule.id)
        if text != old:
            plan.rules.append(rule)
            plan.changes.append(Change("automation", rule.id, old is None, _fields(old, text)))
    problems = list(_unfit_rules(folder, stored))
    present = _present(connection, list(folder.devices))
    owners = _owners(connection, [entry.said.serial or id for id, entry in folder.devices.items()])
    known = stored.keys() | folder.profiles.keys()
    for id, entry in folder.devices.items():
        found = list(_unfit(id, entry, known, owners))
        if not found:
            found = list(_plan_device(plan, id, entry, present.get(id)))
        problems += found
    if problems:
        raise DocumentError(problems)
    return plan


def _unfit_rules(folder: RegistryFolder, stored: Mapping[str, str]) -> Iterator[Problem]:
    for rule in folder.rules.values():
        id = rule.devices.profile or ""
        profile = folder.profiles.get(id)
        if profile is None and id in stored:
            profile = parse_profile(id, stored[id])
        wrong = misfit(rule, profile)
        if wrong is not None:
            message = f"{wrong.place}: {wrong.reason}"
            file = folder.rule_files.get(rule.id) or rule_file(folder.path, rule.id)
            yield Problem(code="unfit-automation", message=message, file=str(file))


def _unfit(id: str, entry: Entry, profiles: set[str], owners: dict[str, str]) -> Iterator[Problem]:
    if entry.profile not in profiles:
        message = f'there is no profile "{entry.profile}", for which this file is named, in the folder or the registry'
        yield entry.source.problem((), "unknown-profile", message)
    owner = owners.get(entry.said.serial or id, id)
    if owner != id:
        message = f'the device "{owner}" in the registry has the serial "{entry.said.serial or id}" already'
        yield entry.problem(id, "serial", "duplicate-serial", message)


def _plan_device(plan: _Plan, id: str, entry: Entry, row: Any) -> Iterator[Problem]:
    values = entry.said.values(id, entry.profile)
    wanted = None if entry.said.lifecycle is None else Lifecycle(entry.said.lifecycle)
    if row is None:
        plan.added.append(Device(id=id, lifecycle=wanted or Lifecycle.DRAFT, **values))
        plan.changes.append(Change("device", id, True, {}))
        return
    old = device_of(row)
    is_now = old.lifecycle
    if is_now is Lifecycle.SUSPENDED and wanted is Lifecycle.ACTIVE:
        # Who writes so wants the suspension to end.
        wanted = Lifecycle(row.resumes_as or Lifecycle.ACTIVE)
    elif wanted is not None and wanted is not is_now and wanted not in MOVES[is_now]:
        message = f'the device "{id}" is {is_now} and cannot become {wanted}'
        yield entry.problem(id, "lifecycle", "device-lifecycle", message)
        return
    new = replace(old, **values, lifecycle=wanted or is_now)
    if new != old:
        plan.changed.append((old, new))
        plan.changes.append(Change("device", id, False, difference(old, new)))


def _fields(old: str | None, new: str) -> dict[str, list[Any]]:
    if old is None:
        return {}
    was, is_now = orjson.loads(old), orjson.loads(new)
    names = [*is_now, *(name for name in was if name not in is_now)]
    return {name: [was.get(name), is_now.get(name)] for name in names if was.get(name) != is_now.get(name)}


def _present(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    found = {}
    for start in range(0, len(ids), _MANY):
        query = select(device).where(device.c.id.in_(ids[start : start + _MANY]))
        found.update({row.id: row for row in connection.execute(query)})
    return found


def _owners(connection: Connection, serials: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(serials), _MANY):
        query = select(device.c.serial, device.c.id).where(device.c.serial.in_(serials[start : start + _MANY]))
        found.update((row.serial, row.id) for row in connection.execute(query))
    return found
