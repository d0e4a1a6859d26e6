from pathlib import Path

from flowengine.server import (
    dead_letters_api,
    flows_api,
    layouts_api,
    outbox_api,
    resources_api,
    runtime_api,
    state_api,
)
from flowengine.server.access import Role
from tests.server.stand import flow, serving


async def test_every_change_is_in_the_audit_trail(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), token="right") as stand:
        await stand.save(flow("a", name="new"))
        revision = (await stand.post("/deploy"))["revision"]
        await stand.inject("a", "gate", payload=1)
        await stand.put("/flows/none", 422, base=None, document={})
        await stand.delete("/flows/a", base=(await stand.get("/flows/a"))["revision"])
        records = (await stand.get("/audit"))["records"]
        assert [(one["who"], one["what"], one["subject"]) for one in records] == [
            ("token", "delete-flow", "a"),
            ("token", "inject", "a"),
            ("token", "deploy", revision),
            ("token", "save-flow", "a"),
        ]
        assert records[1]["detail"]["node"] == "gate"


async def test_audit_trail_is_filtered_and_paged(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        for _ in range(3):
            await stand.post("/flows/a/restart")
        page = await stand.get("/audit", limit=2, what="restart", who="local")
        assert len(page["records"]) == 2
        rest = await stand.get("/audit", before=page["next"], what="restart")
        assert len(rest["records"]) == 1
        assert rest["next"] is None
        assert (await stand.get("/audit", what="deploy"))["records"] == []


def test_what_changes_something_takes_a_role_and_is_audited() -> None:
    modules = (dead_letters_api, flows_api, layouts_api, outbox_api, resources_api, runtime_api, state_api)
    endpoints = [endpoint for module in modules for endpoint in module.ENDPOINTS if endpoint.method != "GET"]
    assert len(endpoints) > 10
    for endpoint in endpoints:
        assert endpoint.audit, endpoint
        assert endpoint.role is not None, endpoint
        assert endpoint.role > Role.VIEWER, endpoint
