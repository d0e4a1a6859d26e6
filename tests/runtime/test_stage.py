import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, update

from flowengine.flow.document import ErrorPolicy
from flowengine.graph import StagePlan
from flowengine.message import Message
from flowengine.node import BatchNode, Config, Context, NodeError, Output, Status, node_type
from flowengine.runtime import outbox_stage
from flowengine.storage import Claimed, schema
from tests.runtime.stand import Catch, Sink, Source, Stand, Worker, node, plan

POLICY = ErrorPolicy.model_validate({"retry": {"attempts": 3, "initial": "1s", "maximum": "10s", "jitter": False}})


@pytest.fixture(params=[False, True], ids=["memory", "outbox"])
def outbox(request: pytest.FixtureRequest) -> bool:
    """Where a stage's messages wait: one contract for both."""
    return bool(request.param)


@node_type("batcher", category="test")
class Batcher(BatchNode[Config]):
    """Take note of batches; a message that is bad fails alone."""

    out = Output("What is good.")

    def __init__(self, config: Config, context: Context) -> None:
        super().__init__(config, context)
        self.batches: list[list[Any]] = []

    async def receive_batch(self, messages: Sequence[Message]) -> list[BaseException | None]:
        self.batches.append([message.payload for message in messages])
        errors: list[BaseException | None] = [
            NodeError("it is bad") if message.payload == "bad" else None for message in messages
        ]
        for message, error in zip(messages, errors, strict=True):
            if error is None:
                self.send(self.out, message)
        return errors


def staged(outbox: bool, **options: Any) -> Any:
    return plan(
        node(Source, "in"),
        node(Worker, "work", stage=StagePlan(outbox=outbox, **options)),
        node(Sink, "out"),
        wires=["in -> work", "work -> out"],
        errors=POLICY,
    )


async def test_stage_works_on_keys_at_once_and_on_one_key_in_order(stand: Stand, outbox: bool) -> None:
    await stand.deploy(staged(outbox))
    for number in range(5):
        for topic in ("a", "b"):
            stand["in"].produce(payload=f"{topic}{number}", topic=topic, seconds=(5 - number) if topic == "a" else 0)
    await stand.advance(0)
    assert [each for each in stand["out"].payloads if each.startswith("b")] == ["b0", "b1", "b2", "b3", "b4"]
    await stand.advance(20)
    assert [each for each in stand["out"].payloads if each.startswith("a")] == ["a0", "a1", "a2", "a3", "a4"]
    assert stand.balance() == {"received": 10, "settled": 10, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_stage_retries_in_place_and_keeps_the_order(stand: Stand, outbox: bool) -> None:
    await stand.deploy(staged(outbox))
    stand["work"].down = 1
    for number in range(3):
        stand["in"].produce(payload=number, topic="a")
    await stand.advance(0.5)
    assert stand["out"].payloads == []
    await stand.advance(10)
    assert stand["out"].payloads == [0, 1, 2]


async def test_stage_buries_what_can_never_work_and_goes_on(stand: Stand, outbox: bool) -> None:
    await stand.deploy(staged(outbox))
    for payload in (1, "bad", 2):
        stand["in"].produce(payload=payload, topic="a")
    await stand.advance(1)
    assert stand["out"].payloads == [1, 2]
    (letter,) = await stand.store.dead_letters.list()
    assert (letter.node, letter.error_code) == ("work", "bad-payload")
    assert letter.origin == ("outbox" if outbox else "flow")
    assert stand.balance()["in_flight"] == 0


async def test_stage_gives_failures_to_a_catch_node(stand: Stand, outbox: bool) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Worker, "work", stage=StagePlan(outbox=outbox)),
            node(Catch, "catch"),
            node(Sink, "seen"),
            wires=["in -> work", "catch -> seen"],
        )
    )
    stand["in"].produce(payload="bad")
    await stand.settle()
    assert [fields["error"]["code"] for fields in stand["seen"].got] == ["bad-payload"]
    assert await stand.store.dead_letters.count() == 0
    assert stand.balance()["settled"] == 1
    assert await stand.store.outbox.counts() == []


async def test_full_stage_holds_the_sources_back_and_lets_them_go_on(stand: Stand) -> None:
    await stand.deploy(staged(False, queue=4, workers=1))
    for number in range(5):
        stand["in"].produce(payload=number, topic="a", seconds=1)
    assert stand["in"].paused == 1
    assert stand.flow.valve.closed_by == {"work"}
    await stand.advance(1.5)
    assert stand["in"].resumed == 0
    await stand.advance(10)
    assert stand["in"].resumed == 1
    assert stand["out"].payloads == [0, 1, 2, 3, 4]


async def test_outbox_settles_when_the_store_has_committed(stand: Stand) -> None:
    await stand.deploy(staged(True))
    stand["work"].down = 10_000
    stand["in"].produce(payload=1, topic="a")
    assert stand.balance()["in_flight"] == 1
    await stand.settle()
    assert stand.balance()["settled"] == 1
    assert [count.pending for count in await stand.store.outbox.counts()] == [1]


async def test_outbox_outlives_an_outage_longer_than_any_number_of_tries(stand: Stand) -> None:
    await stand.deploy(staged(True))
    stand["work"].down = 40
    for number in range(3):
        stand["in"].produce(payload=number, topic="a")
    await stand.advance(120)
    assert stand["out"].payloads == []
    assert await stand.store.dead_letters.count() == 0
    tried = len(stand["work"].begun)
    assert tried < 20  # the breaker leaves the other side alone
    status = stand.flow.cells["work"].status
    assert status is not None
    assert (status.text, status.level) == ("waits: the other side is down", "error")
    await stand.advance(400)
    assert stand["out"].payloads == [0, 1, 2]
    assert stand.flow.cells["work"].status == Status("answers again", "ok")
    assert await stand.store.outbox.counts() == []


async def test_outbox_takes_a_message_that_cannot_be_stored_for_a_failure(stand: Stand) -> None:
    await stand.deploy(staged(True))
    stand["in"].produce(payload=object())
    await stand.settle()
    (letter,) = await stand.store.dead_letters.list()
    assert letter.error_code == "unencodable-message"
    assert stand.balance()["failed"] == 1


async def test_outbox_stage_that_is_stopped_while_it_claims_gives_the_rows_back(stand: Stand) -> None:
    await stand.deploy(staged(True))
    stand["in"].produce(payload=1, topic="a", seconds=1000)
    await stand.store.flush()
    # The claim is on its way to the store now, or soon; stop at every point of it.
    for passes in range(12):
        for _ in range(passes):
            await asyncio.sleep(0)
        waiting = await stand.flow.halt("work", finish=False)
        assert waiting == []
        rows = await stand.store.outbox.list("flow", "work")
        assert not any(row.claimed for row in rows), f"stopped after {passes} passes of the loop"
        stand.flow.make(stand.flow.plan.nodes["work"])
        await stand.flow.start_node("work")


async def test_outbox_stage_that_is_stopped_while_a_row_goes_back_keeps_it(stand: Stand) -> None:
    await stand.deploy(staged(True))
    # The row is on its way back to the store now, or soon, as the try has failed; stop at every point of it.
    for passes in range(12):
        await stand.settle()
        stand["work"].down = 1
        stand["in"].produce(payload=passes, topic=f"{passes}")
        await stand.store.flush()
        for _ in range(passes):
            await asyncio.sleep(0)
        await stand.flow.halt("work", finish=False)
        await stand.store.flush()
        rows = await stand.store.outbox.list("flow", "work")
        assert [row.claimed for row in rows] == [False], f"stopped after {passes} passes of the loop"
        assert stand["out"].payloads == []
        await stand.store.outbox.drop("flow", "work")
        stand.flow.make(stand.flow.plan.nodes["work"])
        await stand.flow.start_node("work")


async def test_outbox_hands_on_what_it_stored_without_asking_for_it(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stand.deploy(staged(True, workers=2))
    await stand.settle()

    async def claim(*_: object, **__: object) -> list[Claimed]:
        raise AssertionError("what was just stored is claimed already")

    monkeypatch.setattr(stand.store.outbox, "claim", claim)
    for number in range(20):
        stand["in"].produce(payload=number, topic=f"{number % 3}")
    await stand.settle()
    assert sorted(stand["out"].payloads) == list(range(20))
    assert await stand.store.outbox.counts() == []


async def test_outbox_leaves_in_the_store_what_it_has_no_room_for(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_stage, "WINDOW", 4)
    await stand.deploy(staged(True, workers=1))
    for number in range(30):
        stand["in"].produce(payload=number, topic="a", seconds=1)
        await stand.settle()
    rows = await stand.store.outbox.list("flow", "work")
    assert [row.claimed for row in rows] == [True] * 4 + [False] * 26
    await stand.advance(60)
    assert stand["out"].payloads == list(range(30))


async def test_outbox_begins_with_nothing_of_a_key_whose_message_waits_to_be_tried_again(stand: Stand) -> None:
    await stand.deploy(staged(True, workers=2))
    stand["work"].down = 1
    stand["in"].produce(payload=0, topic="a")
    for number in range(1, 10):
        # At every point of the way back of the first one.
        await asyncio.sleep(0)
        stand["in"].produce(payload=number, topic="a")
        stand["in"].produce(payload=-number, topic="b")
    await stand.advance(30)
    assert [one for one in stand["out"].payloads if one >= 0] == list(range(10))
    assert [one for one in stand["out"].payloads if one < 0] == list(range(-1, -10, -1))


async def test_outbox_gives_all_it_has_back_in_an_outage(stand: Stand) -> None:
    await stand.deploy(staged(True, workers=1))
    stand["work"].down = 100
    for number in range(50):
        stand["in"].produce(payload=number, topic=f"{number}")
    await stand.advance(5)
    rows = await stand.store.outbox.list("flow", "work")
    assert len(rows) == 50
    assert sum(row.claimed for row in rows) <= 1
    assert len(stand["work"].begun) < 10


async def test_outbox_that_stops_ends_what_it_has_begun_and_begins_with_nothing_more(stand: Stand) -> None:
    await stand.deploy(staged(True, workers=1))
    for number in range(5):
        stand["in"].produce(payload=number, topic="a", seconds=1)
    await stand.settle()
    work, out = stand["work"], stand["out"]
    stopping = asyncio.create_task(stand.flow.stop(deadline=5))
    await stand.advance(1.5)
    await stopping
    assert (work.begun, out.payloads) == ([0], [0])
    rows = await stand.store.outbox.list("flow", "work")
    assert [row.claimed for row in rows] == [False] * 4


async def test_outbox_gives_up_a_message_that_the_process_dies_of(stand: Stand) -> None:
    await stand.deploy(staged(True, workers=2))
    stand["work"].down = 2
    stand["in"].produce(payload="deadly", topic="a")
    stand["in"].produce(payload="harmless", topic="b")
    await stand.advance(0.5)
    await stand.flow.halt("work", finish=False)

    def died(connection: Connection) -> None:
        deadly = schema.outbox.c.key == "a"
        connection.execute(update(schema.outbox).where(deadly).values(crashes=outbox_stage.MOST_CRASHES, due_at=0.0))

    await stand.store._database.write(died)
    stand.flow.make(stand.flow.plan.nodes["work"])
    await stand.flow.start_node("work")
    await stand.advance(30)
    assert stand["work"].begun == ["harmless"]
    (letter,) = await stand.store.dead_letters.list()
    assert (letter.error_code, letter.key) == ("deadly-message", "a")
    assert "died 10 times" in letter.error_text


async def test_stage_waits_for_a_batch_to_fill_but_not_for_long(stand: Stand, outbox: bool) -> None:
    stage = StagePlan(workers=1, batch=3, linger=2.0, outbox=outbox)
    nodes = [node(Source, "in"), node(Batcher, "work", stage=stage), node(Sink, "out")]
    await stand.deploy(plan(*nodes, wires=["in -> work", "work -> out"], errors=POLICY))
    for number in range(4):
        stand["in"].produce(payload=number, topic="a")
    await stand.advance(0)
    assert stand["work"].batches == [[0, 1, 2]]
    await stand.advance(1.9)
    stand["in"].produce(payload="bad", topic="b")
    await stand.advance(0)
    assert stand["work"].batches == [[0, 1, 2]]
    await stand.advance(0.2)
    assert stand["work"].batches == [[0, 1, 2], [3, "bad"]]
    assert stand["out"].payloads == [0, 1, 2, 3]
    assert await stand.store.dead_letters.count() == 1
    assert stand.balance()["in_flight"] == 0
