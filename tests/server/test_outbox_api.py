from pathlib import Path

from flowengine.message import encode_fields
from flowengine.storage import Entry
from tests.server.stand import Stand, serving


async def queue(stand: Stand, *payloads: object) -> None:
    """Store messages for a sink that does not run."""
    for payload in payloads:
        entry = Entry("a", "part/room", encode_fields({"payload": payload}), key="k")
        await stand.service.engine.world.store.outbox.put(entry)


async def test_what_waits_for_a_sink_is_listed_and_paged(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        await queue(stand, *range(5))
        (sink,) = (await stand.get("/outbox"))["queues"]
        assert (sink["flow"], sink["node"], sink["pending"]) == ("a", "part/room", 5)
        page = await stand.get("/outbox/a/part/room", limit=3)
        assert [one["message"]["payload"] for one in page["messages"]] == [0, 1, 2]
        rest = await stand.get("/outbox/a/part/room", after=page["next"])
        assert [one["message"]["payload"] for one in rest["messages"]] == [3, 4]
        assert rest["next"] is None
        assert (rest["messages"][0]["key"], rest["messages"][0]["claimed"]) == ("k", False)


async def test_what_waits_for_a_retry_is_made_due(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        outbox = stand.service.engine.world.store.outbox
        await queue(stand, 1)
        (claimed,) = await outbox.claim("a", "part/room")
        await outbox.retry([claimed.id], 9e9, "not now")
        (waiting,) = (await stand.get("/outbox/a/part/room"))["messages"]
        assert (waiting["due_at"], waiting["attempts"], waiting["last_error"]) == (9e9, 1, "not now")
        assert (await stand.post("/outbox/a/part/room"))["count"] == 1
        assert (await stand.get("/outbox/a/part/room"))["messages"][0]["due_at"] == 0


async def test_what_waits_for_a_sink_is_dropped(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        await queue(stand, 1, 2)
        assert (await stand.delete("/outbox/a/part/room", 200))["count"] == 2
        assert (await stand.get("/outbox"))["queues"] == []
