from pathlib import Path
from typing import Any

from flowengine.message import Message
from tests.server.stand import flow, serving


async def test_trace_tells_the_way_of_an_injected_message(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        id = await stand.inject("a", "gate", payload={"t": 21.5})
        trace = await stand.get(f"/traces/{id}")
        assert [(hop["node"], hop["message"]["payload"]) for hop in trace["way"]] == [
            ("gate", {"t": 21.5}),
            ("show", {"t": 21.5}),
        ]
        assert (trace["outcome"], trace["errors"], trace["cut"]) == ("settled", 0, 0)
        assert trace["took"] >= trace["way"][-1]["at"] > 0


async def test_trace_tells_where_a_message_failed(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        id = await stand.inject("a", "gate", payload="bug")
        await stand.running("a").drained()
        trace = await stand.get(f"/traces/{id}")
        assert (trace["outcome"], trace["reason"]) == ("failed", "unexpected-error")
        assert [(hop["node"], hop["code"], hop["error"]) for hop in trace["way"]] == [
            ("gate", "", ""),
            ("gate", "unexpected-error", "a bug"),
        ]


async def test_traces_are_listed_newest_first_by_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        ids = [await stand.inject("a", "gate", payload=number) for number in range(3)]
        await stand.inject("b", "gate", payload=0)
        assert [one["flow"] for one in (await stand.get("/traces"))["traces"]] == ["b", "a", "a", "a"]
        found = await stand.get("/traces", flow="a", limit=2)
        assert [one["id"] for one in found["traces"]] == [ids[2], ids[1]]
        assert found["traces"][0]["hops"] == 2
        assert (await stand.get("/traces/none", 404))["code"] == "unknown-trace"


async def test_follow_traces_the_next_messages_of_a_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        recorder = stand.service.engine.world.traces
        recorder.every = 1_000_000
        starts = {id: stand.running(id).cells["start"].node for id in ("a", "b")}

        def emit(id: str) -> None:
            node = starts[id]
            assert node is not None
            node.emit(node.outputs["out"], {"payload": id})

        emit("b")
        before = len(recorder.newest())
        await stand.post("/traces/follow", 204, flow="a", count=2)
        for id in ("b", "a", "a", "a"):
            emit(id)
        assert [one.flow for one in recorder.newest()[: len(recorder.newest()) - before]] == ["a", "a"]
        assert (await stand.post("/traces/follow", 404, flow="none"))["code"] == "unknown-flow"
        assert (await stand.post("/traces/follow", 422, flow="a", count=1000))["location"] == "count"


async def test_trace_of_values_that_are_not_json_is_shown_all_the_same(tmp_path: Path) -> None:
    hostile: dict[str, Any] = {
        "bytes": b"\x00\xff" * 10_000,
        "nan": float("nan"),
        "huge": 2**70,
        "half": "\ud800",
        "deep": [[[[[[[[[[[[[[[[[[[[["bottom"]]]]]]]]]]]]]]]]]]]]],
        "object": object(),
    }
    async with serving(tmp_path, flow("a")) as stand:
        running = stand.running("a")
        delivery = running.inject("gate", {"payload": hostile})
        trace = await stand.get(f"/traces/{delivery.id}", size=500)
        shown = trace["way"][0]["message"]["payload"]
        assert shown["bytes"]["bytes"] == 20_000
        assert len(str(trace["way"][0]["message"])) < 3_000


async def test_trace_of_a_joint_message_ends_with_its_own_source(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"keep": {"type": "keeper"}})) as stand:
        running = stand.running("a")
        delivery = running.inject("keep", {"payload": 1})
        assert (await stand.get(f"/traces/{delivery.id}"))["outcome"] == ""
        running.cells["keep"].finish(Message({}, delivery))
        assert (await stand.get(f"/traces/{delivery.id}"))["outcome"] == "settled"


async def test_arrivals_are_the_newest_messages_that_came_to_a_node(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        ids = [await stand.inject("a", "gate", payload=number) for number in range(3)]
        await stand.inject("a", "gate", payload="bug")
        await stand.inject("b", "gate", payload="other")
        found = (await stand.get("/traces/arrivals", flow="a", node="show", limit=2))["arrivals"]
        assert [(one["trace"], one["message"]["payload"]) for one in found] == [(ids[2], 2), (ids[1], 1)]
        came = (await stand.get("/traces/arrivals", flow="a", node="gate"))["arrivals"]
        assert [one["message"]["payload"] for one in came] == ["bug", 2, 1, 0]
        assert came[0]["at"] >= came[-1]["at"] > 0
        assert (await stand.get("/traces/arrivals", flow="none", node="gate"))["arrivals"] == []


async def test_worker_that_answers_names_itself_and_has_its_own_traces_only(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), workers=2) as stand:
        id = await stand.inject("a", "gate", payload=1)
        found = await stand.client.get(f"/admin/api/traces/{id}")
        assert (found.status_code, found.headers["X-Flowengine-Worker"]) == (200, "2/2")
        missing = await stand.client.get("/admin/api/traces/other")
        assert (missing.status_code, missing.headers["X-Flowengine-Worker"]) == (404, "2/2")
        assert missing.json()["message"].startswith("worker 2 of 2, which answers, has no trace")
    (tmp_path / "alone").mkdir()
    async with serving(tmp_path / "alone", flow("a")) as stand:
        assert "X-Flowengine-Worker" not in (await stand.client.get("/admin/api/traces")).headers
