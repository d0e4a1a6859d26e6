import asyncio

import pytest

from flowengine.errors import NodeError
from flowengine.storage import Failure, LetterFilter, MissingDeadLetterError, NewLetter, Store
from tests.storage.conftest import Clock, OpenStore


def letter(
    text: str, flow: str = "telemetry", node: str = "map", code: str = "bad-value", error: str = "No"
) -> NewLetter:
    return NewLetter(flow, node, text.encode(), Failure(code, error), source_id="m-1", attempts=3)


async def put(store: Store, *letters: NewLetter) -> None:
    for one in letters:
        await store.dead_letters.put(one)


async def messages(store: Store, which: LetterFilter) -> list[bytes]:
    return [one.message for one in await store.dead_letters.list(which)]


async def test_dead_letter_keeps_all_that_is_known(store: Store, clock: Clock) -> None:
    error = NodeError("the value is text", code="bad-value", detail={"path": "$.payload"})
    new = NewLetter("f", "sub/n", b"\xff\x00", Failure.of(error), "flow", "m-7", 4, "device-1", b"meta")
    await store.dead_letters.put(new)
    (found,) = await store.dead_letters.list()
    assert (found.flow, found.node, found.origin, found.message) == ("f", "sub/n", "flow", b"\xff\x00")
    assert (found.error_code, found.error_text, found.error_detail) == (
        "bad-value",
        "the value is text",
        {"path": "$.payload"},
    )
    assert (found.source_id, found.attempts, found.key, found.meta) == (
        "m-7",
        4,
        "device-1",
        b"meta",
    )
    assert (found.created_at, found.failed_at, found.replays, found.taken) == (clock.now, clock.now, 0, False)
    assert await store.dead_letters.get(found.id) == found
    assert await store.dead_letters.get(found.id + 1) is None


async def test_dead_letter_put_without_waiting_tells_when_it_is_stored(store: Store) -> None:
    done: asyncio.Queue[BaseException | None] = asyncio.Queue()
    store.dead_letters.put_nowait(letter("one"), done.put_nowait)
    assert await done.get() is None
    assert await store.dead_letters.count() == 1


async def test_dead_letters_are_listed_in_pages_newest_first(store: Store) -> None:
    await put(store, *(letter(str(number)) for number in range(5)))
    page = await store.dead_letters.list(limit=2)
    assert [one.message for one in page] == [b"4", b"3"]
    page = await store.dead_letters.list(limit=2, before=page[-1].id)
    assert [one.message for one in page] == [b"2", b"1"]
    page = await store.dead_letters.list(limit=2, before=page[-1].id)
    assert [one.message for one in page] == [b"0"]


async def test_dead_letters_are_found_by_flow_node_code_and_text(store: Store) -> None:
    await put(
        store,
        letter("pump 100%", flow="a"),
        letter("valve_1", flow="b", node="other"),
        letter("Ventil-Öffnung", flow="b", code="http-400", error="Refused by Odoo"),
    )
    assert await messages(store, LetterFilter(flow="a")) == [b"pump 100%"]
    assert await messages(store, LetterFilter(node="other")) == [b"valve_1"]
    assert await messages(store, LetterFilter(flow="b", code="http-400")) == ["Ventil-Öffnung".encode()]
    assert await messages(store, LetterFilter(search="Öffnung")) == ["Ventil-Öffnung".encode()]
    assert await messages(store, LetterFilter(search="refused BY")) == ["Ventil-Öffnung".encode()]
    assert await messages(store, LetterFilter(search="%")) == [b"pump 100%"]
    assert await messages(store, LetterFilter(search="_")) == [b"valve_1"]
    assert await messages(store, LetterFilter(search="nowhere")) == []
    assert await store.dead_letters.count(LetterFilter(flow="b")) == 2
    assert await store.dead_letters.counts() == [
        ("a", "map", "bad-value", 1),
        ("b", "map", "http-400", 1),
        ("b", "other", "bad-value", 1),
    ]


async def test_dead_letter_can_be_edited(store: Store) -> None:
    await put(store, letter("wrong"))
    (found,) = await store.dead_letters.list()
    await store.dead_letters.edit(found.id, b"right")
    assert await messages(store, LetterFilter()) == [b"right"]


async def test_dead_letter_that_is_gone_or_being_replayed_cannot_be_edited(store: Store) -> None:
    await put(store, letter("one"))
    (found,) = await store.dead_letters.list()
    with pytest.raises(MissingDeadLetterError, match=f"no dead letter {found.id + 1} to edit"):
        await store.dead_letters.edit(found.id + 1, b"")
    await store.dead_letters.take_for_replay(LetterFilter())
    with pytest.raises(MissingDeadLetterError):
        await store.dead_letters.edit(found.id, b"too late")
    assert await messages(store, LetterFilter()) == [b"one"]


async def test_dead_letters_leave_when_they_were_replayed(store: Store) -> None:
    await put(store, *(letter(str(number)) for number in range(3)))
    taken = await store.dead_letters.take_for_replay(LetterFilter(), limit=2)
    assert [one.message for one in taken] == [b"0", b"1"]
    assert [(one.replays, one.taken) for one in taken] == [(0, False), (0, False)]
    assert [one.taken for one in await store.dead_letters.list()] == [False, True, True]
    await store.dead_letters.mark_replayed([one.id for one in taken])
    assert await messages(store, LetterFilter()) == [b"2"]


async def test_dead_letters_are_taken_by_one_process_only(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(2)]
    await put(stores[0], *(letter(str(number)) for number in range(20)))
    takes = await asyncio.gather(*(one.dead_letters.take_for_replay(LetterFilter()) for one in stores))
    assert sorted(int(one.message) for taken in takes for one in taken) == list(range(20))


async def test_dead_letters_say_that_they_may_have_been_replayed_before(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    await put(one, letter("x"))
    await one.dead_letters.take_for_replay(LetterFilter())
    assert await two.dead_letters.take_for_replay(LetterFilter()) == []
    await one.close()
    (again,) = await two.dead_letters.take_for_replay(LetterFilter())
    assert again.replays == 1


async def test_dead_letters_can_be_given_back(store: Store) -> None:
    await put(store, letter("x"))
    (taken,) = await store.dead_letters.take_for_replay(LetterFilter())
    await store.dead_letters.give_back([taken.id])
    (found,) = await store.dead_letters.list()
    assert not found.taken
    assert len(await store.dead_letters.take_for_replay(LetterFilter(ids=[taken.id]))) == 1


async def test_dead_letters_from_flows_do_not_go_to_the_outbox(store: Store) -> None:
    await put(store, letter("x"))
    assert await store.dead_letters.requeue(LetterFilter()) == 0
    assert await store.dead_letters.count() == 1


async def test_dead_letters_of_any_number_go_back_to_the_outbox_in_order(store: Store) -> None:
    wanted = [str(number).encode() for number in range(2500)]
    new = [NewLetter("f", "n", text, Failure("down", "down"), "outbox", key="a") for text in wanted]
    await asyncio.gather(*(store.dead_letters.put(one) for one in new))
    assert await store.dead_letters.requeue(LetterFilter(code="down")) == 2500
    rows = await store.outbox.claim("f", "n", limit=3000)
    assert [row.message for row in rows] == wanted


async def test_dead_letters_are_dropped_by_filter(store: Store) -> None:
    await put(store, letter("1", flow="a"), letter("2", flow="b"), letter("3", flow="b"))
    assert await store.dead_letters.drop(LetterFilter(flow="b")) == 2
    (left,) = await store.dead_letters.list()
    assert await store.dead_letters.drop(LetterFilter(ids=[left.id, left.id + 1])) == 1
    assert await store.dead_letters.count() == 0


def test_failure_describes_any_error() -> None:
    assert Failure.of(NodeError("no", code="bad", detail={"a": 1})) == ("bad", "no", b'{"a":1}')
    assert Failure.of(KeyError()) == ("unexpected-error", "KeyError", b"{}")
    assert Failure.of(NodeError("no", detail={"a": 2**80})).detail.startswith(b'{"repr":')
