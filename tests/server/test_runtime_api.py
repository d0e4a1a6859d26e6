from pathlib import Path

from tests.server.stand import flow, serving


async def test_figures_count_what_passed_each_node(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        await stand.post("/flows/a/inject", node="start", port="out", message={"payload": 1})
        await stand.inject("a", "gate", payload="bug")
        answer = await stand.get("/flows/a/figures")
        nodes = {one["id"]: one for one in answer["nodes"]}
        assert nodes["start"]["sent"] == {"out": 1}
        assert (nodes["gate"]["received"], nodes["gate"]["errors"], nodes["gate"]["sent"]) == (2, 1, {"out": 1})
        assert nodes["show"]["received"] == 1
        assert answer["account"]["received"] == 2
        assert (answer["state"], answer["held_back_by"]) == ("running", [])


async def test_figures_show_queue_and_outbox_of_a_sink(tmp_path: Path) -> None:
    nodes = {"start": {"type": "inject", "wires": {"out": ["room"]}}, "room": {"type": "store-room"}}
    async with serving(tmp_path, flow("a", nodes)) as stand:
        await stand.inject("a", "room", payload=1)
        await stand.service.engine.flows["a"].drained()
        room = next(one for one in (await stand.get("/flows/a/figures"))["nodes"] if one["id"] == "room")
        assert room["outbox"]["stored"] == 1
        assert room["stage"]["queue"] > 0


async def test_inject_refuses_what_is_not_there(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("off", disabled=True)) as stand:
        door = flow("b", {"door": {"type": "door"}})
        await stand.save(door)
        await stand.post("/deploy")
        answers = [
            await stand.post("/flows/none/inject", 404, node="gate"),
            await stand.post("/flows/off/inject", 409, node="gate"),
            await stand.post("/flows/a/inject", 404, node="none"),
            await stand.post("/flows/a/inject", 422, node="gate", port="none"),
            await stand.post("/flows/b/inject", 422, node="door"),
        ]
        assert [one["code"] for one in answers] == [
            "unknown-flow",
            "flow-not-running",
            "unknown-node",
            "unknown-port",
            "no-input",
        ]
        assert answers[3]["message"] == 'the node "gate" has no port "none"; it has out'


async def test_restart_starts_a_flow_anew_and_leaves_the_others(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        before, other = stand.running("a"), stand.running("b")
        assert await stand.post("/flows/a/restart") == {"state": "running", "reason": ""}
        assert stand.running("a") is not before
        assert before.state == "stopped"
        assert stand.running("b") is other
        assert (await stand.post("/flows/none/restart", 409))["code"] == "not-deployed"


async def test_node_types_come_in_the_order_of_the_palette(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.get("/node-types")
        categories = [one["name"] for one in answer["categories"]]
        assert categories.index("common") < categories.index("function") < categories.index("network")
        assert categories[-1] == "test"
        named = [name for one in answer["categories"] for name in one["types"]]
        assert [one["name"] for one in answer["types"]] == named


async def test_node_type_tells_all_that_a_form_needs(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        gate = await stand.get("/node-types/gate")
        assert gate["help"] == "Pass a message on, or fail."
        assert gate["ports"] == [{"name": "out", "description": "The message."}]
        assert gate["config"]["properties"]["refuse"]["x-widget"] == "checkbox"
        assert (gate["has_input"], gate["is_source"], gate["is_stage"], gate["own_ports"]) == (
            True,
            False,
            False,
            False,
        )
        assert (await stand.get("/node-types/store-room"))["is_stage"]
        assert (await stand.get("/node-types/line"))["is_resource"]
        assert (await stand.get("/node-types/keeper"))["holds"]
        assert (await stand.get("/node-types/catch"))["is_listener"]
        assert (await stand.get("/node-types/debug"))["examples"][0]["given"] == [{"payload": 21.5}]
        assert (await stand.get("/node-types/none", 404))["code"] == "unknown-node-type"


async def test_ports_follow_the_configuration(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        assert (await stand.get("/node-types/many-ways"))["own_ports"]
        answer = await stand.post("/node-types/many-ways/ports", config={"names": ["left", "right"]})
        assert [one["name"] for one in answer["ports"]] == ["left", "right"]
        wrong = await stand.post("/node-types/many-ways/ports", 422, config={"names": [1]})
        assert wrong["location"] == "names[0]"
