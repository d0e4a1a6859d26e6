from pathlib import Path
from typing import Any

from tests.server.stand import Stand, flow, serving


async def evaluated(stand: Stand, *expressions: tuple[str, Any], nodes: tuple[str, ...] = ("show",)) -> dict[str, Any]:
    """What came of expressions on the last message at a node of the flow a."""
    asked = [{"kind": kind, "content": content} for kind, content in expressions]
    found: dict[str, Any] = await stand.post("/evaluate", flow="a", nodes=list(nodes), expressions=asked)
    return found


async def test_expressions_are_evaluated_on_the_last_message(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        await stand.inject("a", "gate", payload={"t": 1})
        id = await stand.inject("a", "gate", payload={"t": 21.5})
        found = await evaluated(
            stand,
            ("json-path", "$.payload.t"),
            ("jsonata", "payload.t * 2"),
            ("jinja2", "{{ payload.t }} °C"),
            ("value", {"path": "$.payload"}),
            ("value", "plain"),
            ("json-path", "$.payload.none"),
        )
    assert (found["trace"], found["node"]) == (id, "show")
    assert [(one["outcome"], one["value"]) for one in found["results"]] == [
        ("value", 21.5),
        ("value", 43),
        ("value", "21.5 °C"),
        ("value", {"t": 21.5}),
        ("value", "plain"),
        ("nothing", None),
    ]


async def test_expression_that_is_wrong_or_fails_says_why(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        await stand.inject("a", "gate", payload="text")
        found = await evaluated(
            stand,
            ("json-path", "$.payload["),
            ("jsonata", "payload * 2"),
            ("jinja2", "{{ gone }}"),
            ("value", {"pth": "$.payload"}),
        )
    results = found["results"]
    assert [one["outcome"] for one in results] == ["failed"] * 4
    assert all(one["reason"] for one in results)


async def test_message_that_the_same_wire_brought_elsewhere_stands_in(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        await stand.inject("a", "gate", payload=5)
        found = await evaluated(stand, ("json-path", "$.payload"), nodes=("new", "show"))
    assert (found["node"], found["results"][0]["value"]) == ("show", 5)


async def test_evaluation_without_a_message_says_so_and_traces_the_next(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        recorder = stand.service.engine.world.traces
        recorder.every = 1_000_000
        assert (await evaluated(stand, ("json-path", "$.payload")))["trace"] is None
        start = stand.running("a").cells["start"].node
        assert start is not None
        start.emit(start.outputs["out"], {"payload": 7})
        await stand.running("a").drained()
        assert (await evaluated(stand, ("json-path", "$.payload")))["results"][0]["value"] == 7
        assert (await stand.post("/evaluate", 404, flow="none", nodes=["a"], expressions=[]))["code"] == "unknown-flow"
