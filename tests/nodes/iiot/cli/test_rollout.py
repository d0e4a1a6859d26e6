from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.fixture
def plant(flowengine: Command, here: Path) -> Path:
    """Four devices and a firmware; the folder they are in."""
    (here / "boiler.json").write_text('{"id": "boiler"}')
    flowengine("profile", "save", "boiler.json")
    for number in range(4):
        flowengine("device", "add", f"b-{number}", "--profile", "boiler", "--active", "--group", "north")
    (here / "image").write_bytes(b"x")
    flowengine("firmware", "add", "image", "--version", "2.0.0")
    return here


def test_rollout_is_started_shown_and_steered(flowengine: Command, plant: Path) -> None:
    started = flowengine(
        *("rollout", "start", "2.0.0", "--name", "north", "--group", "north", "--canary", "25", "--rate", "10"),
        *("--success", "80", "--error", "5", "--format", "json"),
    ).json
    id = started["id"]
    assert (started["state"], started["devices"]["waiting"]) == ("running", 4)
    assert [group["waiting"] for group in started["groups"]] == [1, 3]
    assert (started["plan"]["rate"], started["plan"]["success"], started["plan"]["error"]) == (10, 80, 5)
    paused = flowengine("rollout", "pause", id)
    assert paused.out.startswith(f"rollout {id} of 2.0.0 is paused (operator)\n")
    assert flowengine("rollout", "resume", id).code == 0
    assert "north  2.0.0     running  canary (1 of 2)" in flowengine("rollout", "list").out
    assert flowengine("rollout", "cancel", id, "--yes", "--format", "json").json["state"] == "cancelled"
    again = flowengine("rollout", "cancel", id, "--yes")
    assert "[wrong-state]" in again.err
    back = flowengine("rollout", "rollback", id, "--yes")
    assert "[no-devices]" in back.err
    shown = flowengine("rollout", "show", id, "--failed", "--format", "json").json
    assert (shown["devices"]["cancelled"], shown["failed_updates"]) == (4, [])


def test_plan_may_be_a_file_and_options_win(flowengine: Command, plant: Path) -> None:
    (plant / "plan.json").write_text('{"rate": 7, "devices": {"profile": "boiler"}, "policy": {"attempts": 9}}')
    plan = flowengine(
        *("rollout", "start", "2.0.0", "--plan", "plan.json", "--device", "b-1", "--canary", "0", "--format", "json")
    ).json["plan"]
    assert (plan["rate"], plan["policy"]["attempts"], plan["devices"]["devices"]) == (7, 9, ["b-1"])
    assert [group["name"] for group in plan["groups"]] == ["all"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("start", "9.9"), "unknown-firmware"),
        (("start", "2.0.0", "--profile", "press"), "no-devices"),
        (("start", "2.0.0", "--rate", "0"), "bad-rollout"),
        (("start", "2.0.0", "--plan", "no.json"), "unreadable-file"),
        (("start", "2.0.0", "--plan", "image"), "bad-rollout"),
        (("show", "r"), "unknown-rollout"),
    ],
)
def test_mistake_is_told_in_a_sentence(flowengine: Command, plant: Path, arguments: tuple[str, ...], code: str) -> None:
    ended = flowengine("rollout", *arguments)
    assert ended.code != 0
    assert f"[{code}]" in ended.err
    assert "Traceback" not in ended.err
