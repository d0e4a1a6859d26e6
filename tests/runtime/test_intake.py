import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from flowengine.message import Account, Delivery, Message
from flowengine.runtime.intake import Arrived, Intake
from flowengine.runtime.row_delivery import RowDelivery
from flowengine.storage import Entry, Lot, StorageBacklogError, StorageFullError, StorageRefusedError
from flowengine.storage.outbox_lot import Hold
from flowengine.testing import VirtualClock, settled

Done = Callable[[BaseException | None], None]


class FakeOutbox:
    """Commits when a test says so; as long as it is full it takes nothing."""

    most_bytes = 1000

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.pending: list[tuple[Lot, Done]] = []
        self.full = False
        self.refused: Collection[str] = ()

    def put_nowait(
        self,
        entries: Sequence[Entry],
        on_done: Done,
        *,
        wanted: int = 0,
        begun: int = 0,
        asks: bool = False,
        lease: float = 0.0,
    ) -> Lot:
        if self.full:
            raise StorageBacklogError("here")
        lot = Lot(entries, 0.0, Hold("me", lease), wanted, begun=begun, asks=asks)
        self.pending.append((lot, on_done))
        return lot

    def commit(self, error: BaseException | None = None) -> list[str]:
        """End the commit that is going on, and return what was in it."""
        pending, self.pending = self.pending, []
        found: list[str] = []
        for lot, done in pending:
            texts = [entry.message.decode() for entry in lot.entries]
            found += texts
            problem = error
            if problem is None and any(text in self.refused for text in texts):
                problem = StorageRefusedError("here")
            if problem is None:
                self.rows += texts
                lot.given = [len(self.rows) if place < lot.wanted else 0 for place in range(len(texts))]
                lot.is_clear = lot.asks
            done(problem)
        return found


class Rig:
    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.clock = VirtualClock()
        self.stored: list[Any] = []
        self.refused: list[Any] = []
        self.given: list[Any] = []
        self.wanted = 0
        self.asks = False
        self.recalled: list[Any] = []
        self.troubles = 0
        self.on_stored: Callable[[], None] | None = None
        outbox: Any = self.outbox
        self.intake = Intake(
            outbox,
            self.clock,
            "the outbox",
            wanted=lambda arrived: min(self.wanted, len(arrived)),
            asks=lambda: self.asks,
            stored=self.was_stored,
            cleared=self.was_cleared,
            refused=lambda one, error: self.refused.append((one.message.payload, error.code)),
            trouble=self.trouble,
            lease=60.0,
        )

    def was_stored(self, arrived: Sequence[Arrived], given: Sequence[int]) -> None:
        self.stored += [one.message.payload for one in arrived]
        self.given += [one.message.payload for one, id in zip(arrived, given, strict=True) if id]
        if self.on_stored is not None:
            self.on_stored()

    def was_cleared(self) -> None:
        self.recalled += [one.message.payload for one in self.intake.recall()]

    def trouble(self) -> None:
        self.troubles += 1

    def put(self, *texts: str) -> None:
        for text in texts:
            message = Message({"payload": text}, Delivery(Account()))
            self.intake.put(Arrived(Entry("flow", "sink", text.encode()), message))

    def put_begun(self, text: str) -> None:
        message = Message({"payload": text}, Delivery(Account()))
        row = RowDelivery(lambda _: None, source=message)
        self.intake.put(Arrived(Entry("flow", "sink", text.encode()), message, row))


async def test_intake_stores_with_one_commit_what_comes_in_one_pass_and_the_rest_with_the_next() -> None:
    rig = Rig()
    rig.put("a", "b")
    await settled()
    rig.put("c")
    rig.put("d")
    assert rig.outbox.commit() == ["a", "b"]
    assert rig.stored == ["a", "b"]
    assert rig.outbox.commit() == ["c", "d"]
    assert rig.stored == ["a", "b", "c", "d"]


async def test_intake_lets_nothing_pass_what_could_not_be_stored() -> None:
    rig = Rig()
    rig.put("a")
    await settled()
    rig.put("b")
    rig.outbox.commit(StorageFullError("here"))
    await settled()
    rig.put("c")
    await settled()
    assert rig.outbox.pending == []
    assert rig.troubles == 1
    await rig.clock.advance(0.5)
    rig.outbox.commit(StorageFullError("here"))
    await rig.clock.advance(0.9)
    assert rig.outbox.pending == []
    await rig.clock.advance(0.1)
    rig.outbox.commit()
    assert rig.outbox.rows == rig.stored == ["a", "b", "c"]
    assert rig.troubles == 2


async def test_intake_keeps_the_order_when_the_store_is_full() -> None:
    rig = Rig()
    rig.put("a", "b")
    await settled()
    rig.put("c")
    rig.outbox.full = True
    rig.outbox.commit()
    rig.put("d")
    rig.outbox.full = False
    await settled()
    rig.put("e")
    assert rig.outbox.commit() == []
    await rig.clock.advance(0.5)
    rig.outbox.commit()
    assert rig.outbox.rows == ["a", "b", "c", "d", "e"]


async def test_intake_gives_back_what_the_store_will_never_take_and_stores_the_rest() -> None:
    rig = Rig()
    rig.outbox.refused = "b"
    rig.put("a", "b", "c")
    await settled()
    rig.outbox.commit()
    assert rig.stored == []
    rig.put("d")
    assert rig.outbox.commit() == ["a", "b", "c"]
    rig.outbox.commit()
    assert rig.stored == ["a", "c", "d"]
    assert rig.refused == [("b", "storage-refused")]
    assert rig.troubles == 0


async def test_intake_stores_what_comes_because_something_was_stored() -> None:
    rig = Rig()
    rig.put("a")
    await settled()
    rig.outbox.commit(StorageFullError("here"))
    await rig.clock.advance(0.5)
    # As the valve does that opens: what waited at the source comes within the call.
    rig.on_stored = lambda: rig.put("b", "c")
    rig.outbox.commit()
    rig.on_stored = None
    await settled()
    assert rig.outbox.commit() == ["b", "c"]
    rig.put("d")
    await settled()
    rig.outbox.commit()
    assert rig.stored == ["a", "b", "c", "d"]


async def test_intake_says_which_messages_may_be_begun_with_at_once() -> None:
    rig = Rig()
    rig.wanted = 2
    rig.put("a", "b", "c")
    await settled()
    rig.outbox.commit()
    assert rig.stored == ["a", "b", "c"]
    assert rig.given == ["a", "b"]


async def test_intake_rests_when_the_store_has_said_what_became_of_all() -> None:
    rig = Rig()
    await rig.intake.rest()
    rig.put("a")
    await settled()
    resting = asyncio.create_task(rig.intake.rest())
    await settled()
    assert not resting.done()
    rig.outbox.commit()
    await resting


async def test_intake_says_once_how_much_waits(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.put(*"abc")
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR):
        rig.outbox.commit(StorageFullError("here"))
    (record,) = caplog.records
    assert "3 messages wait and are tried again in 0.5 s" in record.getMessage()
