from pathlib import Path

import pytest

from tests.server.stand import flow, serving, write


async def test_deploy_says_what_restarted(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        changed = flow("a")
        changed["nodes"]["show"]["config"] = {"per_second": 5}
        await stand.save(changed)
        report = await stand.post("/deploy")
        assert report["restarted"] == {"a": ["show"]}
        assert (report["started"], report["stopped"], report["broken"]) == ([], [], {})
        assert report["revision"] == (await stand.get("/flows"))["revision"]


async def test_deploy_on_stale_base_changes_nothing_and_says_what_differs(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows"))["deployed"]
        await stand.save(flow("b"))
        newer = (await stand.post("/deploy", base=base))["revision"]
        await stand.save(flow("c"))
        answer = await stand.post("/deploy", 409, base=base)
        assert answer["code"] == "stale-revision"
        assert (answer["base"], answer["current"]) == (base, newer)
        assert [(one["id"], one["kind"]) for one in answer["difference"]["flows"]] == [("c", "added")]
        assert set(stand.service.engine.flows) == {"a", "b"}


async def test_deploy_runs_the_good_flows_beside_a_broken_one(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        await stand.save(flow("b", {"x": {"type": "no-such-type"}}))
        await stand.save(flow("c"))
        report = await stand.post("/deploy")
        assert report["started"] == ["c"]
        assert list(report["broken"]) == ["b"]


async def test_difference_names_each_value_that_differs(tmp_path: Path) -> None:
    line = {"line": {"type": "line"}}
    async with serving(tmp_path, flow("a"), flow("b"), resources=line) as stand:
        nothing = await stand.get("/difference")
        assert (nothing["flows"], nothing["resources"]) == ([], [])
        changed = flow("a")
        changed["nodes"]["gate"]["config"] = {"refuse": True}
        del changed["nodes"]["show"], changed["nodes"]["gate"]["wires"]
        await stand.save(changed)
        await stand.delete("/flows/b", base=(await stand.get("/flows/b"))["revision"])
        base = (await stand.get("/resources"))["revision"]
        both = {"flowengine": 1, "resources": {**line, "second": {"type": "line"}}}
        await stand.put("/resources", base=base, document=both)
        answer = await stand.get("/difference")
        assert [(one["id"], one["kind"]) for one in answer["flows"]] == [("a", "changed"), ("b", "removed")]
        assert [(one["path"], one["kind"]) for one in answer["flows"][0]["changes"]] == [
            (["nodes", "gate", "config", "refuse"], "added"),
            (["nodes", "gate", "wires", "out"], "removed"),
            (["nodes", "show"], "removed"),
        ]
        assert answer["resources"] == [{"id": "second", "kind": "added"}]


async def test_check_finds_problems_of_a_flow_that_is_not_saved(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        document = flow("a")
        document["nodes"]["gate"]["wires"] = {"out": ["nowhere"]}
        answer = await stand.post("/check/flow", document=document)
        assert not answer["runs"]
        assert {(one["node"], one["severity"]) for one in answer["problems"]} >= {("gate", "error")}
        assert (await stand.post("/check/flow", document=flow("new")))["runs"]
        assert (await stand.get("/flows/a"))["problems"] == []
        assert [path.name for path in stand.folder.iterdir()] == ["a.flow.json"]


async def test_check_finds_problems_of_resources_that_are_not_saved(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        resources = {"line": {"type": "line", "config": {"connected": "perhaps"}}}
        answer = await stand.post("/check/resources", document={"flowengine": 1, "resources": resources})
        assert not answer["runs"]
        assert ("line", "connected") in {(one["node"], one["field"]) for one in answer["problems"]}


async def test_resources_are_saved_on_their_newest_revision_only(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        base = (await stand.get("/resources"))["revision"]
        document = {"flowengine": 1, "resources": {"line": {"type": "line"}}}
        saved = await stand.put("/resources", base=base, document=document)
        assert saved["document"] == document
        answer = await stand.put("/resources", 409, base=base, document=document)
        assert answer["current"]["document"] == document
        await stand.post("/deploy")
        running = await stand.get("/resources/running")
        assert running["resources"] == [
            {
                "id": "line",
                "type": "line",
                "running": True,
                "status": {"text": "connected", "level": "ok", "is_value": False},
                "problem": "",
            }
        ]


async def test_watched_folder_is_deployed_when_a_file_changes(tmp_path: Path) -> None:
    async with serving(tmp_path, watch=True) as stand:
        with stand.service.engine.world.hub.watch() as watcher:
            write(stand.folder, flow("a"))
            kinds: list[str] = []
            while "files" not in kinds:
                events, _ = await watcher.take()
                kinds += [event.kind for event in events]
            assert "deploy" in kinds
        assert "a" in stand.service.engine.flows


async def test_folder_that_is_not_watched_is_read_but_not_deployed_when_a_file_changes(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        with stand.service.engine.world.hub.watch() as watcher:
            write(stand.folder, flow("a"))
            events, _ = await watcher.take()
            assert [(event.kind, event.data["flows"]) for event in events] == [("files", ["a"])]
        answer = await stand.get("/flows")
        assert [(one["id"], one["state"], one["changed"]) for one in answer["flows"]] == [("a", "not-deployed", True)]


@pytest.mark.parametrize(
    ("restart", "restarted"),
    [("nodes", {"a": ["show"]}), ("flows", {"a": ["gate", "show", "start"]}), ("all", None)],
)
async def test_deploy_restarts_as_much_as_is_asked_for(
    tmp_path: Path, restart: str, restarted: dict[str, list[str]] | None
) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        kept = stand.running("b")
        changed = flow("a")
        changed["nodes"]["show"]["name"] = "Shown"
        changed["nodes"]["show"]["config"] = {"per_second": 5}
        await stand.save(changed)
        report = await stand.post("/deploy", restart=restart)
        everything = {id: ["gate", "show", "start"] for id in ("a", "b")}
        assert report["restarted"] == (everything if restarted is None else restarted)
        assert report["started"] == report["stopped"] == []
        assert (stand.running("b") is kept) == (restart != "all")
        assert stand.running("a").state == stand.running("b").state == "running"


async def test_deploy_of_what_runs_already_is_no_conflict(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        before = (await stand.get("/flows"))["deployed"]
        await stand.save(flow("b"))
        await stand.post("/deploy", base=before)
        assert (await stand.post("/deploy", base=before))["restarted"] == {}


async def test_preview_says_what_a_deploy_would_do_and_does_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        changed = flow("a")
        changed["nodes"]["show"]["config"] = {"per_second": 5}
        shown = await stand.post("/deploy/preview", flows=[changed, flow("c")])
        assert [(one["id"], one["kind"]) for one in shown["flows"]] == [("a", "changed"), ("c", "added")]
        assert [change["path"] for change in shown["flows"][0]["changes"]] == [
            ["nodes", "show", "config", "per_second"]
        ]
        assert (shown["restarted"], shown["started"], shown["stopped"]) == ({"a": ["show"]}, ["c"], [])
        whole = await stand.post("/deploy/preview", flows=[changed], restart="flows")
        assert whole["restarted"] == {"a": ["gate", "show", "start"]}
        assert set((await stand.post("/deploy/preview", restart="all"))["restarted"]) == {"a", "b"}
        broken = flow("a", {"start": {"type": "inject", "wires": {"out": ["nowhere"]}}})
        problems = (await stand.post("/deploy/preview", flows=[broken]))["problems"]
        assert "error" in {problem["severity"] for problem in problems}
        assert (await stand.post("/deploy/preview"))["flows"] == []
        assert (await stand.get("/flows"))["flows"][0]["changed"] is False
