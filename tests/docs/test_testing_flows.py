"""The samples in docs/testing-flows.md are true."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flowengine.cli.app import main

PAGE = (Path(__file__).parents[2] / "docs" / "testing-flows.md").read_text()
BLOCK = re.compile(r"<!-- (?P<what>\w+)(?:: (?P<name>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
FILES = {found["name"]: found["text"] for found in BLOCK.finditer(PAGE) if found["what"] == "file"}
CASES = [json.loads(found["text"]) for found in BLOCK.finditer(PAGE) if found["what"] == "case"]
CONSOLE = next(found["text"] for found in BLOCK.finditer(PAGE) if found["what"] == "console")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr("sys.argv", ["flowengine", *arguments])
    with pytest.raises(SystemExit):
        main()
    return re.sub(r"\d+\.\d+ s", "0.00 s", capsys.readouterr().out)


@pytest.mark.usefixtures("here")
def test_sample_prints_what_the_page_shows(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    command, _, shown = CONSOLE.partition("\n")
    arguments = command.removeprefix("$ flowengine ").split()
    assert run(monkeypatch, capsys, *arguments) == re.sub(r"\d+\.\d+ s", "0.00 s", shown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_sample_case_passes(
    here: Path, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = json.loads(FILES["flows/boiler.flow-test.json"])
    (here / "flows/boiler.flow-test.json").write_text(json.dumps({**tests, "cases": [case]}))
    assert "1 passed in" in run(monkeypatch, capsys, "test")


def test_sample_failure_is_what_a_failing_case_says(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tests = FILES["flows/boiler.flow-test.json"].replace('"body": {"celsius": 61.5}', '"body": {"celsius": 62}')
    (here / "flows/boiler.flow-test.json").write_text(tests)
    line = "            expect.messages.report[0].body.celsius: expected 62, got 61.5\n"
    assert line in run(monkeypatch, capsys, "test")
    assert line in PAGE


@pytest.mark.usefixtures("here")
def test_python_sample_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(PYTHON) == 1
    exec(PYTHON[0], {})
    assert capsys.readouterr().out.count("'passed'") == 2
