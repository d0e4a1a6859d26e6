"""Messages that an outbox hands on before they are stored."""

import asyncio
import random
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from flowengine.flow.document import ErrorPolicy
from flowengine.graph import StagePlan
from flowengine.runtime import outbox_stage
from flowengine.runtime.passing import LINGER, REST
from tests.runtime.stand import Catch, Keeper, Sink, Source, Stand, Worker, node, plan

POLICY = ErrorPolicy.model_validate({"retry": {"attempts": 3, "initial": "1s", "maximum": "10s", "jitter": False}})
LONG = 2.5 * LINGER


async def deploy(stand: Stand, tag: str = "", **options: Any) -> None:
    """Deploy a flow with an outbox; another tag is another node."""
    work = node(Worker, "work", {"tag": tag}, stage=StagePlan(outbox=True, **options))
    await stand.deploy(
        plan(node(Source, "in"), work, node(Sink, "out"), wires=["in -> work", "work -> out"], errors=POLICY)
    )


async def pass_on(stand: Stand, **options: Any) -> None:
    """Deploy a flow with an outbox, and let it learn that nothing is stored."""
    await deploy(stand, **options)
    await stand.settle()
    stand["in"].produce(payload="first", topic="first")
    await stand.settle()
    assert stand["out"].payloads == ["first"]
    stand["out"].got.clear()
    stand["work"].begun.clear()


async def waiting(stand: Stand) -> list[bool]:
    return [row.claimed for row in await stand.store.outbox.list("flow", "work")]


def stage(stand: Stand) -> outbox_stage.OutboxStage:
    found = stand.flow.stages["work"]
    assert isinstance(found, outbox_stage.OutboxStage)
    return found


async def test_message_that_ends_soon_is_never_stored(stand: Stand) -> None:
    await pass_on(stand)
    for number in range(50):
        stand["in"].produce(payload=number, topic="a", seconds=LINGER / 100)
    assert stand.balance()["in_flight"] == 50
    await stand.advance(LINGER)
    assert stand["out"].payloads == list(range(50))
    assert (stage(stand).passed, stage(stand).stored, stage(stand).delivered) == (50, 51, 51)
    assert stand.balance() == {"received": 51, "settled": 51, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_message_that_takes_long_is_stored_and_its_source_answered(stand: Stand) -> None:
    await pass_on(stand)
    stand["in"].produce(payload=1, topic="a", seconds=10)
    await stand.advance(LINGER * 0.9)
    assert stand.balance()["in_flight"] == 1
    assert await waiting(stand) == []
    await stand.advance(LONG)
    assert stand.balance()["settled"] == 2
    assert await waiting(stand) == [True]
    await stand.advance(10)
    assert stand["out"].payloads == [1]
    assert stand["work"].begun == [1]
    assert await waiting(stand) == []


async def test_messages_are_stored_at_once_while_most_take_long(stand: Stand) -> None:
    await pass_on(stand)
    stand["in"].produce(payload=1, topic="a", seconds=10)
    await stand.advance(LONG)
    stand["in"].produce(payload=2, topic="b")
    await stand.settle()
    assert (stage(stand).passed, stage(stand).stored) == (0, 3)
    await stand.advance(REST)
    # The next one finds out that nothing is in the way.
    for payload in (3, 4):
        stand["in"].produce(payload=payload, topic="b")
        await stand.settle()
    assert (stage(stand).passed, stage(stand).stored) == (1, 5)


async def test_message_that_fails_is_stored_before_it_is_tried_again(stand: Stand) -> None:
    await pass_on(stand)
    stand["work"].down = 1
    for number in range(3):
        stand["in"].produce(payload=number, topic="a")
    await stand.settle()
    assert stand.balance()["settled"] == 4
    assert await waiting(stand) == [False] * 3
    await stand.advance(10)
    assert stand["out"].payloads == [0, 1, 2]


async def test_message_that_can_never_work_is_a_dead_letter_of_the_outbox(stand: Stand) -> None:
    await pass_on(stand)
    for payload in (1, "bad", 2):
        stand["in"].produce(payload=payload, topic="a")
    await stand.advance(1)
    assert stand["out"].payloads == [1, 2]
    (letter,) = await stand.store.dead_letters.list()
    assert (letter.origin, letter.error_code, letter.key) == ("outbox", "bad-payload", "a")


async def test_message_that_cannot_be_stored_passes_all_the_same(stand: Stand) -> None:
    await pass_on(stand)
    stand["in"].produce(payload=object(), topic="a", seconds=1)
    await stand.advance(LONG)
    assert stand.balance()["in_flight"] == 1
    await stand.advance(2)
    assert len(stand["out"].got) == 1
    assert stand.balance() == {"received": 2, "settled": 2, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_message_that_cannot_be_stored_is_given_up_when_it_fails(stand: Stand) -> None:
    await pass_on(stand)
    stand["work"].down = 1
    stand["in"].produce(payload=object(), topic="a")
    await stand.advance(5)
    assert stand["work"].begun != []
    assert stand.balance()["failed"] == 1
    assert await stand.store.dead_letters.count() == 1


async def test_source_hears_what_became_of_a_message_that_passed(stand: Stand) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Worker, "work", stage=StagePlan(outbox=True)),
            node(Worker, "next", stage=StagePlan()),
            wires=["in -> work", "work -> next"],
            errors=ErrorPolicy.model_validate({"retry": {"attempts": 1}}),
        )
    )
    await stand.settle()
    stand["in"].produce(payload="first", topic="a")
    await stand.settle()
    stand["next"].down = 1
    stand["in"].produce(payload=1, topic="a")
    await stand.settle()
    assert stage(stand).passed == 1
    assert stand.balance()["failed"] == 1


async def test_message_that_fails_after_the_call_is_tried_again(stand: Stand) -> None:
    work = replace(node(Keeper, "work", stage=StagePlan(outbox=True)), opts_in=True)
    await stand.deploy(plan(node(Source, "in"), work, wires=["in -> work"], errors=POLICY))
    await stand.settle()
    stand["in"].produce(payload=0, topic="a")
    await stand.settle()
    stand["work"].let_go()
    await stand.settle()
    stand["in"].produce(payload=1, topic="a")
    await stand.settle()
    (kept,) = stand["work"].hand_over()
    cell = stand.flow.cells["work"]
    cell.fail(kept, RuntimeError("it was refused after all"))
    kept.delivery.release()
    await stand.settle()
    (letter,) = await stand.store.dead_letters.list()
    assert letter.origin == "outbox"
    assert await waiting(stand) == []
    assert stand.balance()["settled"] == 2


async def test_failure_of_a_message_that_passed_goes_to_a_catch_node(stand: Stand) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Worker, "work", stage=StagePlan(outbox=True)),
            node(Catch, "catch"),
            node(Sink, "seen"),
            wires=["in -> work", "catch -> seen"],
        )
    )
    for payload in ("first", "bad"):
        stand["in"].produce(payload=payload, topic="a")
        await stand.settle()
    assert [fields["error"]["code"] for fields in stand["seen"].got] == ["bad-payload"]
    assert stand.balance()["settled"] == 2
    assert await waiting(stand) == []


async def test_no_more_pass_than_there_is_room_for(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_stage, "WINDOW", 4)
    await pass_on(stand, workers=1)
    for number in range(30):
        stand["in"].produce(payload=number, topic="a", seconds=1)
    await stand.settle()
    assert await waiting(stand) == [True] * 4 + [False] * 26
    await stand.advance(60)
    assert stand["out"].payloads == list(range(30))


async def test_what_comes_while_the_store_commits_is_handed_on_when_nothing_is_in_the_way(stand: Stand) -> None:
    await pass_on(stand)
    await deploy(stand, "another")
    await stand.settle()
    # Nothing is known of the store yet.
    stand["in"].produce(payload=0, topic="a")
    await asyncio.sleep(0)
    for number in range(1, 20):
        stand["in"].produce(payload=number, topic="a")
    await stand.settle()
    assert stand["out"].payloads == list(range(20))
    assert (stage(stand).stored, stage(stand).passed) == (20, 19)


async def test_message_that_passes_outlives_a_stop(stand: Stand) -> None:
    await pass_on(stand, workers=1)
    for number in range(5):
        stand["in"].produce(payload=number, topic="a", seconds=1)
    for _ in range(3):
        await asyncio.sleep(0)
    assert stand["work"].begun == [0]
    assert await waiting(stand) == []
    out = stand["out"]
    stopping = asyncio.create_task(stand.flow.stop(deadline=5))
    await stand.advance(1.5)
    await stopping
    assert out.payloads == [0]
    assert await waiting(stand) == [False] * 4
    assert stand.balance()["in_flight"] == 0


@pytest.mark.parametrize("down", [0, 1])
async def test_stage_that_is_stopped_at_any_moment_loses_nothing_that_passed(stand: Stand, down: int) -> None:
    for passes in range(14):
        await pass_on(stand, tag=f"{passes}")
        stand["work"].down = down
        stand["in"].produce(payload=passes, topic=f"{passes}", seconds=1000)
        for _ in range(passes):
            await asyncio.sleep(0)
        await stand.flow.halt("work", finish=False)
        await stand.store.flush()
        assert await waiting(stand) == [False], f"stopped after {passes} passes of the loop"
        assert stand.balance()["in_flight"] == 0
        await stand.store.outbox.drop("flow", "work")


@pytest.mark.parametrize("seed", range(40))
async def test_order_and_books_hold_whatever_happens(  # noqa: C901 - so much may happen
    stand: Stand, seed: int
) -> None:
    chance = random.Random(seed)
    workers = chance.choice([1, 3])
    await pass_on(stand, workers=workers)
    sent: dict[str, list[int]] = defaultdict(list)
    for number in range(120):
        topic = chance.choice("abcd")
        sent[topic].append(number)
        takes = chance.choice([0, 0, 0, LINGER / 10, LINGER * 3])
        stand["in"].produce(payload=number, topic=topic, seconds=takes)
        if chance.random() < 0.08:
            stand["work"].down = chance.randint(1, 4)
        if chance.random() < 0.03:
            redeploying = asyncio.create_task(deploy(stand, f"{number}", workers=workers))
            await stand.advance(LINGER * 3)
            await redeploying
        match chance.randrange(6):
            case 0:
                await stand.settle()
            case 1:
                await stand.advance(chance.choice([LINGER / 2, LINGER, 1.0]))
            case 2:
                for _ in range(chance.randrange(6)):
                    await asyncio.sleep(0)
    stand["work"].down = 0
    await stand.advance(300)
    assert stand.balance()["in_flight"] == 0
    assert await waiting(stand) == []
    assert await stand.store.dead_letters.count() == 0
    came: dict[str, list[int]] = defaultdict(list)
    for fields in stand["out"].got:
        if fields["payload"] not in came[fields["topic"]]:
            came[fields["topic"]].append(fields["payload"])
    for topic, numbers in sent.items():
        assert came[topic] == numbers, topic
