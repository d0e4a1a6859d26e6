"""Rollouts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection, and_, select
from sqlalchemy import update as updating

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.device_rows import chosen, device, membership
from flowengine_nodes.iiot.embedded.firmware import read_firmware
from flowengine_nodes.iiot.embedded.rollout_counts import count_ends, count_groups, count_left_out
from flowengine_nodes.iiot.embedded.rollout_devices import insert_rollout, read_rollout, start_devices, take_back
from flowengine_nodes.iiot.embedded.rollout_rows import rollout, rollout_of, row_of, target
from flowengine_nodes.iiot.embedded.schema import asked_by
from flowengine_nodes.iiot.embedded.update_rows import locked, store_moves, update
from flowengine_nodes.iiot.ota.grouping import grouped
from flowengine_nodes.iiot.ota.rollout_decision import LOOK, Decision, Step, decide
from flowengine_nodes.iiot.ota.update_machine import UpdateEvent, moved
from flowengine_nodes.iiot.registry.bell import Bell
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.record_id import new_id
from flowengine_nodes.iiot.registry.rollout import Rollout, RolloutAction, RolloutPlan, RolloutState
from flowengine_nodes.iiot.registry.rollouts import RolloutStateError, RolloutStatus
from flowengine_nodes.iiot.registry.update import Update

T = TypeVar("T")
_ENGINE = "engine"
_LONGEST_REST = 3600.0
_IN_SERVICE = [one.value for one in Lifecycle if one.takes_part]
_POSSIBLE: Mapping[RolloutAction, frozenset[RolloutState]] = {
    RolloutAction.PAUSE: frozenset({RolloutState.RUNNING}),
    RolloutAction.RESUME: frozenset({RolloutState.PAUSED}),
    RolloutAction.CANCEL: frozenset({RolloutState.RUNNING, RolloutState.PAUSED}),
    RolloutAction.ROLL_BACK: frozenset(RolloutState) - {RolloutState.ROLLED_BACK},
}


class EmbeddedRollouts:
    """All rollouts.

    Args:
        database: Where they are.
        clock: Tells the time of changes.
        updates: Rings whenever an update changes in this process.

    Attributes:
        bell: Rings whenever somebody starts a rollout, or acts on one, in this process.
    """

    def __init__(self, database: Database, clock: Clock, updates: Bell) -> None:
        self.bell = Bell()
        self._database = database
        self._clock = clock
        self._updates = updates

    async def get(self, id: str) -> RolloutStatus:
        """Return a rollout and how its devices stand.

        Raises:
            UnknownRecordError: There is none.
        """

        def work(connection: Connection) -> RolloutStatus:
            found = read_rollout(connection, id)
            counts = count_groups(connection, found.id, len(found.plan.groups))
            return RolloutStatus(found, counts, count_left_out(connection, id))

        return await self._database.read(work)

    async def list(self, *, before: str = "", limit: int = 100) -> Sequence[Rollout]:
        """Return rollouts, newest first."""
        query = select(rollout).order_by(rollout.c.id.desc()).limit(limit)
        if before:
            query = query.where(rollout.c.id < before)
        return await self._database.read(lambda connection: [rollout_of(row) for row in connection.execute(query)])

    async def find(self, who: str, key: str) -> Rollout | None:
        """Return the newest rollout that somebody asked for with an idempotency key."""
        query = select(rollout).where(asked_by(rollout.c.requested_by, who), rollout.c.key == key)
        query = query.order_by(rollout.c.id.desc()).limit(1)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return None if row is None else rollout_of(row)

    async def start(self, plan: RolloutPlan, who: str, key: str | None = None, *, id: str = "") -> Rollout:
        """Begin a rollout with the devices that are there now.

        Raises:
            UnknownRecordError: There is no such firmware.
            EmptyRolloutError: There is no device for it.
        """
        now = self._clock.time()
        id = id or new_id(now)

        def work(connection: Connection) -> Rollout:
            same = select(rollout).where(rollout.c.requested_by == who, rollout.c.key == key)
            if key is not None:
                known = connection.execute(same).first()
                if known is not None:
                    return rollout_of(known)
            wanted = read_firmware(connection, plan.firmware)
            groups = grouped(id, _devices(connection, plan), plan.groups, _members(connection, plan))
            begun = Rollout(
                id=id,
                plan=plan,
                version=wanted.version,
                requested_by=who,
                created_at=now,
                changed_at=now,
                counted_from=now,
                key=key,
            )
            firmware_ids = {device: wanted.id for group in groups for device in group}
            if not insert_rollout(connection, begun, groups, firmware_ids):
                # Another process was asked at the same moment, and its transaction came first.
                return rollout_of(connection.execute(same).one())
            detail = {"firmware": wanted.id, "devices": len(firmware_ids)}
            self._database.audit(connection, who, "rollout-start", id, detail)
            return begun

        return await self._ask(work)

    async def act(self, id: str, action: RolloutAction, who: str) -> Rollout:
        """Pause, resume, cancel or roll back a rollout; return it, or the new one that takes its devices back.

        Raises:
            UnknownRecordError: There is none.
            RolloutStateError: It is in a state in which this is not possible.
            EmptyRolloutError: It is to be rolled back, and no device has begun.
        """
        now = self._clock.time()

        def work(connection: Connection) -> Rollout:
            found = read_rollout(connection, id, lock=True)
            if found.state not in _POSSIBLE[action]:
                raise RolloutStateError(id, found.state, action)
            self._database.audit(connection, who, f"rollout-{action}", id, {"state": found.state})
            if action is RolloutAction.PAUSE:
                return _store(connection, replace(found, state=RolloutState.PAUSED, reason="operator"), now)
            if action is RolloutAction.RESUME:
                # Whoever resumes has seen why it stopped, and wants it to go on.
                skips = found.reason == "success-threshold"
                resumed = replace(found, state=RolloutState.RUNNING, reason="", counted_from=now)
                return _store(connection, replace(resumed, group=found.group + skips), now)
            self._cancel_updates(connection, found, who, now)
            if action is RolloutAction.CANCEL:
                return _store(connection, replace(found, state=RolloutState.CANCELLED, reason="operator"), now)
            _store(connection, replace(found, state=RolloutState.ROLLED_BACK, reason="operator"), now)
            return take_back(connection, found, who, now)

        return await self._ask(work)

    async def running(self) -> Sequence[str]:
        """Return the ids of the rollouts that run."""
        query = select(rollout.c.id).where(rollout.c.state == RolloutState.RUNNING.value).order_by(rollout.c.id)
        return await self._database.read(lambda connection: connection.execute(query).scalars().all())

    async def rest(self) -> float:
        """Return the seconds for which there is nothing to do, unless the bell rings before: at least one."""
        # Other processes cannot ring.
        return LOOK if self._database.shared or await self.running() else _LONGEST_REST

    async def step(self, id: str) -> bool:
        """Do what a rollout does next, in one transaction; return whether there is more to be done at once."""
        now = self._clock.time()

        def look(connection: Connection) -> Decision:
            return _decision(connection, read_rollout(connection, id), now)

        def work(connection: Connection) -> bool:
            found = read_rollout(connection, id, lock=True)
            decision = _decision(connection, found, now)
            match decision.step:
                case Step.WAIT:
                    return False
                case Step.START:
                    return start_devices(connection, found, decision, now)
                case Step.NEXT_GROUP:
                    connection.execute(
                        updating(rollout).where(rollout.c.id == id).values(part=found.group + 1, changed_at=now)
                    )
                case Step.PAUSE:
                    _store(connection, replace(found, state=RolloutState.PAUSED, reason=decision.reason), now)
                    self._database.audit(connection, _ENGINE, "rollout-pause", id, {"reason": decision.reason})
                case Step.FINISH:
                    _store(connection, replace(found, state=RolloutState.FINISHED), now)
                    self._database.audit(connection, _ENGINE, "rollout-finish", id)
            return decision.step is Step.NEXT_GROUP

        # Nothing is written where there is nothing to do.
        if (await self._database.read(look)).step is Step.WAIT:
            return False
        return await self._write(work)

    async def untold(self, limit: int) -> Sequence[Rollout]:
        """Return rollouts whose state nobody was told of."""
        query = select(rollout).where(rollout.c.told.is_(False)).order_by(rollout.c.id).limit(limit)
        return await self._database.read(lambda connection: [rollout_of(row) for row in connection.execute(query)])

    async def told(self, rollouts: Sequence[Rollout]) -> None:
        """Note that the state of rollouts was told."""

        def work(connection: Connection) -> None:
            for one in rollouts:
                as_told = and_(rollout.c.id == one.id, rollout.c.state == one.state.value)
                same = and_(as_told, rollout.c.changed_at == one.changed_at)
                connection.execute(updating(rollout).where(same).values(told=True))

        await self._database.write(work)

    async def _ask(self, work: Callable[[Connection], T]) -> T:
        answer = await self._write(work)
        self.bell.ring()
        return answer

    async def _write(self, work: Callable[[Connection], T]) -> T:
        answer = await self._database.write(work)
        self._updates.ring()
        return answer

    def _cancel_updates(self, connection: Connection, found: Rollout, who: str, now: float) -> None:
        left = and_(target.c.rollout == found.id, target.c.outcome == "")
        connection.execute(updating(target).where(left).values(outcome="cancelled"))
        moves = []
        for before in locked(connection, and_(update.c.rollout == found.id, update.c.ended_at.is_(None))):
            after = moved(before, UpdateEvent.CANCEL, now)
            # Those that install go on to their own end.
            if isinstance(after, Update):
                moves.append((before, after))
                self._database.audit(connection, who, "update-cancel", after.device, {"update": after.id})
        store_moves(connection, moves, now)


def _decision(connection: Connection, found: Rollout, now: float) -> Decision:
    counts = count_groups(connection, found.id, len(found.plan.groups))
    return decide(found, counts, count_ends(connection, found), now)


def _store(connection: Connection, changed: Rollout, now: float) -> Rollout:
    stored = replace(changed, changed_at=now, ended_at=now if changed.state.is_end else None)
    connection.execute(updating(rollout).where(rollout.c.id == stored.id).values(told=False, **row_of(stored)))
    return stored


def _devices(connection: Connection, plan: RolloutPlan) -> set[str]:
    query = chosen(select(device.c.id).where(device.c.lifecycle.in_(_IN_SERVICE)), plan.devices.as_filter())
    found = set(connection.execute(query).scalars())
    return found & set(plan.devices.devices) if plan.devices.devices else found


def _members(connection: Connection, plan: RolloutPlan) -> dict[str, set[str]]:
    names = sorted({group.device_group for group in plan.groups if group.device_group is not None})
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(membership).where(membership.c.name.in_(names))):
        found.setdefault(row.name, set()).add(row.device)
    return found
