"""Changing a folder of flows on disk."""

import errno
import os
from pathlib import Path

import pytest

from flowengine.flow.atomic_file import write_atomically
from flowengine.flow.document import Box, FlowDocument, LayoutDocument, NodeDocument, ResourcesDocument
from flowengine.flow.folder import read_folder
from flowengine.flow.folder_writer import FlowExistsError, FolderWriter, UnknownFlowError
from flowengine.flow.format import format_document
from flowengine.flow.identifier import BadIdError
from flowengine.flow.problem import DocumentError

FLOW = FlowDocument(flowengine=1, id="a", nodes={"n": NodeDocument(type="debug")})


@pytest.fixture
def writer(tmp_path: Path) -> FolderWriter:
    return FolderWriter(tmp_path)


def names(writer: FolderWriter) -> list[str]:
    return sorted(path.name for path in writer.folder.iterdir())


def test_writer_writes_the_canonical_form_and_nothing_else(writer: FolderWriter) -> None:
    file = writer.write_flow(FLOW)
    assert file.document == FLOW
    writer.write_layout("a", LayoutDocument(flowengine=1, nodes={"n": Box(x=1, y=2)}))
    writer.write_resources(ResourcesDocument(flowengine=1))
    assert names(writer) == ["a.flow.json", "a.layout.json", "resources.json"]
    assert (writer.folder / "a.flow.json").read_text() == format_document(FLOW)
    assert read_folder(writer.folder).problems == []


def test_writer_deletes_a_flow_with_its_layout_and_tests(writer: FolderWriter) -> None:
    for id_ in ("a", "b"):
        writer.write_flow(FLOW.model_copy(update={"id": id_}))
        writer.write_layout(id_, LayoutDocument(flowengine=1))
    (writer.folder / "a.flow-test.json").write_text("{}")
    writer.delete_flow("a")
    assert names(writer) == ["b.flow.json", "b.layout.json"]
    with pytest.raises(UnknownFlowError, match='there is no flow "a" in '):
        writer.delete_flow("a")


def test_writer_deletes_a_flow_that_is_broken(writer: FolderWriter) -> None:
    (writer.folder / "a.flow.json").symlink_to("nothing")
    writer.delete_flow("a")
    assert names(writer) == []


def test_writer_renames_a_flow_with_its_layout_and_tests(writer: FolderWriter) -> None:
    writer.write_flow(FLOW)
    writer.write_layout("a", LayoutDocument(flowengine=1))
    (writer.folder / "a.flow-test.json").write_text("{}")
    renamed = writer.rename_flow("a", "b")
    assert renamed.document == FLOW.model_copy(update={"id": "b"})
    assert names(writer) == ["b.flow-test.json", "b.flow.json", "b.layout.json"]


def test_writer_renames_nothing_when_it_cannot(writer: FolderWriter) -> None:
    writer.write_flow(FLOW)
    writer.write_flow(FLOW.model_copy(update={"id": "b"}))
    (writer.folder / "c.flow.json").write_text("{")
    with pytest.raises(FlowExistsError, match='there is already a flow "b" in '):
        writer.rename_flow("a", "b")
    with pytest.raises(UnknownFlowError):
        writer.rename_flow("d", "e")
    with pytest.raises(DocumentError):
        writer.rename_flow("c", "e")
    with pytest.raises(BadIdError):
        writer.rename_flow("a", "E")
    assert names(writer) == ["a.flow.json", "b.flow.json", "c.flow.json"]


@pytest.mark.parametrize("flow", ["../a", "/etc/passwd", "A", ""])
def test_writer_never_leaves_its_folder(writer: FolderWriter, flow: str) -> None:
    with pytest.raises(BadIdError):
        writer.delete_flow(flow)
    with pytest.raises(BadIdError):
        writer.write_layout(flow, LayoutDocument(flowengine=1))


def test_write_atomically_keeps_the_old_contents_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_atomically_keeps_permissions_and_links(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("target")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_write_atomically_never_shows_a_half_written_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")
    seen = []
    fsync = os.fsync

    def look(descriptor: int) -> None:
        seen.append(path.read_bytes())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write_atomically(path, b"new")
    assert seen == [b"old", b"new"]  # the file before its rename, then the folder after it
