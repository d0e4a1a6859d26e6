"""``flowengine fmt``: write documents in their one canonical form."""

import difflib
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from flowengine.cli.exit_code import ExitCode
from flowengine.cli.folder import NoDocumentError, NoFlowsError, existing
from flowengine.cli.text import counted
from flowengine.flow.atomic_file import write_atomically
from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.document_file import (
    FLOW_SUFFIX,
    LAYOUT_SUFFIX,
    RESOURCES_NAME,
    TEST_SUFFIX,
    DocumentFile,
    read_file,
)
from flowengine.flow.flow_test_document import FlowTestDocument
from flowengine.flow.format import format_document

EXAMPLE = "Example: flowengine fmt flows --check"

Outcome = Literal["formatted", "unchanged", "broken"]
_SUFFIXES: Final[dict[str, type[Document]]] = {
    FLOW_SUFFIX: FlowDocument,
    LAYOUT_SUFFIX: LayoutDocument,
    TEST_SUFFIX: FlowTestDocument,
}


def fmt(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders of flows, or single files; without any, the folder flows.", metavar="DIR|FILE"),
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; name what would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Change nothing; show what would change.")] = False,
) -> None:
    """Write documents in their canonical form, for git.

    It is the form in which git merges two people's changes best. A file that cannot be read is named and left as it
    is; all others are written. Exits with 1 if there was such a file, or if --check or --diff found something to
    change; with 2 if a path is wrong.
    """
    looking = check or diff
    outcomes: Counter[Outcome] = Counter()
    for path in paths or [Path("flows")]:
        outcomes.update(_format(file, check=check, diff=diff) for file in _documents(path))
    found = [
        f"{outcomes['formatted']:,} {'to format' if looking else 'formatted'}",
        f"{outcomes['unchanged']:,} unchanged",
    ]
    if outcomes["broken"]:
        found.append(f"{outcomes['broken']:,} broken and left as they are")
    # A diff is for other programs too; the sentence is not part of it.
    print(f"{counted(outcomes.total(), 'file')}: {', '.join(found)}", file=sys.stderr if diff else sys.stdout)
    if outcomes["broken"] or (looking and outcomes["formatted"]):
        raise typer.Exit(ExitCode.PROBLEMS)


def _documents(path: Path) -> Iterator[DocumentFile[Any]]:
    if not existing(path).is_dir():
        found = _document(path)
        if found is None:
            raise NoDocumentError(path, _SUFFIXES)
        yield found
        return
    files = [file for entry in sorted(path.iterdir()) if (file := _document(entry)) is not None]
    if not files:
        raise NoFlowsError(path)
    yield from files


def _document(path: Path) -> DocumentFile[Any] | None:
    if path.name == RESOURCES_NAME:
        return read_file(ResourcesDocument, path, ".json")
    return next((read_file(model, path, end) for end, model in _SUFFIXES.items() if path.name.endswith(end)), None)


def _format(file: DocumentFile[Any], *, check: bool, diff: bool) -> Outcome:
    if file.document is None:
        for problem in file.problems:
            print(problem, file=sys.stderr)
        return "broken"
    if file.is_canonical:
        return "unchanged"
    text = format_document(file.document)
    if diff:
        _show_difference(file, text)
    elif check:
        print(f"{file.path} is not in canonical form")
    else:
        write_atomically(file.path, text.encode())
        print(f"{file.path} formatted")
    return "formatted"


def _show_difference(file: DocumentFile[Any], text: str) -> None:
    before = (file.data or b"").decode().splitlines(keepends=True)
    names = (f"a/{file.path}", f"b/{file.path}")
    for line in difflib.unified_diff(before, text.splitlines(keepends=True), *names):
        print(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", end="")
