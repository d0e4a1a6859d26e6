"""Automation rules, what they remember of devices, and the commands that they ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from pydantic import ValidationError
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from flowengine.flow.fault import faults
from flowengine.node import Clock, Database
from flowengine_nodes.iiot.automation.fitting import misfit
from flowengine_nodes.iiot.automation.watch import FRESH, Watch
from flowengine_nodes.iiot.embedded.profiles import parse_profile, profile_table
from flowengine_nodes.iiot.embedded.schema import Id, metadata, replacing
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.automations import Advance, Ask, Firing, Look
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.errors import BadRecordError, UnfitRuleError, UnknownRecordError
from flowengine_nodes.iiot.registry.folder import rule_value
from flowengine_nodes.iiot.registry.record_id import new_id

rule_table = Table(
    "iiot_automation_rule",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document", Text, nullable=False),
    Column("updated_at", Double, nullable=False),
    # Until when the times of a cron trigger have been worked off.
    Column("reached_at", Double),
)

watch_table = Table(
    "iiot_automation_watch",
    metadata,
    Column("rule", Id, ForeignKey("iiot_automation_rule.id", ondelete="CASCADE"), primary_key=True),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), primary_key=True),
    Column("is_fired", Boolean, nullable=False),
    Column("since", Double),
    Column("fired_at", Double),
    Column("times", Integer, nullable=False),
    Column("retry_at", Double),
)

firing_table = Table(
    "iiot_automation_firing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("rule", Id, ForeignKey("iiot_automation_rule.id", ondelete="CASCADE"), nullable=False),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Column("request", Text, nullable=False),
    Column("is_taken", Boolean, nullable=False),
)
# For the throttle of a rule, and for what still has to be asked.
Index(None, firing_table.c.rule, firing_table.c.at)
Index(None, firing_table.c.is_taken, firing_table.c.at)
Index(None, firing_table.c.device)
Index(None, watch_table.c.device)

KEPT = 30 * 86_400.0
"""Seconds for which what a rule has asked for is kept, for its throttle."""


class EmbeddedAutomations:
    """All automation rules.

    Args:
        database: Where they are.
        clock: Tells when they change.

    Attributes:
        bell: Rings whenever a rule has asked for a command, in this process.
        changed: Rings whenever a rule changes, in this process.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.bell = Bell()
        self.changed = Bell()
        self._database = database
        self._clock = clock

    async def get(self, id: str) -> AutomationRule:
        """Return a rule.

        Raises:
            UnknownRecordError: There is none.
            BadRecordError: It is not valid any more.
        """
        query = select(rule_table.c.document).where(rule_table.c.id == id)
        found = await self._database.read(lambda connection: connection.execute(query).scalar())
        if found is None:
            raise UnknownRecordError("automation rule", id)
        return parse_rule(id, found)

    async def list(self) -> Sequence[AutomationRule]:
        """Return all rules, by id.

        Raises:
            BadRecordError: One is not valid any more.
        """
        query = select(rule_table.c.id, rule_table.c.document).order_by(rule_table.c.id)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return [parse_rule(row.id, row.document) for row in found]

    async def save(self, rule: AutomationRule, who: str) -> None:
        """Store a rule, new or changed; one that is as it was stays untouched.

        Raises:
            UnfitRuleError: It is for devices of a profile that is not there, or that do not know its action.
        """
        now = self._clock.time()

        def work(connection: Connection) -> None:
            check_rule(connection, rule)
            if save_rule(connection, rule, now):
                self._database.audit(connection, who, "automation-save", rule.id)

        await self._database.write(work)
        self.changed.ring()

    async def remove(self, id: str, who: str) -> None:
        """Remove a rule and what it remembers.

        Raises:
            UnknownRecordError: There is none.
        """

        def work(connection: Connection) -> None:
            check_removal(connection, id)
            connection.execute(delete(rule_table).where(rule_table.c.id == id))
            self._database.audit(connection, who, "automation-remove", id)

        await self._database.write(work)
        self.changed.ring()

    async def watches(self) -> Mapping[tuple[str, str], Watch]:
        """Return what all rules remember, by rule and device."""
        return await self._database.read(
            lambda connection: {
                (row.rule, row.device): _watch_of(row) for row in connection.execute(select(watch_table))
            }
        )

    async def advance(
        self,
        rule: AutomationRule,
        device: str,
        look: Look,
        ask: Ask,
        now: float,
        *,
        objection: str | None = None,
        key: str = "",
    ) -> Advance:
        """Look at a rule and a device again, and store what that leads to."""
        # Firings of a rule happen one after the other, so that its throttle counts them all.
        lock = select(rule_table.c.id).where(rule_table.c.id == rule.id).with_for_update()

        def work(connection: Connection) -> Advance:
            if connection.execute(lock).first() is None:
                return Advance(watch=FRESH)
            before = _read_watch(connection, rule.id, device)
            if key and connection.execute(select(firing_table.c.id).where(firing_table.c.id == key)).first():
                return Advance(watch=before)
            seen = look(before)
            if not seen.fires:
                if seen.watch is not before:
                    _write_watch(connection, rule.id, device, seen.watch)
                return Advance(watch=seen.watch)
            code, reason = ("interlock", objection) if objection else _throttled(connection, rule, before, now)
            if code:
                # Only telemetry goes on calling for a command; times and events are over.
                retry_at = now + rule.throttle.retry if seen.watch.is_fired else None
                watch = replace(seen.watch, retry_at=retry_at)
                _write_watch(connection, rule.id, device, watch)
                is_known = before.retry_at is not None and seen.watch.retry_at is None
                if not is_known:
                    detail = {"rule": rule.id, "code": code, "reason": reason, "value": seen.value}
                    self._database.audit(connection, _who(rule), "automation-refuse", device, detail)
                return Advance(watch=watch, code=code, reason=reason or "", is_known=is_known)
            watch = replace(seen.watch, retry_at=None, fired_at=now, count=seen.watch.count + 1)
            _write_watch(connection, rule.id, device, watch)
            id = key or new_id(now)
            request = {**ask(seen.value), "idempotency_key": id}
            values = {"id": id, "rule": rule.id, "device": device, "at": now, "is_taken": False}
            connection.execute(insert(firing_table), {**values, "request": orjson.dumps(request).decode()})
            detail = {"rule": rule.id, "value": seen.value, "command": request}
            self._database.audit(connection, _who(rule), "automation-fire", device, detail)
            return Advance(watch=watch, fired=True)

        done = await self._database.write(work)
        if done.fired:
            self.bell.ring()
        return done

    async def firings(self, limit: int) -> Sequence[Firing]:
        """Return commands whose request was not taken yet, oldest first."""
        query = (
            select(firing_table)
            .where(firing_table.c.is_taken.is_(False))
            .order_by(firing_table.c.at, firing_table.c.id)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            Firing(id=row.id, rule=row.rule, device=row.device, at=row.at, request=orjson.loads(row.request))
            for row in rows
        ]

    async def taken(self, ids: Sequence[str]) -> None:
        """Note that requests were taken."""
        old = delete(firing_table).where(firing_table.c.is_taken, firing_table.c.at < self._clock.time() - KEPT)
        statement = update(firing_table).where(firing_table.c.id.in_(ids)).values(is_taken=True)

        def work(connection: Connection) -> None:
            connection.execute(statement)
            connection.execute(old)

        await self._database.write(work)

    async def reached(self, rule: str) -> float | None:
        """Return until when a rule's times have been worked off."""
        query = select(rule_table.c.reached_at).where(rule_table.c.id == rule)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def reach(self, rule: str, at: float) -> None:
        """Note that a rule's times have been worked off until then."""
        statement = update(rule_table).where(rule_table.c.id == rule).values(reached_at=at)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)


def check_rule(connection: Connection, rule: AutomationRule) -> None:
    """Check that a rule fits to the profile whose devices it is for, within a transaction.

    Raises:
        UnfitRuleError: It does not.
    """
    query = select(profile_table.c.document).where(profile_table.c.id == rule.devices.profile)
    document = connection.execute(query).scalar()
    profile = None if document is None else parse_profile(str(rule.devices.profile), document)
    wrong = misfit(rule, profile)
    if wrong is not None:
        raise UnfitRuleError(rule.id, *wrong)


def check_removal(connection: Connection, id: str) -> None:
    """Check that there is a rule to remove, within a transaction.

    Raises:
        UnknownRecordError: There is none.
    """
    if connection.execute(select(rule_table.c.id).where(rule_table.c.id == id)).first() is None:
        raise UnknownRecordError("automation rule", id)


def save_rule(connection: Connection, rule: AutomationRule, now: float) -> bool:
    """Store a rule within a transaction.

    Args:
        connection: Connection inside the transaction.
        rule: The rule.
        now: Time of the change.

    Returns:
        Whether it is new or differs from what was stored.
    """
    document = rule_text(rule)
    query = select(rule_table.c.document).where(rule_table.c.id == rule.id)
    if connection.execute(query).scalar() == document:
        return False
    statement = replacing(connection.dialect.name, rule_table, "document", "updated_at")
    connection.execute(statement, {"id": rule.id, "document": document, "updated_at": now})
    # What was remembered belongs to the rule as it was; how often it has sent, and when, still counts.
    connection.execute(
        update(watch_table).where(watch_table.c.rule == rule.id).values(is_fired=False, since=None, retry_at=None)
    )
    return True


def rule_text(rule: AutomationRule) -> str:
    """Return a rule as it is stored: what differs from the defaults."""
    return orjson.dumps(rule_value(rule)).decode()


def parse_rule(id: str, document: str) -> AutomationRule:
    """Return the rule of a row.

    Raises:
        BadRecordError: It was valid when it was stored, and is not any more.
    """
    try:
        return AutomationRule.model_validate(orjson.loads(document))
    except ValidationError as error:
        first = faults(error, AutomationRule)[0]
        raise BadRecordError("automation rule", id, ".".join(map(str, first.path)), first.message) from error


def _who(rule: AutomationRule) -> str:
    return f"automation {rule.id}"


def _read_watch(connection: Connection, rule: str, device: str) -> Watch:
    query = select(watch_table).where(watch_table.c.rule == rule, watch_table.c.device == device)
    # SQLite lets one process write at a time anyway, and leaves these words out.
    row = connection.execute(query.with_for_update()).first()
    return FRESH if row is None else _watch_of(row)


def _write_watch(connection: Connection, rule: str, device: str, watch: Watch) -> None:
    values = {"is_fired": watch.is_fired, "since": watch.since, "fired_at": watch.fired_at, "times": watch.count}
    values["retry_at"] = watch.retry_at
    statement = replacing(connection.dialect.name, watch_table)
    connection.execute(statement, {"rule": rule, "device": device, **values})


def _watch_of(row: Row[Any]) -> Watch:
    return Watch(is_fired=row.is_fired, since=row.since, fired_at=row.fired_at, count=row.times, retry_at=row.retry_at)


def _throttled(connection: Connection, rule: AutomationRule, watch: Watch, now: float) -> tuple[str, str]:
    throttle = rule.throttle
    if watch.fired_at is not None and now - watch.fired_at < throttle.every:
        return "throttled", f"its last command to this device was {now - watch.fired_at:.0f} s ago"
    if throttle.most is not None:
        query = select(func.count()).select_from(firing_table)
        query = query.where(firing_table.c.rule == rule.id, firing_table.c.at > now - throttle.window)
        sent = connection.execute(query).scalar() or 0
        if sent >= throttle.most:
            return "throttled", f"it has sent {sent} commands within {throttle.window:g} s"
    return "", ""
