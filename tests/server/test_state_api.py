from pathlib import Path

from tests.server.stand import API, Stand, flow, serving

COUNTING = {"start": {"type": "inject", "wires": {"out": ["count"]}}, "count": {"type": "counter"}}


async def count(stand: Stand) -> None:
    await stand.inject("a", "count", payload=1)
    await stand.running("a").drained()


async def test_values_are_listed_by_scope(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", COUNTING)) as stand:
        await count(stand)
        of_flow = await stand.get("/state", flow="a")
        assert of_flow["values"] == [{"key": "count", "value": 1, "size": 1}]
        assert of_flow["nodes"] == ["count"]
        assert (await stand.get("/state", flow="a", node="count"))["values"] == of_flow["values"]
        assert (await stand.get("/state"))["values"] == of_flow["values"]
        assert (await stand.get("/state", flow="none"))["values"] == []


async def test_long_value_is_cut_in_the_list_and_whole_by_itself(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", COUNTING)) as stand:
        await stand.service.engine.world.values.set("long", "x" * 10_000)
        (value,) = (await stand.get("/state", size=100))["values"]
        assert len(value["value"]) <= 101
        assert value["size"] == 10_002
        assert (await stand.get("/state/value", key="long"))["value"] == "x" * 10_000


async def test_deleted_value_is_gone_for_the_running_node_too(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", COUNTING)) as stand:
        await count(stand)
        await count(stand)
        for scope in ("&flow=a&node=count", "&flow=a", ""):
            path = f"{API}/state/value?key=count{scope}"
            assert (await stand.client.delete(path)).status_code == 204
            assert (await stand.client.get(path)).json()["code"] == "unknown-value"
            assert (await stand.client.delete(path)).json()["code"] == "unknown-value"
        node = stand.running("a").cells["count"].node
        assert node is not None
        for state in (node.context.state, node.context.flow_state, node.context.global_state):
            assert state.get("count") is None
        await count(stand)
        assert (await stand.get("/state/value", flow="a", node="count", key="count"))["value"] == 1


async def test_value_of_a_flow_that_does_not_run_can_be_deleted(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", COUNTING)) as stand:
        await count(stand)
        await stand.save(flow("a", COUNTING, disabled=True))
        await stand.post("/deploy")
        await stand.delete("/state/value", flow="a", node="count", key="count")
        await stand.delete("/state/value", flow="a", key="count")
        assert (await stand.get("/state", flow="a"))["values"] == []


async def test_changed_value_is_seen_by_the_running_node(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", COUNTING)) as stand:
        await count(stand)
        path = f"{API}/state/value?key=count&flow=a&node=count"
        changed = await stand.client.put(path, json={"value": 41})
        assert changed.json() == {"flow": "a", "node": "count", "key": "count", "value": 41}
        await count(stand)
        assert (await stand.get("/state/value", key="count", flow="a", node="count"))["value"] == 42
        unknown = await stand.client.put(f"{API}/state/value?key=none&flow=a", json={"value": 1})
        assert unknown.json()["code"] == "unknown-value"
