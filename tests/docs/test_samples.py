"""What the guides show is so: documents are clean, commands print what is shown, links lead somewhere.

A block ``json PATH`` is a document; one of ``python PATH`` a file; a block of ``console`` is run in the page's own
folder, where a line ``…`` stands for any lines and ``…`` within a line for any text. Commands in ``sh`` blocks are not
run, but they and their options must be there.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from flowengine.cli.app import app

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
# test_testing_flows.py holds the one page that is not here to its samples.
WITH_SAMPLES = [page for page in PAGES if page.name != "testing-flows.md"]
ALL_PAGES = sorted([*PAGES, *(ROOT / "docs").glob("*/**/*.md")])
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BIN = str(Path(sys.executable).parent)


class Block(NamedTuple):
    language: str
    path: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(page.read_text())]


def ran(command: str, folder: Path) -> str:
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("MQTT_", "ODOO_"))}
    environment["PATH"] = f"{_BIN}{os.pathsep}{environment['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.stdout


def sessions(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with what it is shown to print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def pattern(output: str) -> str:
    return "".join(
        r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in output.splitlines()
    )


@pytest.mark.parametrize("page", WITH_SAMPLES, ids=lambda page: page.name)
def test_page_shows_what_is_so(page: Path, tmp_path: Path) -> None:
    folders = set()
    for block in blocks(page):
        if block.path:
            file = tmp_path / block.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text)
            if block.language == "json":
                folders.add(file.parent.name)
        if block.language == "console":
            for command, output in sessions(block.text):
                printed = ran(command, tmp_path)
                assert re.fullmatch(pattern(output), printed), f"$ {command}\n{printed}"
    for folder in folders:
        for command in (f"flowengine lint --strict {folder}", f"flowengine fmt --diff {folder}"):
            printed = ran(f"{command} && echo good", tmp_path)
            assert printed.endswith("good\n"), printed


@pytest.mark.parametrize("page", WITH_SAMPLES, ids=lambda page: page.name)
def test_page_has_a_path_for_each_document(page: Path) -> None:
    assert [block.text for block in blocks(page) if block.language in {"json", "python"} and not block.path] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_commands_that_there_are(page: Path) -> None:
    for block in blocks(page):
        if block.language in {"sh", "console"}:
            for line in block.text.replace("\\\n", " ").splitlines():
                if "flowengine " in line and not line.startswith("#"):
                    check_command(shlex.split(line.removeprefix("$ "), comments=True))


def check_command(words: list[str]) -> None:
    while "flowengine" in words:
        words = words[words.index("flowengine") + 1 :]
        command: Any = typer.main.get_command(app)
        while words and getattr(command, "commands", None):
            assert words[0] in command.commands, words
            command = command.commands[words.pop(0)]
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
        ends = (index for index, word in enumerate(words) if word in {"|", "&&", ";", ">"})
        mine = words[: next(ends, len(words))]
        options = {word.partition("=")[0] for word in mine if word.startswith("--")}
        assert options <= known | {"--help"}, (command.name, options - known)


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page_links_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if not link.startswith(("http:", "https:", "#"))]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []
