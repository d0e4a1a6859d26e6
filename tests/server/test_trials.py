from pathlib import Path
from typing import Any

import pytest

from tests.mosquitto import Mosquitto, free_port
from tests.server.stand import flow, serving


def document(**resources: Any) -> dict[str, Any]:
    return {"flowengine": 1, "resources": resources}


def broker(port: int, **more: Any) -> dict[str, Any]:
    return {"type": "mqtt-broker", "config": {"host": "127.0.0.1", "port": port, **more}}


@pytest.mark.mosquitto
async def test_trial_of_a_broker_connects_and_disturbs_no_session(tmp_path: Path, mosquitto: Mosquitto) -> None:
    own = broker(mosquitto.port, client_id="plant")
    async with serving(tmp_path, flow("a"), resources={"main": own}) as stand:
        cell = stand.service.engine.resources.cells["main"]
        while cell.status is None or cell.status.text != "connected":
            await stand.get("/resources/running")
        tried = await stand.post("/resources/main/try", document=document(main=own))
        assert (tried["level"], tried["text"]) == ("ok", "connected")
        assert cell.status.text == "connected"
        trail = (await stand.get("/audit", what="try-resource"))["records"]
        assert [(one["subject"], one["detail"]["level"]) for one in trail] == [("main", "ok")]
    assert mosquitto.log.read_text().count("already connected") == 0


async def test_trial_of_a_broker_that_nobody_answers_for_says_why(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PASSWORD=quite-secret\n")
    async with serving(tmp_path, flow("a")) as stand:
        tried = await stand.post(
            "/resources/new/try", document=document(new=broker(free_port(), password="${PASSWORD}"))
        )
        assert tried["level"] == "error"
        assert tried["text"]
        assert "quite-secret" not in str(tried)


async def test_trial_of_a_config_node_with_errors_names_them(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        refused = await stand.post("/resources/new/try", 422, document=document(new=broker(99_999)))
        assert (refused["location"], [one["field"] for one in refused["problems"]]) == ("new", ["port"])


async def test_trial_of_the_registry_uses_a_store_of_its_own(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        tried = await stand.post("/resources/new/try", document=document(new={"type": "iiot-registry"}))
        assert (tried["level"], tried["text"]) == ("ok", "0 devices")


async def test_config_node_that_cannot_be_tried_is_refused(tmp_path: Path) -> None:
    resources = document(keys={"type": "api-keys", "config": {"registry": "r"}}, r={"type": "iiot-registry"})
    async with serving(tmp_path, flow("a")) as stand:
        refused = await stand.post("/resources/keys/try", 400, document=resources)
        assert refused["code"] == "untriable"
        types = {one["name"]: one["can_try"] for one in (await stand.get("/node-types"))["types"]}
        assert (types["mqtt-broker"], types["iiot-registry"], types["api-keys"], types["debug"]) == (
            True,
            True,
            False,
            False,
        )
