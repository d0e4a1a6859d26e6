"""What every back end that keeps commands promises."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.storage import Store
from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.command import (
    TRANSITIONS,
    Command,
    CommandState,
    IdempotencyConflictError,
    QueueLimitError,
)
from flowengine_nodes.iiot.registry.commands import Answer, CommandFilter, Commands, Outcome
from flowengine_nodes.iiot.registry.device import Lifecycle, Presence
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from tests.nodes.iiot.registries import add_device, running_registry

S = CommandState
NUMBERS = itertools.count(1)


def new(device: str = "boiler-1", **fields: Any) -> Command:
    values: dict[str, Any] = {
        "id": f"c{next(NUMBERS)}",
        "action": "reset",
        "params": {"b": 1, "a": [2, None, {"é": 2.5}]},
        "payload": '{"action":  "reset"}',
        "who": "alice",
        "response_timeout": 30.0,
        "created_at": 100.0,
        "next_at": 100.0,
        "expires_at": 1000.0,
        "deadline": 1000.0,
        **fields,
    }
    return Command(device=device, **values)


async def add(commands: Commands, **fields: Any) -> Command:
    return (await commands.add(new(**fields), most_waiting=100)).command


async def claim(commands: Commands, now: float = 100.0, limit: int = 10, **options: Any) -> Sequence[Command]:
    return await commands.claim(now, limit, **{"interval": 0.0, "one_at_a_time": False, **options})


async def sent(commands: Commands, **fields: Any) -> Command:
    added = await add(commands, **fields)
    (claimed,) = await claim(commands)
    assert claimed.id == added.id
    return claimed


async def delivered(commands: Commands, **fields: Any) -> Command:
    one = await sent(commands, **fields)
    await commands.settle([Outcome(one.id, 1, "")], 101.0, [])
    return await commands.get(one.id)


def said(state: CommandState = S.SUCCEEDED, id: str | None = None, code: str = "", result: Any = None) -> Answer:
    return Answer(id, state, code, result)


@pytest.fixture
async def commands(registry: EmbeddedRegistry) -> Commands:
    await add_device(registry, "boiler-1")
    await add_device(registry, "boiler-2")
    return registry.commands


async def test_command_is_found_again_as_it_was(commands: Commands) -> None:
    added = new(key="k", digest="d", supersede="set-point", source="api")
    assert await commands.add(added, most_waiting=1) == (added, True)
    assert await commands.get(added.id) == added
    assert list((await commands.get(added.id)).params) == ["b", "a"]
    assert await commands.find("alice", "k") == added
    assert await commands.find("bob", "k") is None
    with pytest.raises(UnknownRecordError):
        await commands.get("c0")


async def test_command_for_an_unknown_device_is_refused(commands: Commands) -> None:
    with pytest.raises(UnknownRecordError):
        await add(commands, device="boiler-9")


async def test_same_key_gives_the_same_command(commands: Commands) -> None:
    first = new(key="k", digest="d")
    await commands.add(first, most_waiting=9)
    assert await commands.add(new(key="k", digest="d"), most_waiting=9) == (first, False)
    assert (await commands.add(new(key="k", digest="d", who="bob"), most_waiting=9)).is_new
    assert (await commands.add(new(), most_waiting=9)).is_new
    with pytest.raises(IdempotencyConflictError):
        await commands.add(new(key="k", digest="other"), most_waiting=9)
    assert len(await commands.list(CommandFilter())) == 3


async def test_same_key_at_the_same_time_makes_one_command(commands: Commands) -> None:
    made = await asyncio.gather(*(commands.add(new(key="k", digest="d"), most_waiting=9) for _ in range(8)))
    assert len({one.command.id for one in made}) == 1
    assert sum(one.is_new for one in made) == 1


async def test_queue_of_a_device_is_limited(commands: Commands) -> None:
    for _ in range(2):
        await commands.add(new(), most_waiting=2)
    with pytest.raises(QueueLimitError):
        await commands.add(new(), most_waiting=2)
    await commands.add(new("boiler-2"), most_waiting=2)
    assert len(await commands.list(CommandFilter())) == 3


async def test_newer_command_supersedes_those_that_wait(commands: Commands) -> None:
    on_its_way = await sent(commands, supersede="set-point")
    waiting = await add(commands, supersede="set-point")
    other = await add(commands, supersede="mode")
    foreign = await add(commands, device="boiler-2", supersede="set-point")
    newest = await add(commands, supersede="set-point")
    states = {one.id: one.state for one in await commands.list(CommandFilter())}
    assert states == {
        on_its_way.id: S.SENT,
        waiting.id: S.SUPERSEDED,
        other.id: S.QUEUED,
        foreign.id: S.QUEUED,
        newest.id: S.QUEUED,
    }
    assert (await commands.get(waiting.id)).code == newest.id


async def test_list_filters_and_pages(commands: Commands) -> None:
    ids = [(await add(commands)).id for _ in range(5)]
    other = await add(commands, device="boiler-2", action="stop")
    page = await commands.list(CommandFilter(device="boiler-1"), limit=3)
    assert [one.id for one in page] == ids[:1:-1]
    rest = await commands.list(CommandFilter(device="boiler-1"), before=page[-1].id)
    assert [one.id for one in rest] == ids[1::-1]
    assert [one.id for one in await commands.list(CommandFilter(action="stop"))] == [other.id]
    assert not await commands.list(CommandFilter(states=[S.SENT]))


async def test_device_gets_its_commands_in_order_and_one_at_a_time(commands: Commands) -> None:
    first, second = [await add(commands) for _ in range(2)]
    other = await add(commands, device="boiler-2")
    claimed = await claim(commands)
    assert [(one.id, one.state, one.attempts) for one in claimed] == [(first.id, S.SENT, 1), (other.id, S.SENT, 1)]
    assert not await claim(commands)
    await commands.settle([Outcome(first.id, 1, "")], 101.0, [])
    assert not await claim(commands, one_at_a_time=True)
    assert [one.id for one in await claim(commands)] == [second.id]


async def test_claim_takes_no_more_than_asked_for(commands: Commands) -> None:
    await add(commands)
    await add(commands, device="boiler-2")
    assert len(await claim(commands, limit=1)) == 1


async def test_device_gets_the_next_command_after_the_interval(commands: Commands) -> None:
    await delivered(commands)
    second = await add(commands)
    assert not await claim(commands, 109.9, interval=10.0)
    assert [one.id for one in await claim(commands, 110.1, interval=10.0)] == [second.id]


async def test_command_waits_for_an_offline_device(registry: EmbeddedRegistry, commands: Commands) -> None:
    waiting = await add(commands)
    await registry.devices.note([Presence(device="boiler-1", online=False, since=1.0)])
    assert not await claim(commands)
    await registry.devices.note([Presence(device="boiler-1", online=True, since=2.0)])
    assert [one.id for one in await claim(commands)] == [waiting.id]


async def test_command_waits_while_its_device_takes_no_part(registry: EmbeddedRegistry, commands: Commands) -> None:
    await add(commands)
    await registry.devices.change("boiler-1", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    assert not await claim(commands)


async def test_failed_attempt_waits_and_keeps_its_place(commands: Commands) -> None:
    first = await sent(commands)
    second = await add(commands)
    await commands.settle([Outcome(first.id, 1, "offline")], 101.0, [5.0])
    waiting = await commands.get(first.id)
    assert (waiting.state, waiting.next_at, waiting.code) == (S.QUEUED, 106.0, "offline")
    assert not await claim(commands, 105.0)
    assert [(one.id, one.attempts) for one in await claim(commands, 106.0)] == [(first.id, 2)]
    await commands.settle([Outcome(first.id, 2, "offline")], 107.0, [5.0])
    assert (await commands.get(first.id)).state is S.UNKNOWN
    assert [one.id for one in await claim(commands, 107.0)] == [second.id]


async def test_outcome_of_an_earlier_attempt_counts_no_more(commands: Commands) -> None:
    one = await sent(commands)
    await commands.recover(101.0, [])
    await claim(commands, 101.0)
    await commands.settle([Outcome(one.id, 1, "offline")], 102.0, [])
    assert (await commands.get(one.id)).state is S.SENT


async def test_delivered_command_waits_for_its_answer(commands: Commands) -> None:
    one = await delivered(commands)
    assert (one.state, one.delivered_at, one.deadline) == (S.DELIVERED, 101.0, 131.0)


async def test_command_without_an_expected_answer_ends_with_its_delivery(commands: Commands) -> None:
    one = await delivered(commands, response_timeout=0.0)
    assert (one.state, one.code, one.ended_at) == (S.UNKNOWN, "no-answer-expected", 101.0)


async def test_recover_sends_again_what_a_dead_process_was_sending(commands: Commands) -> None:
    lost = await sent(commands)
    known = await sent(commands, device="boiler-2")
    assert await commands.recover(105.0, [known.id]) == 1
    assert [(one.id, one.attempts) for one in await claim(commands, 105.0)] == [(lost.id, 2)]
    assert (await commands.get(known.id)).attempts == 1


async def test_command_never_sent_expires(commands: Commands) -> None:
    one = await add(commands, expires_at=200.0, deadline=200.0)
    assert not await claim(commands, 200.0)
    assert await commands.expire(199.0) == 0
    assert await commands.expire(200.0) == 1
    ended = await commands.get(one.id)
    assert (ended.state, ended.code, ended.ended_at, ended.deadline) == (S.EXPIRED, "expired", 200.0, None)
    assert await commands.expire(300.0) == 0


async def test_command_that_may_have_arrived_ends_unknown(commands: Commands) -> None:
    on_its_way = await sent(commands, expires_at=200.0, deadline=200.0)
    tried = await sent(commands, device="boiler-2", expires_at=200.0, deadline=200.0)
    await commands.settle([Outcome(tried.id, 1, "offline")], 101.0, [500.0])
    assert await commands.expire(200.0) == 2
    assert {(await commands.get(one.id)).state for one in (on_its_way, tried)} == {S.UNKNOWN}


async def test_device_that_does_not_answer_times_out(commands: Commands) -> None:
    one = await delivered(commands)
    assert await commands.expire(130.9) == 0
    assert await commands.expire(131.0) == 1
    assert (await commands.get(one.id)).state is S.TIMED_OUT


async def test_progress_gives_the_device_more_time(commands: Commands) -> None:
    one = await delivered(commands)
    for at, share in ((120.0, 10), (140.0, 60)):
        effect, moved = await commands.answer("boiler-1", said(S.ACKNOWLEDGED, one.id, result={"progress": share}), at)
        assert moved is not None
        assert (effect, moved.state, moved.deadline) == ("moved", S.ACKNOWLEDGED, at + 30)
    assert await commands.expire(169.0) == 0
    await commands.answer("boiler-1", said(id=one.id, result={"ok": True}), 169.5)
    ended = await commands.get(one.id)
    assert (ended.state, ended.result, ended.acknowledged_at, ended.ended_at) == (
        S.SUCCEEDED,
        {"ok": True},
        140.0,
        169.5,
    )


async def test_repeated_answer_is_harmless(commands: Commands) -> None:
    one = await delivered(commands)
    await commands.answer("boiler-1", said(id=one.id, result=1), 102.0)
    before = await commands.get(one.id)
    for state in (S.SUCCEEDED, S.FAILED, S.ACKNOWLEDGED):
        effect, command = await commands.answer("boiler-1", said(state, one.id, result=2), 103.0)
        assert (effect, command) == ("repeated", before)
    assert await commands.get(one.id) == before


async def test_answer_that_outruns_the_broker_s_counts(commands: Commands) -> None:
    one = await sent(commands)
    assert (await commands.answer("boiler-1", said(id=one.id), 101.0)).effect == "moved"
    await commands.settle([Outcome(one.id, 1, "")], 102.0, [])
    assert (await commands.get(one.id)).state is S.SUCCEEDED


async def test_late_answer_corrects_what_was_only_guessed(commands: Commands) -> None:
    one = await delivered(commands)
    await commands.expire(500.0)
    effect, moved = await commands.answer("boiler-1", said(S.FAILED, one.id, "jammed"), 501.0)
    assert moved is not None
    assert (effect, moved.state, moved.code) == ("moved", S.FAILED, "jammed")
    assert [one.state for one in await commands.unreported(9)] == [S.FAILED]


async def test_answer_without_an_id_is_about_the_only_open_command(commands: Commands) -> None:
    one = await add(commands, device="boiler-2")
    assert (await commands.answer("boiler-2", said(), 100.0)).effect == "no-open-command"
    await claim(commands)
    assert (await commands.answer("boiler-1", said(), 101.0)).effect == "no-open-command"
    effect, moved = await commands.answer("boiler-2", said(), 101.0)
    assert moved is not None
    assert (effect, moved.id) == ("moved", one.id)


async def test_answer_without_an_id_is_ambiguous_with_two_open_commands(commands: Commands) -> None:
    first = await delivered(commands)
    second = await sent(commands)
    assert (await commands.answer("boiler-1", said(), 101.0)).effect == "ambiguous-response"
    assert {(await commands.get(one.id)).state for one in (first, second)} == {S.DELIVERED, S.SENT}


async def test_device_cannot_answer_for_another(store: Store, commands: Commands) -> None:
    one = await delivered(commands)
    assert await commands.answer("boiler-2", said(id=one.id), 102.0) == ("wrong-device", None)
    assert await commands.answer("boiler-1", said(id="c0"), 102.0) == ("unknown-command", None)
    assert (await commands.get(one.id)).state is S.DELIVERED
    (tried,) = await store.audit.list(what="command-answer")
    assert (tried.who, tried.subject) == ("device boiler-2", "boiler-2")
    assert tried.detail == {"command": one.id, "result": "refused", "code": "wrong-device"}


async def test_id_that_no_database_takes_is_unknown(commands: Commands) -> None:
    await delivered(commands)
    assert (await commands.answer("boiler-1", said(id="c\0"), 102.0)).effect == "unknown-command"
    with pytest.raises(UnknownRecordError):
        await commands.get("c\0")


async def test_changes_are_reported_once_each(commands: Commands) -> None:
    assert not await commands.unreported(9)
    one = await sent(commands)
    assert not await commands.unreported(9)
    await commands.settle([Outcome(one.id, 1, "")], 101.0, [])
    (told,) = await commands.unreported(9)
    await commands.answer("boiler-1", said(id=one.id), 102.0)
    await commands.reported(told.id, told.revision)
    (newer,) = await commands.unreported(9)
    assert newer.state is S.SUCCEEDED
    await commands.reported(newer.id, newer.revision)
    await commands.reported(told.id, told.revision)
    assert not await commands.unreported(9)


async def test_purge_forgets_only_what_ended_and_was_reported(commands: Commands) -> None:
    ended = await delivered(commands)
    await commands.answer("boiler-1", said(id=ended.id), 102.0)
    waiting = await add(commands)
    assert await commands.purge(1000.0) == 0
    (told,) = await commands.unreported(9)
    await commands.reported(told.id, told.revision)
    assert await commands.purge(102.0) == 0
    assert await commands.purge(103.0) == 1
    assert [one.id for one in await commands.list(CommandFilter())] == [waiting.id]


async def test_commands_go_with_their_device(registry: EmbeddedRegistry, commands: Commands) -> None:
    await add(commands)
    await registry.devices.remove("boiler-1", "test")
    assert not await commands.list(CommandFilter())


async def test_audit_says_who_asked_for_what_and_how_it_ended(store: Store, commands: Commands) -> None:
    one = await delivered(commands, source="api")
    await commands.answer("boiler-1", said(S.FAILED, one.id, "jammed"), 102.0)
    await commands.refuse("mallory", "boiler-1", {"action": "unlock", "code": "unknown-action"})
    records = await store.audit.list(subject="boiler-1")
    assert [(one.who, one.what, one.detail["result"]) for one in records if one.what.startswith("command")] == [
        ("mallory", "command", "refused"),
        ("device boiler-1", "command-end", "failed"),
        ("alice", "command", "accepted"),
    ]
    (asked,) = await store.audit.list(who="alice")
    assert asked.detail == {
        "command": one.id,
        "action": "reset",
        "params": {"b": 1, "a": [2, None, {"é": 2.5}]},
        "source": "api",
        "result": "accepted",
    }


steps = st.lists(
    st.sampled_from(["claim", "ok", "fail", "recover", "expire", "ack", "succeeded", "failed", "late"]), max_size=15
)


@given(steps=steps)
@settings(max_examples=60, deadline=None)
def test_command_only_takes_steps_of_the_table(steps: list[str]) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps: list[str]) -> None:
    clock = VirtualClock()
    store = await Store.in_memory(clock.time)
    async with running_registry(store, clock) as registry:
        await add_device(registry, "boiler-1")
        commands = registry.commands
        one = await add(commands)
        now = 100.0
        for step in steps:
            now += 10
            match step:
                case "claim":
                    await claim(commands, now)
                case "ok" | "fail":
                    outcome = Outcome(one.id, one.attempts, "" if step == "ok" else "offline")
                    await commands.settle([outcome], now, [1.0, 1.0])
                case "recover":
                    await commands.recover(now, [])
                case "expire":
                    await commands.expire(now)
                case "late":
                    now += 1000
                    await commands.expire(now)
                case "ack" | "succeeded" | "failed":
                    state = {"ack": S.ACKNOWLEDGED, "succeeded": S.SUCCEEDED, "failed": S.FAILED}[step]
                    await commands.answer("boiler-1", said(state, one.id), now)
            after = await commands.get(one.id)
            assert after.state is one.state or _reachable(one.state, after.state), (one, after)
            assert after.attempts >= one.attempts
            assert after.state.is_end == (after.ended_at is not None)
            assert after.state.is_end == (after.deadline is None)
            one = replace(after)
    await store.close()


def _reachable(state: CommandState, target: CommandState) -> bool:
    # A delivery without an expected answer takes two steps in one write.
    return target in TRANSITIONS[state] or any(target in TRANSITIONS[one] for one in TRANSITIONS[state])
