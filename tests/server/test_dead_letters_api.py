from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from flowengine.runtime import replay
from flowengine.storage import StorageFullError
from tests.server.stand import Stand, flow, serving


def shut(id: str = "a", *, refuse: bool = True) -> dict[str, Any]:
    document = flow(id)
    document["nodes"]["gate"]["config"] = {"refuse": refuse}
    return document


def store_room(*, refuse: bool) -> dict[str, Any]:
    nodes = {
        "start": {"type": "inject", "wires": {"out": ["room"]}},
        "room": {"type": "store-room", "config": {"refuse": refuse}},
    }
    return flow("a", nodes)


async def fail(stand: Stand, *payloads: Any, node: str = "gate") -> list[dict[str, Any]]:
    """Inject messages that fail, and return their letters, oldest first."""
    for payload in payloads:
        await stand.inject("a", node, payload=payload)
    await stand.running("a").drained()
    return list(reversed((await stand.get("/dead-letters"))["letters"]))


async def mend(stand: Stand, document: dict[str, Any]) -> None:
    await stand.save(document)
    await stand.post("/deploy")


async def test_letters_are_listed_with_why_they_failed(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, {"t": 1})
        assert (letter["flow"], letter["node"], letter["code"], letter["error"]) == (
            "a",
            "gate",
            "shut",
            "the gate is shut",
        )
        assert letter["excerpt"] == {"payload": {"t": 1}}
        assert (letter["origin"], letter["taken"], letter["replays"]) == ("flow", False, 0)
        whole = await stand.get(f"/dead-letters/{letter['id']}")
        assert whole["message"] == {"payload": {"t": 1}}
        assert whole["detail"] == {"gate": "front"}
        assert (await stand.get("/dead-letters/kinds"))["kinds"] == [
            {"flow": "a", "node": "gate", "code": "shut", "letters": 1}
        ]
        assert (await stand.get("/dead-letters/999", 404))["code"] == "unknown-dead-letter"
        assert (await stand.get("/dead-letters/x", 400))["location"] == "id"


async def test_letters_are_paged_and_filtered(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        await fail(stand, *range(5), "needle")
        page = await stand.get("/dead-letters", limit=4)
        assert [one["excerpt"]["payload"] for one in page["letters"]] == ["needle", 4, 3, 2]
        assert page["total"] == 6
        rest = await stand.get("/dead-letters", limit=4, before=page["next"])
        assert [one["excerpt"]["payload"] for one in rest["letters"]] == [1, 0]
        assert rest["next"] is None
        found = await stand.get("/dead-letters", search="needle")
        assert [one["excerpt"]["payload"] for one in found["letters"]] == ["needle"]
        assert (await stand.get("/dead-letters", node="none"))["total"] == 0


async def test_replayed_letter_goes_once_its_message_has_settled(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        letters = await fail(stand, "one", "two")
        await mend(stand, shut(refuse=False))
        answer = await stand.post("/dead-letters/replay", ids=[letters[0]["id"]])
        assert (answer["settled"], answer["pending"], answer["remaining"]) == (1, 0, 0)
        left = (await stand.get("/dead-letters"))["letters"]
        assert [one["excerpt"]["payload"] for one in left] == ["two"]
        trace = await stand.get(f"/traces/{letters[0]['message_id']}")
        assert [hop["node"] for hop in trace["way"]] == ["gate", "show"]
        assert stand.running("a").account.settled == 1


async def test_letter_that_fails_again_is_there_once(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, "one")
        answer = await stand.post("/dead-letters/replay", ids=[letter["id"]])
        assert (answer["failed"], answer["settled"]) == (1, 0)
        (again,) = (await stand.get("/dead-letters"))["letters"]
        assert again["id"] != letter["id"]
        assert again["excerpt"] == letter["excerpt"]
        assert again["message_id"] == letter["message_id"]
        assert not again["taken"]


async def test_letter_on_its_way_is_shown_as_taken_and_freed_when_the_flow_stops(tmp_path: Path) -> None:
    nodes: dict[str, dict[str, Any]] = {
        "start": {"type": "inject", "wires": {"out": ["gate"]}},
        "gate": {"type": "gate", "config": {"refuse": True}, "wires": {"out": ["keep"]}},
        "keep": {"type": "keeper"},
    }
    async with serving(tmp_path, flow("a", nodes)) as stand:
        (letter,) = await fail(stand, "one")
        nodes["gate"] = {**nodes["gate"], "config": {}}
        await mend(stand, flow("a", nodes))
        answer = await stand.post("/dead-letters/replay", ids=[letter["id"]], wait=0)
        assert (answer["pending"], answer["remaining"]) == (1, 1)
        assert (await stand.get(f"/dead-letters/{letter['id']}"))["taken"]
        edit = await stand.put(f"/dead-letters/{letter['id']}", 409, message={})
        assert edit["code"] == "missing-dead-letter"
        twice = await stand.post("/dead-letters/replay", ids=[letter["id"]])
        assert (twice["settled"], twice["pending"]) == (0, 0)
        await stand.post("/flows/a/restart")
        (freed,) = (await stand.get("/dead-letters"))["letters"]
        assert (freed["taken"], freed["replays"]) == (False, 1)


async def test_letter_whose_node_is_removed_while_it_is_there_is_given_back(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, "one")
        document = flow("a", {"gate": {"type": "keeper"}})
        await mend(stand, document)
        await stand.post("/dead-letters/replay", ids=[letter["id"]], wait=0)
        (trace,) = stand.service.engine.world.traces.newest("a", 1)
        trace.delivery.drop("node-removed")
        trace.delivery.release()
        while (back := await stand.get(f"/dead-letters/{letter['id']}"))["taken"]:
            pass
        assert back["replays"] == 1


async def test_edited_letter_is_replayed_with_its_new_message(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        (letter,) = await fail(stand, "bug")
        message = {"payload": {"$flowengine": "bytes", "value": "AAE="}}
        edited = await stand.put(f"/dead-letters/{letter['id']}", message=message)
        assert edited["message"] == message
        assert edited["excerpt"] == {"payload": {"bytes": 2, "hex": "0001"}}
        answer = await stand.post("/dead-letters/replay", code="unexpected-error")
        assert answer["settled"] == 1
        trace = await stand.get(f"/traces/{letter['message_id']}")
        assert trace["way"][0]["message"] == {"payload": {"bytes": 2, "hex": "0001"}}


async def test_edit_refuses_what_cannot_be_stored(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        (letter,) = await fail(stand, "bug")
        for bad in ({"payload": {"$flowengine": "bytes", "value": "?"}}, {"payload": {"$flowengine": "no-such"}}):
            answer = await stand.put(f"/dead-letters/{letter['id']}", 422, message=bad)
            assert answer["code"] == "bad-message"
        assert (await stand.get(f"/dead-letters/{letter['id']}"))["message"] == {"payload": "bug"}


async def test_letter_of_an_outbox_goes_back_into_it(tmp_path: Path) -> None:
    async with serving(tmp_path, store_room(refuse=True)) as stand:
        await stand.inject("a", "room", payload="one")
        while not (letters := (await stand.get("/dead-letters"))["letters"]):
            # The letter is written after the failure was told: no event comes with it.
            continue
        assert letters[0]["origin"] == "outbox"
        await mend(stand, store_room(refuse=False))
        answer = await stand.post("/dead-letters/replay", flow="a")
        assert (answer["requeued"], answer["remaining"]) == (1, 0)
        stage: Any = stand.running("a").stages["room"]
        while not stage.delivered:
            await stand.get("/outbox")
        assert (await stand.get("/dead-letters"))["letters"] == []


async def test_letter_of_an_outbox_that_its_node_no_longer_has_goes_into_the_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, store_room(refuse=True)) as stand:
        await stand.inject("a", "room", payload="one")
        while not (await stand.get("/dead-letters"))["letters"]:
            continue
        document = store_room(refuse=False)
        document["nodes"]["room"]["stage"] = {"outbox": False}
        await mend(stand, document)
        answer = await stand.post("/dead-letters/replay", flow="a")
        assert (answer["requeued"], answer["settled"], answer["remaining"]) == (0, 1, 0)


@pytest.mark.parametrize(
    ("document", "code", "words"),
    [
        (flow("a", disabled=True), "flow-not-running", "deploy it, then replay"),
        (flow("a", {"x": {"type": "no-such-type"}}), "flow-not-running", "no-such-type"),
        (flow("a", {"show": {"type": "debug"}}), "unknown-node", 'no node "gate" any more'),
        (flow("a", {"gate": {"type": "door"}}), "no-input", "takes no messages"),
    ],
)
async def test_letter_that_has_nowhere_to_go_stays_and_says_why(
    tmp_path: Path, document: dict[str, Any], code: str, words: str
) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, "one")
        await mend(stand, document)
        answer = await stand.post("/dead-letters/replay", ids=[letter["id"]])
        (refused,) = answer["refused"]
        assert (refused["id"], refused["code"]) == (letter["id"], code)
        assert words in refused["message"]
        assert not (await stand.get(f"/dead-letters/{letter['id']}"))["taken"]


async def test_letter_waits_while_its_flow_is_full(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, "one")
        stand.running("a").valve.close("gate")
        answer = await stand.post("/dead-letters/replay", ids=[letter["id"]])
        assert [one["code"] for one in answer["refused"]] == ["flow-busy"]
        stand.running("a").valve.open("gate")


async def test_letter_stays_until_the_store_has_heard_that_it_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path, shut()) as stand:
        (letter,) = await fail(stand, "one")
        await mend(stand, shut(refuse=False))
        letters = stand.service.engine.world.store.dead_letters
        mark = letters.mark_replayed
        tries = []

        async def fail_first(ids: Collection[int]) -> None:
            tries.append(ids)
            if len(tries) == 1:
                raise StorageFullError("the store")
            await mark(ids)

        monkeypatch.setattr(letters, "mark_replayed", fail_first)
        monkeypatch.setattr(replay, "WAIT_AFTER_TROUBLE", 0.01)
        answer = await stand.post("/dead-letters/replay", ids=[letter["id"]])
        assert (answer["settled"], answer["remaining"]) == (1, 0)
        assert tries == [[letter["id"]]] * 2


async def test_letters_are_replayed_oldest_first_up_to_the_limit(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        await fail(stand, *range(5))
        await mend(stand, shut(refuse=False))
        answer = await stand.post("/dead-letters/replay", flow="a", limit=3)
        assert (answer["settled"], answer["remaining"]) == (3, 2)
        left = (await stand.get("/dead-letters"))["letters"]
        assert [one["excerpt"]["payload"] for one in left] == [4, 3]


async def test_letters_are_dropped_only_when_it_is_said_which(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        letters = await fail(stand, *range(4))
        for path in ("drop", "replay"):
            assert (await stand.post(f"/dead-letters/{path}", 422))["code"] == "missing-filter"
        assert (await stand.post("/dead-letters/drop", ids=[letters[0]["id"]]))["count"] == 1
        assert (await stand.post("/dead-letters/drop", node="none"))["count"] == 0
        assert (await stand.post("/dead-letters/drop", all=True))["count"] == 3


async def test_letters_outlive_the_service(tmp_path: Path) -> None:
    async with serving(tmp_path, shut()) as stand:
        await fail(stand, "one")
    (tmp_path / "flows" / "a.flow.json").unlink()
    (tmp_path / "flows").rmdir()
    async with serving(tmp_path, shut(refuse=False)) as stand:
        answer = await stand.post("/dead-letters/replay", all=True)
        assert (answer["settled"], answer["remaining"]) == (1, 0)
