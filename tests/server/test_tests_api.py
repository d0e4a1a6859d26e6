from pathlib import Path
from typing import Any

from tests.server.stand import flow, serving

CASE: dict[str, Any] = {
    "name": "passes a message on",
    "given": [{"into": "gate", "message": {"payload": 1}}],
    "expect": {"messages": {"show": [{"payload": 1}]}},
}


def document(*cases: dict[str, Any]) -> dict[str, Any]:
    return {"flowengine": 1, "cases": list(cases)}


async def test_tests_are_saved_run_and_removed(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        assert await stand.get("/flows/a/tests") == {"revision": None, "document": None, "problems": []}
        assert (await stand.post("/flows/a/tests", 404))["code"] == "no-tests"
        saved = await stand.put("/flows/a/tests", base=None, document=document(CASE))
        assert (stand.folder / "a.flow-test.json").is_file()
        assert saved["document"]["cases"] == [CASE]
        report = await stand.post("/flows/a/tests")
        (case,) = report["cases"]
        assert (case["outcome"], case["differences"]) == ("passed", [])
        assert case["arrivals"] == {"gate": [{"payload": 1}], "show": [{"payload": 1}]}
        assert (report["nodes"], report["reached"], report["missed"]) == (3, 2, ["start"])
        stale = await stand.put("/flows/a/tests", 409, base=None, document=document(CASE))
        assert stale["current"]["revision"] == saved["revision"]
        gone = await stand.put("/flows/a/tests", base=saved["revision"], document=None)
        assert gone["revision"] is None
        assert not (stand.folder / "a.flow-test.json").exists()


async def test_difference_tells_what_was_expected_and_what_came(tmp_path: Path) -> None:
    wrong = {**CASE, "expect": {"messages": {"show": [{"payload": 2}]}}}
    async with serving(tmp_path, flow("a")) as stand:
        report = await stand.post(
            "/flows/a/tests", tests=document(wrong, {**CASE, "name": "other"}), cases=[wrong["name"]]
        )
        (case,) = report["cases"]
        (difference,) = case["differences"]
        assert (case["outcome"], difference["expected"], difference["got"]) == ("failed", 2, 1)
        assert difference["path"] == "expect.messages.show[0].payload"


async def test_flow_that_is_on_no_disk_is_tested_and_the_running_one_left_alone(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        drawn = flow("a", {"gate": {"type": "gate"}, "show": {"type": "debug"}})
        report = await stand.post("/flows/a/tests", tests=document(CASE), flow=drawn)
        assert report["cases"][0]["outcome"] == "failed"
        assert stand.running("a").account.received == 0


async def test_tests_that_are_none_are_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand:
        answer = await stand.put("/flows/a/tests", 422, base=None, document={"flowengine": 1, "cases": [{"given": []}]})
        assert "name" in answer["location"]
        (stand.folder / "a.flow-test.json").write_text("{")
        broken = await stand.get("/flows/a/tests")
        assert broken["document"] is None
        assert broken["problems"]
        assert (await stand.post("/flows/a/tests"))["problems"] == broken["problems"]
        assert (await stand.get("/flows/none/tests", 404))["code"] == "unknown-flow"
