import asyncio

import pytest
from sqlalchemy import update

from flowengine.storage import (
    Claimed,
    DeadLetter,
    Entry,
    Failure,
    LetterFilter,
    StorageRefusedError,
    Store,
    schema,
)
from tests.storage.conftest import Clock, OpenStore

SINK = ("telemetry", "odoo")


def entry(text: str, key: str = "", due_at: float = 0.0) -> Entry:
    return Entry(*SINK, text.encode(), key, b"meta", due_at)


async def put(store: Store, *entries: Entry) -> None:
    for one in entries:
        await store.outbox.put(one)


def texts(rows: list[Claimed]) -> list[str]:
    return [row.message.decode() for row in rows]


async def test_outbox_gives_what_was_put_in_order(store: Store, clock: Clock) -> None:
    await put(store, entry("one", "a"), entry("two", "b"))
    rows = await store.outbox.claim(*SINK)
    assert rows == [
        Claimed(rows[0].id, "a", b"one", b"meta", clock.now, 0, None),
        Claimed(rows[1].id, "b", b"two", b"meta", clock.now, 0, None),
    ]
    assert rows[0].id < rows[1].id


async def test_outbox_keeps_any_bytes(store: Store) -> None:
    message = bytes(range(256)) * 400
    await store.outbox.put(Entry(*SINK, message, meta=b"\x00\xff"))
    (row,) = await store.outbox.claim(*SINK)
    assert (row.message, row.meta) == (message, b"\x00\xff")


async def test_outbox_tells_when_a_row_put_without_waiting_is_stored(store: Store) -> None:
    done: asyncio.Queue[BaseException | None] = asyncio.Queue()
    store.outbox.put_nowait([entry("one")], done.put_nowait)
    assert done.empty()
    assert await done.get() is None
    assert texts(await store.outbox.claim(*SINK)) == ["one"]


async def test_outbox_keeps_rows_in_the_order_they_were_put_together(store: Store) -> None:
    wanted = [str(number) for number in range(300)]
    await asyncio.gather(*(store.outbox.put(entry(text)) for text in wanted))
    assert texts(await store.outbox.claim(*SINK, limit=1000)) == wanted


async def test_outbox_claims_no_more_than_asked_for(store: Store) -> None:
    await put(store, *(entry(str(number)) for number in range(5)))
    assert texts(await store.outbox.claim(*SINK, limit=2)) == ["0", "1"]
    assert texts(await store.outbox.claim(*SINK, limit=2)) == ["2", "3"]


async def test_outbox_claims_about_as_many_bytes_as_asked_for(store: Store) -> None:
    await put(store, *(entry("x" * 1000) for _ in range(5)))
    assert len(await store.outbox.claim(*SINK, most_bytes=2500)) == 2
    assert len(await store.outbox.claim(*SINK, most_bytes=1)) == 1


async def test_outbox_claims_only_rows_of_one_sink(store: Store) -> None:
    await put(store, entry("ours"))
    await store.outbox.put(Entry("telemetry", "other", b"theirs"))
    assert texts(await store.outbox.claim(*SINK)) == ["ours"]
    assert texts(await store.outbox.claim("telemetry", "other")) == ["theirs"]


async def test_outbox_gives_no_row_twice(open_store: OpenStore) -> None:
    stores = [await open_store() for _ in range(3)]
    await asyncio.gather(*(stores[0].outbox.put(entry(str(number))) for number in range(90)))
    claims = await asyncio.gather(*(store.outbox.claim(*SINK, limit=40) for store in stores))
    assert sorted(int(text) for rows in claims for text in texts(rows)) == list(range(90))


async def test_outbox_holds_back_rows_behind_a_claimed_one_of_their_key(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    await put(one, entry("a1", "a"), entry("b1", "b"), entry("a2", "a"), entry("free"))
    (first,) = await one.outbox.claim(*SINK, limit=1)
    assert texts(await two.outbox.claim(*SINK)) == ["b1", "free"]
    assert await one.outbox.claim(*SINK) == []
    await one.outbox.complete([first.id])
    assert texts(await two.outbox.claim(*SINK)) == ["a2"]


async def test_outbox_gives_rows_of_a_key_together_and_in_order(store: Store) -> None:
    await put(store, entry("a1", "a"), entry("b1", "b"), entry("a2", "a"))
    assert texts(await store.outbox.claim(*SINK)) == ["a1", "b1", "a2"]


async def test_outbox_holds_back_rows_behind_one_that_waits_to_be_tried_again(store: Store, clock: Clock) -> None:
    await put(store, entry("a1", "a"), entry("a2", "a"))
    rows = await store.outbox.claim(*SINK)
    await store.outbox.retry([rows[0].id], clock.now + 30, "refused")
    await store.outbox.release([rows[1].id])
    assert await store.outbox.claim(*SINK) == []
    assert await store.outbox.next_due(*SINK) == clock.now + 30
    clock.now += 30
    (again,) = await store.outbox.claim(*SINK)
    assert (again.message, again.attempts, again.last_error) == (b"a1", 1, "refused")
    await store.outbox.complete([again.id])
    (second,) = await store.outbox.claim(*SINK)
    assert (second.message, second.attempts) == (b"a2", 0)


async def test_outbox_gives_a_long_row_of_one_key_bit_by_bit(store: Store) -> None:
    wanted = [str(number) for number in range(450)]
    await asyncio.gather(*(store.outbox.put(entry(text, "a")) for text in wanted))
    sent: list[str] = []
    while rows := await store.outbox.claim(*SINK, limit=200):
        assert await store.outbox.claim(*SINK) == []
        sent += texts(rows)
        await store.outbox.complete([row.id for row in rows])
    assert sent == wanted


async def test_outbox_finds_other_keys_behind_a_long_row_of_one_that_waits(store: Store, clock: Clock) -> None:
    await asyncio.gather(*(store.outbox.put(entry("stuck", "a")) for _ in range(2500)))
    await put(store, entry("b1", "b"))
    (head,) = await store.outbox.claim(*SINK, limit=1)
    await store.outbox.retry([head.id], clock.now + 60, "refused")
    assert texts(await store.outbox.claim(*SINK, limit=10)) == ["b1"]


async def test_outbox_gives_a_row_again_when_its_lease_has_ended(open_store: OpenStore, clock: Clock) -> None:
    one, two = await open_store(), await open_store()
    await put(one, entry("a1", "a"), entry("a2", "a"))
    (first,) = await one.outbox.claim(*SINK, limit=1, lease=10)
    clock.now += 9.5
    assert await two.outbox.claim(*SINK) == []
    clock.now += 1
    (again,) = await two.outbox.claim(*SINK)
    assert (again.id, again.message, again.attempts, again.crashes) == (first.id, b"a1", 0, 1)
    # The first one is late: its wishes about a row that is no longer its own change nothing.
    await one.outbox.retry([first.id], clock.now + 1000, "late")
    await one.outbox.release([first.id])
    await one.outbox.bury(first.id, Failure("late", "late"))
    assert await one.outbox.claim(*SINK) == []
    await two.outbox.complete([again.id])
    assert texts(await two.outbox.claim(*SINK)) == ["a2"]
    assert await one.dead_letters.count() == 0


async def test_outbox_does_not_give_a_process_its_own_claims_again(store: Store, clock: Clock) -> None:
    await put(store, entry("a1", "a"))
    await store.outbox.claim(*SINK, lease=1)
    clock.now += 3600
    assert await store.outbox.claim(*SINK) == []


async def test_outbox_holds_a_row_longer_when_its_lease_is_renewed(open_store: OpenStore, clock: Clock) -> None:
    one, two = await open_store(), await open_store()
    await put(one, entry("one"))
    (row,) = await one.outbox.claim(*SINK, lease=10)
    clock.now += 9
    await one.outbox.renew([row.id], lease=10)
    clock.now += 9
    assert await two.outbox.claim(*SINK) == []


async def test_outbox_waits_for_nothing_when_the_clock_goes_back(store: Store, clock: Clock) -> None:
    await put(store, entry("one"))
    clock.now -= 86_400
    assert texts(await store.outbox.claim(*SINK)) == ["one"]


async def test_outbox_gives_a_delayed_row_at_its_time(store: Store, clock: Clock) -> None:
    await put(store, entry("later", due_at=clock.now + 5), entry("now"))
    assert texts(await store.outbox.claim(*SINK)) == ["now"]
    clock.now += 5
    assert texts(await store.outbox.claim(*SINK)) == ["later"]


async def test_outbox_can_be_told_to_try_again_at_once(store: Store, clock: Clock) -> None:
    await put(store, entry("one"), entry("two"))
    rows = await store.outbox.claim(*SINK, limit=1)
    await store.outbox.retry([rows[0].id], clock.now + 3600, "down")
    assert await store.outbox.hasten(*SINK) == 1
    assert texts(await store.outbox.claim(*SINK)) == ["one", "two"]


async def test_outbox_counts_what_waits(open_store: OpenStore, clock: Clock) -> None:
    store = await open_store()
    await put(store, entry("a1", "a"), entry("b1", "b"), entry("c1", "c"))
    await store.outbox.put(Entry("alerts", "mail", b"x"))
    clock.now += 7
    rows = await store.outbox.claim(*SINK, limit=1)
    await put(store, entry("a2", "a"))
    (alerts, telemetry) = await store.outbox.counts()
    assert (alerts.flow, alerts.node, alerts.pending, alerts.due, alerts.oldest) == ("alerts", "mail", 1, 1, 7)
    assert (telemetry.flow, telemetry.node, telemetry.pending, telemetry.oldest) == (*SINK, 4, 7)
    await store.outbox.retry([rows[0].id], clock.now + 5, "down")
    await store.outbox.claim(*SINK)
    assert (await store.outbox.counts())[1].due == 0


async def test_outbox_lists_what_waits(store: Store, clock: Clock) -> None:
    await put(store, *(entry(str(number)) for number in range(5)))
    (row,) = await store.outbox.claim(*SINK, limit=1)
    page = await store.outbox.list(*SINK, limit=2)
    assert [(one.message, one.claimed) for one in page] == [(b"0", True), (b"1", False)]
    assert page[0].id == row.id
    rest = await store.outbox.list(*SINK, after=page[-1].id)
    assert [one.message for one in rest] == [b"2", b"3", b"4"]


async def test_outbox_drops_what_nobody_sends(store: Store) -> None:
    await put(store, *(entry(str(number), "a") for number in range(5)))
    (row,) = await store.outbox.claim(*SINK, limit=1)
    assert await store.outbox.drop(*SINK) == 4
    await store.outbox.complete([row.id])
    await put(store, entry("new", "a"))
    assert texts(await store.outbox.claim(*SINK)) == ["new"]


async def test_outbox_buries_a_row_with_all_that_is_known(store: Store, clock: Clock) -> None:
    await put(store, entry("bad", "a"), entry("next", "a"))
    rows = await store.outbox.claim(*SINK, limit=1)
    clock.now += 5
    await store.outbox.bury(rows[0].id, Failure("http-400", "the server says no", b'{"status":400}'))
    (letter,) = await store.dead_letters.list()
    assert letter == DeadLetter(
        id=letter.id,
        flow=SINK[0],
        node=SINK[1],
        origin="outbox",
        key="a",
        message=b"bad",
        meta=b"meta",
        error_code="http-400",
        error_text="the server says no",
        error_detail={"status": 400},
        source_id="",
        attempts=1,
        created_at=clock.now - 5,
        failed_at=clock.now,
        replays=0,
        taken=False,
    )
    assert texts(await store.outbox.claim(*SINK)) == ["next"]


async def test_outbox_takes_buried_rows_back(store: Store) -> None:
    await put(store, entry("bad", "a"))
    (row,) = await store.outbox.claim(*SINK)
    await store.outbox.bury(row.id, Failure("http-400", "no"))
    assert await store.dead_letters.requeue(LetterFilter(flow="other")) == 0
    assert await store.dead_letters.requeue(LetterFilter(flow=SINK[0])) == 1
    assert await store.dead_letters.count() == 0
    (again,) = await store.outbox.claim(*SINK)
    assert (again.message, again.key, again.meta, again.attempts) == (b"bad", "a", b"meta", 0)


async def test_outbox_gives_back_what_a_closed_process_had_claimed(open_store: OpenStore) -> None:
    one, two = await open_store(), await open_store()
    await put(one, entry("one"))
    await one.outbox.claim(*SINK)
    await one.close()
    (row,) = await two.outbox.claim(*SINK)
    assert row.attempts == 0


async def test_outbox_wakes_its_dispatcher(store: Store) -> None:
    event = store.outbox.event(*SINK)
    await store.outbox.put(Entry("telemetry", "other", b"x"))
    assert not event.is_set()
    await put(store, entry("a1", "a"), entry("a2", "a"))
    assert event.is_set()
    (row,) = await store.outbox.claim(*SINK, limit=1)
    assert await store.outbox.claim(*SINK) == []
    event.clear()
    await store.outbox.complete([row.id])
    assert event.is_set()
    assert texts(await store.outbox.claim(*SINK)) == ["a2"]


async def test_outbox_refuses_one_bad_row_and_stores_its_neighbours(store: Store) -> None:
    bad = entry("bad", "half a pair: \ud800")
    results = await asyncio.gather(
        *(store.outbox.put(one) for one in (entry("one"), bad, entry("two"))), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), StorageRefusedError, type(None)]
    assert texts(await store.outbox.claim(*SINK)) == ["one", "two"]


@pytest.mark.parametrize("error", ["NUL \0 inside", "half a pair \ud800"])
async def test_outbox_takes_any_error_text(store: Store, clock: Clock, error: str) -> None:
    await put(store, entry("one"))
    (row,) = await store.outbox.claim(*SINK)
    await store.outbox.retry([row.id], clock.now, error)
    (row,) = await store.outbox.claim(*SINK)
    assert row.last_error is not None
    await store.outbox.bury(row.id, Failure.of(ValueError(error)))
    (letter,) = await store.dead_letters.list()
    assert letter.error_code == "unexpected-error"


async def test_outbox_gives_a_row_that_processes_died_of_to_one_that_has_few_others(store: Store) -> None:
    await put(store, *(entry(str(number)) for number in range(40)))

    async def died(number: int, crashes: int) -> None:
        deadly = update(schema.outbox).where(schema.outbox.c.message == str(number).encode()).values(crashes=crashes)
        await store._database.write(lambda connection: connection.execute(deadly).rowcount)

    await died(2, 1)
    first = await store.outbox.claim(*SINK, limit=16)
    assert texts(first) == ["0", "1", "2", "3"]
    await store.outbox.complete([row.id for row in first])
    await died(5, 9)
    assert texts(await store.outbox.claim(*SINK, limit=16)) == ["4"]
    assert await store.outbox.claim(*SINK, limit=15, held=1) == []
    (alone,) = await store.outbox.claim(*SINK, limit=16)
    assert (alone.message, alone.crashes) == (b"5", 9)


async def test_outbox_gives_what_was_just_stored_only_where_nothing_waits_before_it(store: Store) -> None:
    async def put_at_once(*texts_and_keys: tuple[str, str]) -> list[bool]:
        stored = asyncio.get_running_loop().create_future()
        entries = [entry(text, key) for text, key in texts_and_keys]
        lot = store.outbox.put_nowait(entries, stored.set_result, wanted=len(entries))
        assert await stored is None
        return [bool(id) for id in lot.given]

    if not store.outbox.gives_at_once:
        assert await put_at_once(("one", "a")) == []
        return
    assert await put_at_once(("a1", "a"), ("b1", "b"), ("free", "")) == [True, True, True]
    rows = {row.message: row.id for row in await store.outbox.list(*SINK)}
    await store.outbox.retry([rows[b"a1"]], 1e12, "down")
    assert await put_at_once(("a2", "a"), ("b2", "b"), ("free2", "")) == [False, True, True]
    # One waits that could be claimed: what comes later must not overtake it for ever.
    await put(store, entry("waits"))
    assert await put_at_once(("late", "")) == []
