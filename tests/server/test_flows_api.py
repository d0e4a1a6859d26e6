import json
from pathlib import Path

from flowengine.flow.document import FlowDocument
from flowengine.flow.format import format_document
from tests.server.stand import flow, serving, write


async def test_flows_list_tells_state_revision_and_problems(tmp_path: Path) -> None:
    broken = flow("broken", {"a": {"type": "no-such-type"}})
    subflow = flow("part", {"g": {"type": "gate"}}, inputs={"in": {"targets": ["g"]}})
    async with serving(tmp_path, flow("good"), broken, flow("off", disabled=True), subflow) as stand:
        answer = await stand.get("/flows")
        flows = {one["id"]: one for one in answer["flows"]}
        assert {id: one["state"] for id, one in flows.items()} == {
            "good": "running",
            "broken": "broken",
            "off": "disabled",
            "part": "subflow",
        }
        assert "no-such-type" in flows["broken"]["reason"]
        assert flows["broken"]["errors"] == 1
        assert flows["good"]["account"]["in_flight"] == 0
        assert flows["good"]["nodes"] == 3
        assert not flows["good"]["changed"]
        assert answer["revision"] == answer["deployed"]


async def test_flow_is_saved_checked_deployed_and_runs(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        saved = await stand.put("/flows/new", base=None, document=flow("new"))
        assert saved["problems"] == []
        assert saved["deployed"] is None
        assert (stand.folder / "new.flow.json").read_text().startswith('{\n  "flowengine": 1,\n  "id": "new"')
        report = await stand.post("/deploy", base=(await stand.get("/flows"))["deployed"])
        assert report["started"] == ["new"]
        assert (await stand.get("/flows/new"))["deployed"] == saved["revision"]
        await stand.inject("new", "gate", payload=1)
        assert stand.running("new").account.settled == 1


async def test_flow_is_returned_as_it_was_saved_with_its_layout(tmp_path: Path) -> None:
    document = flow("a", description="# Help", env={"X": "1"})
    layout = {"flowengine": 1, "nodes": {"gate": {"x": 10, "y": 20.5}}}
    async with serving(tmp_path, document) as stand:
        assert (await stand.get("/flows/a/layout"))["layout"] is None
        assert (await stand.put("/flows/a/layout", layout=layout))["layout"] == layout
        found = await stand.get("/flows/a")
        assert found["document"] == document
        assert found["layout"] == layout


async def test_layout_of_unknown_flow_or_of_wrong_shape_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        missing = await stand.put("/flows/b/layout", 404, layout={"flowengine": 1})
        assert missing["code"] == "unknown-flow"
        wrong = await stand.put(
            "/flows/a/layout", 422, layout={"flowengine": 1, "nodes": {"gate": {"x": "left", "y": 0}}}
        )
        assert wrong["code"] == "invalid-document"
        assert wrong["problems"][0]["field"] == "x"


async def test_save_on_stale_base_gets_the_current_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        theirs = flow("a", name="theirs")
        await stand.put("/flows/a", base=base, document=theirs)
        answer = await stand.put("/flows/a", 409, base=base, document=flow("a", name="mine"))
        assert answer["code"] == "stale-revision"
        assert answer["base"] == base
        assert answer["current"]["document"] == theirs
        assert json.loads((stand.folder / "a.flow.json").read_text())["name"] == "theirs"
        again = await stand.put("/flows/a", base=answer["current"]["revision"], document=flow("a", name="mine"))
        assert again["document"]["name"] == "mine"


async def test_save_sees_what_a_text_editor_wrote_meanwhile(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        write(stand.folder, flow("a", name="by hand"))
        answer = await stand.put("/flows/a", 409, base=base, document=flow("a", name="mine"))
        assert answer["current"]["document"]["name"] == "by hand"


async def test_new_flow_does_not_replace_one_that_is_there(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = await stand.put("/flows/a", 409, base=None, document=flow("a"))
        assert answer["message"].startswith('the flow "a" is already there')


async def test_flow_with_lint_errors_is_saved_with_its_problems(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        document = flow("a", {"gate": {"type": "gate", "config": {"refus": True}}})
        saved = await stand.put("/flows/a", base=None, document=document)
        problem = next(one for one in saved["problems"] if one["severity"] == "error")
        assert (problem["node"], problem["field"]) == ("gate", "refus")


async def test_what_is_no_flow_document_is_refused_with_its_place(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.put("/flows/a", 422, base=None, document=flow("a", {"gate": {"kind": "gate"}}))
        assert answer["code"] == "invalid-document"
        assert {(one["node"], one["field"], one["code"]) for one in answer["problems"]} == {
            ("gate", "type", "missing-field"),
            ("gate", "kind", "unknown-field"),
        }
        assert "line" not in answer["problems"][0]
        answer = await stand.put("/flows/b", 422, base=None, document=flow("a"))
        assert answer["code"] == "wrong-id"
        assert not list(stand.folder.iterdir())


async def test_changed_nodes_are_saved_without_the_others(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a", name="A")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        nodes = {
            "start": {"type": "inject", "wires": {"out": ["keep"]}},
            "keep": {"type": "gate", "wires": {"out": ["show"]}},
            "gate": None,
        }
        saved = await stand.ask("PATCH", "/flows/a", json={"base": base, "nodes": nodes})
        found = await stand.get("/flows/a")
        kept = {"keep": nodes["keep"], "show": {"type": "debug"}, "start": nodes["start"]}
        assert found["document"] == flow("a", kept, name="A")
        assert (saved["revision"], saved["problems"]) == (found["revision"], [])
        assert saved["deployed"] == base
        text = (stand.folder / "a.flow.json").read_text()
        assert text == format_document(FlowDocument.model_validate(found["document"]))
        report = await stand.post("/deploy")
        assert report["restarted"] == {"a": ["keep"]}
        assert set(stand.running("a").cells) == {"start", "keep", "show"}


async def test_changed_nodes_with_lint_errors_are_saved_with_their_problems(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        nodes = {"gate": {"type": "gate", "config": {"refus": True}, "wires": {"out": ["show"]}}}
        saved = await stand.ask("PATCH", "/flows/a", json={"base": base, "nodes": nodes})
        assert [(one["node"], one["field"]) for one in saved["problems"]] == [("gate", "refus")]
        assert saved["problems"] == (await stand.get("/flows/a"))["problems"]


async def test_change_of_nodes_on_stale_base_gets_the_current_flow(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        write(stand.folder, flow("a", name="by hand"))
        answer = await stand.ask("PATCH", "/flows/a", 409, json={"base": base, "nodes": {"gate": None}})
        assert (answer["code"], answer["base"]) == ("stale-revision", base)
        assert answer["current"]["document"] == flow("a", name="by hand")
        assert json.loads((stand.folder / "a.flow.json").read_text()) == flow("a", name="by hand")


async def test_what_is_no_node_is_refused_with_its_place_and_nothing_is_saved(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        base = (await stand.get("/flows/a"))["revision"]
        for nodes, places in (
            ({"gate": {"kind": "gate"}}, {("gate", "type"), ("gate", "kind")}),
            ({"No Id": {"type": "gate"}, "gate": None}, {("No Id", None)}),
        ):
            answer = await stand.ask("PATCH", "/flows/a", 422, json={"base": base, "nodes": nodes})
            assert answer["code"] == "invalid-document"
            assert {(one.get("node"), one.get("field")) for one in answer["problems"]} == places
        assert (await stand.get("/flows/a"))["revision"] == base
        await stand.ask("PATCH", "/flows/b", 404, json={"base": base, "nodes": {}})


async def test_nodes_of_a_broken_file_cannot_be_changed(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        (stand.folder / "a.flow.json").write_text("{ no json")
        await stand.post("/deploy")
        base = (await stand.get("/flows/a"))["revision"]
        answer = await stand.ask("PATCH", "/flows/a", 422, json={"base": base, "nodes": {"gate": None}})
        assert answer["problems"][0]["code"] == "json-syntax"
        assert (stand.folder / "a.flow.json").read_text() == "{ no json"


async def test_broken_file_is_shown_as_text_and_can_be_replaced(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        (stand.folder / "a.flow.json").write_text("{ no json")
        await stand.post("/deploy")
        found = await stand.get("/flows/a")
        assert found["document"] is None
        assert found["text"] == "{ no json"
        assert found["problems"][0]["line"] == 1
        await stand.put("/flows/a", base=found["revision"], document=flow("a"))
        assert (await stand.get("/flows/a"))["problems"] == []


async def test_flow_is_renamed_with_its_layout(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), flow("b")) as stand:
        await stand.put("/flows/a/layout", layout={"flowengine": 1})
        base = (await stand.get("/flows/a"))["revision"]
        taken = await stand.post("/flows/a/rename", 409, base=base, id="b")
        assert taken["code"] == "flow-exists"
        bad = await stand.post("/flows/a/rename", 422, base=base, id="../a")
        assert bad["code"] == "bad-name"
        stale = await stand.post("/flows/a/rename", 409, base="0", id="c")
        assert stale["code"] == "stale-revision"
        renamed = await stand.post("/flows/a/rename", base=base, id="c")
        assert renamed["id"] == "c"
        assert renamed["layout"] == {"flowengine": 1}
        await stand.get("/flows/a", 404)
        report = await stand.post("/deploy")
        assert (report["stopped"], report["started"]) == (["a"], ["c"])


async def test_flow_is_deleted_only_on_its_newest_revision(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        stale = await stand.delete("/flows/a", 409, base="0")
        assert stale["current"]["id"] == "a"
        await stand.delete("/flows/a", base=(await stand.get("/flows/a"))["revision"])
        assert not (stand.folder / "a.flow.json").exists()
        flows = (await stand.get("/flows"))["flows"]
        assert [(one["id"], one["state"], one["revision"]) for one in flows] == [("a", "running", None)]
        assert (await stand.delete("/flows/a", 404, base="0"))["code"] == "unknown-flow"


async def test_id_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        answer = await stand.put("/flows/x", 422, base=None, document=flow("../x"))
        assert answer["code"] == "invalid-document"
        answer = await stand.put("/flows/..%2Fx", 404, base=None, document=flow("../x"))
        assert answer["code"] == "not-found"
        assert not (tmp_path / "x.flow.json").exists()


async def test_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        (stand.folder / "a.flow.json").mkdir()
        found = await stand.client.get("/admin/api/flows")
        assert found.status_code == 200
        await stand.post("/deploy")
        base = (await stand.get("/flows/a"))["revision"]
        answer = await stand.put("/flows/a", 503, base=base, document=flow("a"))
        assert answer["code"] == "unwritable-folder"
        assert "nothing was changed" in answer["message"]
