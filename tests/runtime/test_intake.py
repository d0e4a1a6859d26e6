import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.message import Account, Delivery, Message
from flowengine.runtime.intake import Intake
from flowengine.storage import Entry, StorageBacklogError, StorageFullError, StorageRefusedError
from flowengine.testing import VirtualClock, settled

Done = Callable[[BaseException | None], None]


class FakeOutbox:
    """Commits when a test says so; ``room`` rows are taken at a time."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.pending: list[tuple[str, Done]] = []
        self.room = 100
        self.refused = ""

    def put_nowait(self, entry: Entry, on_done: Done) -> None:
        if len(self.pending) >= self.room:
            raise StorageBacklogError("here")
        self.pending.append((entry.message.decode(), on_done))

    def commit(self, error: BaseException | None = None) -> list[str]:
        """End the commit that is going on, and return what was in it."""
        pending, self.pending = self.pending, []
        for text, _ in pending:
            if error is None and text != self.refused:
                self.rows.append(text)
        for text, done in pending:
            done(StorageRefusedError("here") if text == self.refused else error)
        return [text for text, _ in pending]


class Rig:
    def __init__(self) -> None:
        self.outbox = FakeOutbox()
        self.clock = VirtualClock()
        self.stored: list[Any] = []
        self.refused: list[Any] = []
        self.troubles = 0
        self.on_stored: Callable[[], None] | None = None
        outbox: Any = self.outbox
        self.intake = Intake(
            outbox,
            self.clock,
            "the outbox",
            stored=self.was_stored,
            refused=lambda message, error: self.refused.append((message.payload, error.code)),
            trouble=self.trouble,
        )

    def was_stored(self, message: Message) -> None:
        self.stored.append(message.payload)
        if self.on_stored is not None:
            self.on_stored()

    def trouble(self) -> None:
        self.troubles += 1

    def put(self, *texts: str) -> None:
        for text in texts:
            message = Message({"payload": text}, Delivery(Account()))
            self.intake.put(Entry("flow", "sink", text.encode()), message)


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


async def test_intake_keeps_the_order_when_the_store_takes_only_some() -> None:
    rig = Rig()
    rig.outbox.room = 2
    rig.put("a", "b", "c", "d")
    await settled()
    rig.outbox.room = 100
    rig.outbox.commit()
    rig.put("e")
    await rig.clock.advance(0.5)
    rig.outbox.commit()
    assert rig.outbox.rows == ["a", "b", "c", "d", "e"]


async def test_intake_gives_back_what_the_store_will_never_take() -> None:
    rig = Rig()
    rig.outbox.refused = "b"
    rig.put("a", "b", "c")
    await settled()
    rig.outbox.commit()
    assert rig.stored == ["a", "c"]
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


async def test_intake_says_once_how_much_waits(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig()
    rig.put(*"abc")
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR):
        rig.outbox.commit(StorageFullError("here"))
    (record,) = caplog.records
    assert "3 messages wait and are tried again in 0.5 s" in record.getMessage()
