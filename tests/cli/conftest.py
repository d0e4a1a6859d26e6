import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flowengine.cli.app import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def flowengine(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run the command in an empty folder and return how it ended."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["flowengine", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        else:
            code = 0
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture
def flows(here: Path) -> Path:
    """A folder with one good flow."""
    folder = here / "flows"
    folder.mkdir()
    write_flow(folder, "boiler")
    return folder


def write_flow(folder: Path, id: str, nodes: dict[str, Any] | None = None, **more: Any) -> Path:
    """Write a flow, in no canonical form."""
    shown = {"tick": {"type": "inject", "wires": {"out": ["show"]}}, "show": {"type": "debug"}}
    path = folder / f"{id}.flow.json"
    path.write_text(json.dumps({"flowengine": 1, "id": id, "nodes": shown if nodes is None else nodes, **more}))
    return path
