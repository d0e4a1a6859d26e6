import asyncio
from pathlib import Path

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from flowengine.message import encode_fields
from flowengine.storage import Entry
from tests.server.stand import flow, serving

STOPPED = {"line": {"type": "line", "config": {"connected": False}}}


async def test_index_lists_the_server_and_the_flows(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"door": {"type": "door"}})) as stand:
        endpoints = (await stand.client.get("/")).json()["endpoints"]
        listed = {(one["method"], one["path"]): one["summary"] for one in endpoints}
        assert listed["GET", "/door/{name}"] == "Knock at the door"
        assert listed["GET", "/health"] == "Show that the process is alive"
        assert ("GET", "/admin/api/outbox/{flow}/{node}") in listed


async def test_every_endpoint_that_is_listed_is_there(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        for one in (await stand.client.get("/")).json()["endpoints"]:
            path = one["path"].replace("{id}", "1").replace("{", "").replace("}", "")
            answer = await stand.client.request(one["method"], path)
            assert answer.status_code != 500, one
            assert answer.status_code != 405, one
            if answer.status_code == 404:
                assert answer.json()["code"] != "not-found", one


async def test_health_tells_of_the_process(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = (await stand.client.get("/health")).json()
        assert (answer["status"], answer["flows"]) == ("ok", 1)
        assert answer["uptime"] >= 0


async def test_ready_waits_for_resources_and_says_for_which(tmp_path: Path) -> None:
    async with serving(tmp_path, resources=STOPPED) as stand:
        answer = await stand.client.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["missing"] == {"resource line": "connecting"}
        assert answer.json()["message"] == "not ready: resource line connecting"
        base = (await stand.get("/resources"))["revision"]
        await stand.put("/resources", base=base, document={"flowengine": 1, "resources": {"line": {"type": "line"}}})
        await stand.post("/deploy")
        assert (await stand.client.get("/ready")).status_code == 200


async def test_ready_does_not_wait_for_a_broken_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"x": {"type": "no-such-type"}})) as stand:
        answer = await stand.client.get("/ready")
        assert answer.status_code == 200
        assert list(answer.json()["broken"]) == ["a"]


async def test_ready_says_which_sink_is_away_and_does_not_wait_for_it(tmp_path: Path) -> None:
    errors = {"retry": {"initial": "1ms", "maximum": "1ms", "attempts": 2}}
    depot = {"type": "depot", "config": {"refuse": True}}
    async with serving(tmp_path, flow("a", {"depot": depot}, errors=errors)) as stand:
        assert (await stand.client.get("/ready")).json()["away"] == {}
        await stand.service.engine.world.store.outbox.put(Entry("a", "depot", encode_fields({"payload": 1})))
        async with asyncio.timeout(10):
            while not (ready := (await stand.client.get("/ready")).json())["away"]:  # noqa: ASYNC110 - it is asked for
                await asyncio.sleep(0.01)
        assert (ready["ready"], ready["away"]) == (True, {"node a/depot": "nobody answers the bell"})
        assert 'flowengine_sink_up{flow="a",node="depot"} 0.0' in (await stand.client.get("/metrics")).text


async def test_stopping_service_is_not_ready_and_deploys_nothing(tmp_path: Path) -> None:
    nodes = {"start": {"type": "inject", "wires": {"out": ["keep"]}}, "keep": {"type": "keeper"}}
    async with serving(tmp_path, flow("a", nodes)) as stand:
        await stand.inject("a", "keep", payload=1)
        await stand.service.workspace.close()
        answer = await stand.client.get("/ready")
        assert answer.json()["missing"] == {"service": "stopping"}
        assert (await stand.post("/deploy", 503))["code"] == "stopping"


async def test_metrics_count_flows_nodes_and_what_waits_in_the_store(tmp_path: Path) -> None:
    room = {
        "start": {"type": "inject", "wires": {"out": ["room"]}},
        "room": {"type": "store-room", "config": {"refuse": True}},
    }
    broken = flow("c", {"x": {"type": "no-such-type"}})
    async with serving(tmp_path, flow("a"), flow("b", room), broken, resources=STOPPED) as stand:
        await stand.inject("a", "gate", payload=1)
        await stand.inject("a", "gate", payload="bug")
        await stand.inject("b", "room", payload=1)
        with stand.service.engine.world.hub.watch() as watcher:
            while (await stand.get("/dead-letters"))["total"] < 2:
                await watcher.take()
        answer = await stand.client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = set(answer.text.splitlines())
        assert lines >= {
            'flowengine_received_total{flow="a"} 2.0',
            'flowengine_settled_total{flow="a"} 1.0',
            'flowengine_failed_total{flow="a"} 1.0',
            'flowengine_in_flight{flow="a"} 0.0',
            'flowengine_node_sent_total{flow="a",node="gate",port="out",type="gate"} 1.0',
            'flowengine_node_errors_total{flow="a",node="gate",type="gate"} 1.0',
            'flowengine_flow_up{flow="a"} 1.0',
            'flowengine_flow_up{flow="c"} 0.0',
            'flowengine_resource_up{resource="line"} 0.0',
            'flowengine_dead_letters{code="unexpected-error",flow="a",node="gate"} 1.0',
            'flowengine_outbox_stored_total{flow="b",node="room"} 1.0',
            "flowengine_events_missed_total 0.0",
            'flowengine_traced_seconds_count{flow="a"} 2.0',
            'flowengine_stage_seconds_count{flow="b",node="room"} 1.0',
        }
        assert "process_resident_memory_bytes" in answer.text


async def test_summary_gives_books_and_rates(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        for number in range(10):
            await stand.inject("a", "gate", payload=number)
        answer = await stand.get("/summary", seconds=60)
        (one,) = answer["flows"]
        assert one["account"]["settled"] == 10
        assert one["rate"]["received"] * answer["uptime"] == pytest.approx(10, rel=0.5)
        assert (answer["dead_letters"], answer["outbox"]) == (0, [])
        assert (await stand.get("/summary", 400, seconds=0.1))["location"] == "seconds"


async def test_openapi_document_is_valid_and_holds_the_paths_of_flows(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", {"door": {"type": "door"}}), token="right") as stand:
        document = (await stand.client.get("/openapi.json")).json()
        validate(document)
        door = document["paths"]["/door/{name}"]["get"]
        assert door["summary"] == "Knock at the door"
        assert [one["name"] for one in door["parameters"]] == ["name"]
        put = document["paths"]["/admin/api/flows/{flow}"]["put"]
        assert put["security"] == [{"token": []}, {"session": []}]
        assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/SaveFlow"}
        assert document["components"]["schemas"]["SaveFlow"]["properties"]["document"]["$ref"] == (
            "#/components/schemas/FlowDocument"
        )
        assert "security" not in document["paths"]["/health"]["get"]
        ids = [
            operation["operationId"]
            for path in document["paths"].values()
            for operation in path.values()
            if "operationId" in operation
        ]
        assert len(ids) == len(set(ids))


async def test_answers_fit_the_document(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), resources=STOPPED) as stand:
        await stand.inject("a", "gate", payload="bug")
        await stand.running("a").drained()
        document = (await stand.client.get("/openapi.json")).json()
        letter = (await stand.get("/dead-letters"))["letters"][0]
        known = {"{flow}": "a", "{id}": str(letter["id"]), "{type}": "gate", "{node}": "gate"}
        checked = 0
        for path, operations in document["paths"].items():
            content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if schema is None:
                continue
            asked = path.replace("{id}", letter["message_id"]) if "traces" in path else path
            for name, value in known.items():
                asked = asked.replace(name, value)
            answer = await stand.client.get(asked)
            if answer.status_code == 200:
                Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())
                checked += 1
        assert checked >= 18


async def test_service_stops_while_someone_watches_and_someone_asks(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        url = stand.service.url
        idle = httpx.AsyncClient(base_url=url)
        await idle.get("/health")
    await idle.aclose()
    try:
        await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    except OSError:
        return
    raise AssertionError("the server still listens")


async def test_start_says_where_the_editor_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "flowengine"):
        async with serving(tmp_path) as stand:
            assert f"the editor is at {stand.service.url}/editor/" in caplog.text
