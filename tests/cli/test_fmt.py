from pathlib import Path

import pytest

from tests.cli.conftest import Command, write_flow


def test_fmt_writes_the_canonical_form_once(flowengine: Command, flows: Path) -> None:
    ended = flowengine("fmt")
    assert ended.code == 0
    assert "flows/boiler.flow.json formatted" in ended.out
    assert (flows / "boiler.flow.json").read_text().startswith('{\n  "flowengine": 1,\n  "id": "boiler",\n')
    assert flowengine("fmt", "flows") == (0, "1 file: 0 formatted, 1 unchanged\n", "")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_fmt_that_only_looks_changes_nothing_and_exits_with_1(flowengine: Command, flows: Path, option: str) -> None:
    before = (flows / "boiler.flow.json").read_bytes()
    assert flowengine("fmt", option).code == 1
    assert (flows / "boiler.flow.json").read_bytes() == before
    flowengine("fmt")
    assert flowengine("fmt", option).code == 0


def test_fmt_diff_can_be_applied(flowengine: Command, flows: Path) -> None:
    out = flowengine("fmt", "--diff").out
    assert out.startswith("--- a/flows/boiler.flow.json\n+++ b/flows/boiler.flow.json\n")
    assert "\\ No newline at end of file\n" in out


def test_fmt_names_a_broken_file_leaves_it_alone_and_writes_the_others(flowengine: Command, flows: Path) -> None:
    broken = flows / "broken.flow.json"
    broken.write_text('{"flowengine": 1,')
    ended = flowengine("fmt")
    assert ended.code == 1
    assert "flows/broken.flow.json:1:" in ended.err
    assert "1 formatted, 0 unchanged, 1 broken and left as they are" in ended.out
    assert broken.read_text() == '{"flowengine": 1,'


def test_fmt_takes_layouts_resources_and_single_files(flowengine: Command, flows: Path) -> None:
    (flows / "boiler.layout.json").write_text('{"flowengine":1,"nodes":{"tick":{"y":2,"x":1}}}')
    (flows / "resources.json").write_text('{"flowengine":1,"resources":{}}')
    assert flowengine("fmt", "flows/boiler.layout.json", "flows/resources.json").out.endswith(
        "2 files: 2 formatted, 0 unchanged\n"
    )
    assert flowengine("fmt", "flows").out.endswith("3 files: 1 formatted, 2 unchanged\n")


def test_fmt_of_another_file_says_what_documents_are_called(flowengine: Command, flows: Path) -> None:
    (flows / "notes.json").write_text("{}")
    ended = flowengine("fmt", "flows/notes.json")
    assert ended.code == 2
    assert "resources.json, or end in .flow.json or .layout.json or .flow-test.json" in ended.err


def test_fmt_of_a_folder_that_cannot_be_written_ends_in_a_sentence(
    flowengine: Command, flows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("flowengine.cli.fmt.write_atomically", refuse)
    assert flowengine("fmt") == (2, "", "flowengine: flows/boiler.flow.json: Permission denied [system]\n")


def test_fmt_without_a_folder_says_so(flowengine: Command, here: Path) -> None:
    assert "there is no flows in" in flowengine("fmt").err
    (here / "flows").mkdir()
    assert "there are no flows in flows" in flowengine("fmt").err
    write_flow(here / "flows", "boiler")
    assert flowengine("fmt").code == 0
