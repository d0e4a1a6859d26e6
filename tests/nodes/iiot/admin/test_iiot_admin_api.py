"""The registry's part of the admin API, over HTTP against a service."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flowengine.server.access import Role
from flowengine_nodes.iiot.admin.endpoints import ENDPOINTS
from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.registries import add_device, add_profile
from tests.server.stand import API, Stand, serving

PROFILE = {
    "id": "boiler",
    "actions": {"reset": {"params": {"type": "object", "required": ["delay"]}}},
    "rules": [{"path": "$.t", "field": "x_temperature", "transform": {"type": "number"}}],
}


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    """A service with a registry and a store of firmware."""
    resources: dict[str, Any] = {
        "registry": {"type": "iiot-registry"},
        "files": {"type": "firmware-store", "config": {"folder": str(tmp_path / "firmware")}},
    }
    async with serving(tmp_path, resources=resources) as running:
        yield running


def registry(stand: Stand) -> Registry[Any]:
    found = stand.service.engine.world.resource("registry")
    assert isinstance(found, Registry)
    return found


async def test_devices_are_paged_and_filtered(stand: Stand) -> None:
    for number in range(5):
        await add_device(registry(stand), f"b{number}", groups=("north",) if number % 2 else ())
    first = await stand.get("/iiot/devices", limit=2)
    assert [one["id"] for one in first["devices"]] == ["b0", "b1"]
    assert first["total"] == 5
    rest = await stand.get("/iiot/devices", after=first["next"])
    assert [one["id"] for one in rest["devices"]] == ["b2", "b3", "b4"]
    assert rest["next"] is None
    north = await stand.get("/iiot/devices", group="north", lifecycle="")
    assert [one["id"] for one in north["devices"]] == ["b1", "b3"]
    assert (await stand.get("/iiot/devices", text="SN-b4"))["total"] == 1


async def test_device_shows_what_is_known_of_it(stand: Stand) -> None:
    await add_device(registry(stand), "b1", business=BusinessObject("maintenance.equipment", 7))
    registry(stand).roster.note_telemetry("b1", 1_000.0, {"t": 81.5})
    await stand.post("/iiot/commands", device="b1", action="reset")
    shown = await stand.get("/iiot/devices/b1")
    assert shown["device"]["business"] == "maintenance.equipment,7"
    assert shown["telemetry"] == {"t": 81.5}
    assert (shown["pending"], shown["update"]) == (1, None)
    assert shown["telemetry_topic"] == "telemetry/b1/data"
    assert (await stand.get("/iiot/devices/b2", 404))["code"] == "unknown-device"


async def test_device_goes_through_its_life(stand: Stand) -> None:
    await add_profile(registry(stand))
    added = await stand.post("/iiot/devices", id="b1", profile="boiler", entry={"groups": ["north"]})
    assert (added["device"]["serial"], added["device"]["groups"]) == ("b1", ["north"])
    assert (await stand.post("/iiot/devices", 409, id="b1", profile="boiler"))["code"] == "duplicate-device"
    wrong = await stand.post("/iiot/devices", 422, id="b2", profile="boiler", entry={"business": "x"})
    assert wrong["location"] == "business"
    changed = await stand.put("/iiot/devices/b1", profile="boiler", entry={"name": "Boiler"})
    assert (changed["device"]["name"], changed["device"]["groups"]) == ("Boiler", [])
    for action, now in (("suspend", "suspended"), ("resume", "draft"), ("retire", "retired")):
        assert (await stand.post("/iiot/devices/b1/lifecycle", action=action))["device"]["lifecycle"] == now
    assert (await stand.post("/iiot/devices/b1/lifecycle", 409, action="resume"))["code"] == "device-not-suspended"
    records = (await stand.get("/audit"))["records"]
    assert {one["who"] for one in records if one["what"].startswith("device-")} == {"local"}


async def test_token_is_shown_with_a_qr_code(stand: Stand) -> None:
    await add_device(registry(stand), "b1")
    shown = await stand.post("/iiot/devices/b1/token", expires_in=60.0)
    assert (shown["device"], shown["serial"]) == ("b1", "SN-b1")
    assert shown["qr"].startswith("data:image/svg+xml")
    assert await registry(stand).tokens.find(shown["token"].replace("-", "")) is not None
    await stand.post("/iiot/devices/b1/lifecycle", action="retire")
    assert (await stand.post("/iiot/devices/b1/token", 409))["code"] == "not-pairable"


async def test_profile_is_saved_only_when_nothing_is_wrong(stand: Stand) -> None:
    saved = await stand.put("/iiot/profiles/boiler", profile=PROFILE)
    assert saved["profile"]["rules"][0]["field"] == "x_temperature"
    assert saved["actions"]["reset"]["params"] == {"type": "object", "required": ["delay"]}
    bad = {**PROFILE, "rules": [{"path": "$.[", "field": "x"}]}
    check = await stand.post("/iiot/profile-check", profile=bad)
    assert [one["field"] for one in check["problems"]] == ["rules[0].path"]
    refused = await stand.put("/iiot/profiles/boiler", 422, profile=bad)
    assert refused["problems"][0]["location"] == "rules[0].path"
    assert (await stand.put("/iiot/profiles/other", 422, profile=PROFILE))["code"] == "wrong-id"
    listed = (await stand.get("/iiot/profiles"))["profiles"]
    assert [(one["id"], one["rules"], one["devices"]) for one in listed] == [("boiler", 1, 0)]
    form = (await stand.get("/iiot/profile-form"))["form"]
    topics = form["$defs"]["Topics"]["properties"]
    assert topics["telemetry"]["default"] == "telemetry/{device}/data"


async def test_profile_in_use_stays(stand: Stand) -> None:
    await add_device(registry(stand), "b1")
    assert (await stand.delete("/iiot/profiles/boiler", 409))["code"] == "profile-in-use"


async def test_profile_is_tried_on_a_payload(stand: Stand) -> None:
    tried = await stand.post("/iiot/profile-trial", profile=PROFILE, payload='{"t": "81.5"}')
    (reading,) = tried["readings"]
    assert reading["writes"] == [{"model": "maintenance.equipment", "id": 1, "values": {"x_temperature": 81.5}}]
    assert tried["failures"] == []
    unmatched = await stand.post("/iiot/profile-trial", profile=PROFILE, payload='{"p": 1}')
    assert [one["matched"] for one in unmatched["readings"]] == [False]
    failed = await stand.post("/iiot/profile-trial", profile=PROFILE, payload='{"t": "warm"}')
    assert [one["rule"] for one in failed["failures"]] == ["x_temperature"]
    broken = await stand.post("/iiot/profile-trial", profile=PROFILE, payload="{")
    assert (broken["readings"], broken["failures"][0]["rule"]) == ([], "")


async def test_command_is_stored_with_its_history(stand: Stand) -> None:
    await stand.put("/iiot/profiles/boiler", profile=PROFILE)
    await add_device(registry(stand), "b1")
    sent = await stand.post("/iiot/commands", device="b1", action="reset", params={"delay": 3})
    assert sent["command"]["who"] == "local"
    assert [one["state"] for one in sent["history"]] == ["queued"]
    assert (await stand.get(f"/iiot/commands/{sent['command']['id']}")) == sent
    bad = await stand.post("/iiot/commands", 400, device="b1", action="reset", params={})
    assert bad["code"] == "bad-params"
    assert (await stand.post("/iiot/commands", 404, device="b9", action="reset"))["code"] == "unknown-device"
    second = await stand.post("/iiot/commands", device="b1", action="reset", params={"delay": 4})
    page = await stand.get("/iiot/commands", limit=1, device="b1")
    assert page["commands"][0]["id"] == second["command"]["id"]
    assert (await stand.get("/iiot/commands", before=page["next"]))["commands"][0]["id"] == sent["command"]["id"]
    assert (await stand.get("/iiot/commands", state="succeeded"))["commands"] == []


async def upload(stand: Stand, id: str, content: bytes, status: int = 200, **query: str) -> Any:
    headers = {"Content-Type": "application/octet-stream"}
    return await stand.ask("PUT", f"/iiot/firmware/{id}", status, content=content, headers=headers, params=query)


async def test_firmware_is_uploaded_and_removed(stand: Stand) -> None:
    content = b"firmware" * 300_000
    stored = await upload(stand, "2.0.0", content, hardware="rev-a, rev-b", notes="First")
    assert (stored["size"], stored["hardware"]) == (len(content), ["rev-a", "rev-b"])
    assert (await upload(stand, "2.0.0", content))["sha256"] == stored["sha256"]
    assert (await upload(stand, "2.0.0", b"another", 409))["code"] == "duplicate-firmware"
    assert (await upload(stand, "2.1.0", b"x", 400, sha256="0" * 64))["code"] == "wrong-digest"
    assert (await stand.ask("PUT", "/iiot/firmware/2.2.0", 415, content=b"x"))["code"] == "unsupported-media-type"
    assert [one["id"] for one in (await stand.get("/iiot/firmware"))["firmware"]] == ["2.0.0"]
    await stand.delete("/iiot/firmware/2.0.0")
    assert (await stand.get("/iiot/firmware"))["firmware"] == []


async def test_update_is_scheduled_and_cancelled(stand: Stand) -> None:
    await add_device(registry(stand), "b1", firmware="1.0.0")
    await upload(stand, "2.0.0", b"new")
    update = await stand.post("/iiot/updates", device="b1", firmware="2.0.0")
    assert (update["state"], update["requested_by"]) == ("scheduled", "local")
    assert (await stand.get("/iiot/devices/b1"))["update"]["id"] == update["id"]
    assert (await stand.post("/iiot/updates", 409, device="b1", firmware="2.0.0"))["code"] == "update-running"
    assert (await stand.post(f"/iiot/updates/{update['id']}/cancel"))["state"] == "cancelled"
    detail = await stand.get(f"/iiot/updates/{update['id']}")
    assert [one["state"] for one in detail["history"]] == ["scheduled", "cancelled"]
    assert (await stand.get("/iiot/updates", device="b1", running="true"))["updates"] == []


async def test_rollout_is_started_paused_and_cancelled(stand: Stand) -> None:
    for number in range(4):
        await add_device(registry(stand), f"b{number}", firmware="1.0.0")
    await upload(stand, "2.0.0", b"new")
    plan = {"firmware": "2.0.0", "name": "boilers", "groups": [{"name": "canary", "percent": 25}, {"name": "all"}]}
    started = await stand.post("/iiot/rollouts", plan=plan)
    assert [(one["name"], one["total"]) for one in started["groups"]] == [("canary", 1), ("all", 3)]
    path = f"/iiot/rollouts/{started['id']}"
    assert (await stand.post(f"{path}/act", action="pause"))["state"] == "paused"
    assert (await stand.post(f"{path}/act", 409, action="pause"))["code"] == "wrong-state"
    assert (await stand.post(f"{path}/act", action="resume"))["state"] == "running"
    assert (await stand.post(f"{path}/act", action="cancel"))["state"] == "cancelled"
    assert [one["state"] for one in (await stand.get("/iiot/rollouts"))["rollouts"]] == ["cancelled"]
    check = await stand.post("/iiot/rollout-check", plan={"firmware": "2.0.0", "rate": 0})
    assert [one["field"] for one in check["problems"]] == ["rate"]


async def test_rule_is_saved_switched_and_removed(stand: Stand) -> None:
    rule = {
        "id": "too-hot",
        "trigger": {"kind": "threshold", "path": "$.t", "above": 90},
        "command": {"action": "reset"},
    }
    saved = await stand.put("/iiot/rules/too-hot", rule=rule)
    assert (saved["active"], saved["trigger"], saved["action"]) == (True, "threshold", "reset")
    assert (await stand.post("/iiot/rules/too-hot/active", active=False))["active"] is False
    assert (await stand.get("/iiot/rules"))["rules"][0]["active"] is False
    bad = {**rule, "trigger": {"kind": "threshold", "path": "$.t"}}
    assert (await stand.post("/iiot/rule-check", rule=bad))["problems"]
    hot = {**bad, "trigger": {"kind": "threshold", "path": "$.t", "above": "hot"}}
    fields = {one["field"] for one in (await stand.post("/iiot/rule-check", rule=hot))["problems"]}
    assert "trigger.above" in fields
    await stand.delete("/iiot/rules/too-hot")
    assert (await stand.get("/iiot/rules/too-hot", 404))["code"] == "unknown-automation-rule"


async def test_registry_is_chosen_by_id(tmp_path: Path) -> None:
    resources = {"a": {"type": "iiot-registry"}, "b": {"type": "iiot-registry"}}
    async with serving(tmp_path, resources=resources) as stand:
        assert (await stand.get("/iiot/profiles", 400))["code"] == "which-registry"
        assert await stand.get("/iiot/profiles", registry="b") == {"profiles": []}
        assert (await stand.get("/iiot/profiles", 404, registry="c"))["code"] == "unknown-registry"


async def test_without_a_registry_it_says_what_to_do(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.client.get(f"{API}/iiot/devices")
        assert (answer.status_code, answer.json()["code"]) == (404, "no-registry")


def test_only_operators_and_editors_change_something() -> None:
    harmless = {"/profile-check", "/profile-trial", "/rollout-check", "/rule-check"}
    for endpoint in ENDPOINTS:
        path = endpoint.path.removeprefix("/admin/api/iiot")
        if endpoint.method == "GET" or path in harmless:
            assert endpoint.role is Role.VIEWER, endpoint
        else:
            documents = path.startswith(("/profiles", "/rules"))
            assert endpoint.role is (Role.EDITOR if documents else Role.OPERATOR), endpoint
