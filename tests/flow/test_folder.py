"""Reading a folder of flows: everything in it, whatever state it is in."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from flowengine.flow.document import ResourcesDocument
from flowengine.flow.folder import FolderError, read_folder
from flowengine.flow.problem import Severity
from flowengine.flow.source import MAX_BYTES


def write(folder: Path, file_name: str, **fields: Any) -> Path:
    path = folder / file_name
    path.write_text(json.dumps({"flowengine": 1, **fields}))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "a.flow.json", id="a", nodes={"n": {"type": "debug"}})
    write(tmp_path, "b.flow.json", id="b")
    write(tmp_path, "b.layout.json", nodes={"n": {"x": 1, "y": 2}})
    write(tmp_path, "resources.json", resources={"main": {"type": "mqtt-broker"}})
    return tmp_path


def codes(folder: Path) -> list[tuple[str, str]]:
    return [(Path(problem.file).name, problem.code) for problem in read_folder(folder).problems]


def test_read_folder_finds_flows_layouts_and_resources(folder: Path) -> None:
    (folder / "a.flow-test.json").write_text("not ours")
    (folder / ".a.flow.json.1234.tmp").write_text("half written")
    (folder / ".hidden.flow.json").write_text("no")
    (folder / "README.md").write_text("# Flows")
    (folder / "sub").mkdir()
    read = read_folder(folder)
    assert list(read.documents) == ["a", "b"]
    assert list(read.layouts) == ["b"]
    assert read.resources.document is not None
    assert list(read.resources.document.resources) == ["main"]
    assert read.problems == []


def test_read_folder_takes_missing_resources_as_none(tmp_path: Path) -> None:
    read = read_folder(tmp_path)
    assert read.resources.document == ResourcesDocument(flowengine=1)
    assert (read.documents, read.problems) == ({}, [])


def test_read_folder_keeps_the_good_flows_beside_broken_ones(folder: Path) -> None:
    (folder / "c.flow.json").write_text('{"flowengine": 1,')
    write(folder, "d.flow.json", id="d", nodes={"N": {}})
    (folder / "resources.json").write_text("[]")
    read = read_folder(folder)
    assert list(read.documents) == ["a", "b"]
    assert read.flows["c"].document is None
    assert codes(folder) == [
        ("c.flow.json", "json-syntax"),
        ("d.flow.json", "bad-name"),
        ("d.flow.json", "missing-field"),
        ("resources.json", "wrong-type"),
    ]


def test_read_folder_names_files_as_the_user_did(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "c.flow.json").write_text("{")
    monkeypatch.chdir(folder.parent)
    (problem,) = read_folder(Path(folder.name)).problems
    assert str(problem).startswith(f"{folder.name}/c.flow.json:1: ")


def test_read_folder_compares_a_flows_id_with_its_file(folder: Path) -> None:
    write(folder, "c.flow.json", id="d")
    (problem,) = read_folder(folder).problems
    assert (problem.code, problem.line, problem.field) == ("wrong-id", 1, "id")
    assert problem.message == 'the id is "d", but the file is named c.flow.json'
    assert problem.hint == 'name the file d.flow.json, or the flow "c"'


def test_read_folder_reports_two_files_with_one_id(folder: Path) -> None:
    write(folder, "copy.flow.json", id="a")
    (problem,) = read_folder(folder).problems
    assert problem.code == "duplicate-id"
    assert problem.message == 'the flow "a" is already in a.flow.json'
    assert "a" in read_folder(folder).documents


def test_read_folder_reports_names_that_differ_only_in_case(folder: Path) -> None:
    write(folder, "A.flow.json", id="A")
    assert codes(folder) == [("A.flow.json", "bad-name"), ("a.flow.json", "case-clash")]
    assert "a" in read_folder(folder).documents


def test_read_folder_warns_of_a_layout_without_a_flow(folder: Path) -> None:
    write(folder, "gone.layout.json")
    (problem,) = read_folder(folder).problems
    assert (problem.code, problem.severity) == ("orphan-layout", Severity.WARNING)


def test_read_folder_follows_a_symbolic_link(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = write(tmp_path_factory.mktemp("elsewhere"), "x.json", id="linked")
    (folder / "linked.flow.json").symlink_to(elsewhere)
    assert "linked" in read_folder(folder).documents


def test_read_folder_reports_files_that_cannot_be_read(folder: Path) -> None:
    (folder / "broken.flow.json").symlink_to("nothing")
    (folder / "dir.flow.json").mkdir()
    (folder / "loop.flow.json").symlink_to("loop.flow.json")
    os.mkfifo(folder / "pipe.flow.json")
    with (folder / "large.flow.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert codes(folder) == [
        ("broken.flow.json", "unreadable-file"),
        ("dir.flow.json", "unreadable-file"),
        ("large.flow.json", "too-large"),
        ("loop.flow.json", "unreadable-file"),
        ("pipe.flow.json", "unreadable-file"),
    ]
    assert list(read_folder(folder).documents) == ["a", "b"]


def test_read_folder_reports_a_file_without_permission(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = write(folder, "secret.flow.json", id="secret")
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:  # a test that runs as root may read every file
        if path == secret:
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (problem,) = read_folder(folder).problems
    assert str(problem) == f"{secret}: the file cannot be read: Permission denied [unreadable-file]"


def test_read_folder_refuses_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"the folder .*/none cannot be read: No such file or directory"):
        read_folder(tmp_path / "none")
    file = write(tmp_path, "file")
    with pytest.raises(FolderError, match="Not a directory"):
        read_folder(file)


def test_read_folder_reads_again_only_what_changed(folder: Path) -> None:
    (folder / "broken.flow.json").write_text("{")
    before = read_folder(folder)
    write(folder, "b.flow.json", id="b", name="other")
    (folder / "a.flow.json").touch()
    after = read_folder(folder, previous=before)
    assert after.flows["a"] is before.flows["a"]
    assert after.resources is before.resources
    assert after.documents["b"].name == "other"
    assert after.problems == before.problems


def test_read_folder_asks_again_what_an_id_clashes_with(folder: Path) -> None:
    write(folder, "copy.flow.json", id="a")
    before = read_folder(folder)
    (folder / "a.flow.json").unlink()
    (problem,) = read_folder(folder, previous=before).problems
    assert problem.code == "wrong-id"


def test_revision_changes_with_what_runs_and_with_nothing_else(folder: Path) -> None:
    first = read_folder(folder).revision
    write(folder, "b.layout.json", nodes={"n": {"x": 100, "y": 2}})
    (folder / "a.flow.json").write_text('{"id": "a", "nodes": {"n": {"type": "debug"}},\n "flowengine": 1}')
    assert read_folder(folder).revision == first
    seen = {first}
    write(folder, "b.flow.json", id="b", disabled=True)
    seen.add(read_folder(folder).revision)
    write(folder, "resources.json")
    seen.add(read_folder(folder).revision)
    (folder / "b.flow.json").write_text("{")
    seen.add(read_folder(folder).revision)
    (folder / "b.flow.json").write_text("{{")
    seen.add(read_folder(folder).revision)
    (folder / "b.flow.json").unlink()
    seen.add(read_folder(folder).revision)
    assert len(seen) == 6


def test_file_knows_whether_it_is_canonical(folder: Path) -> None:
    (folder / "b.flow.json").write_text('{\n  "flowengine": 1,\n  "id": "b"\n}\n')
    (folder / "c.flow.json").write_text("{")
    flows = read_folder(folder).flows
    assert [flows[id_].is_canonical for id_ in ("a", "b", "c")] == [False, True, False]
