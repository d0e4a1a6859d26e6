"""A folder of flows: every document in it, and every problem, as one value."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from flowengine.errors import FlowEngineError
from flowengine.flow.document import Document, FlowDocument, LayoutDocument, ResourcesDocument
from flowengine.flow.document_file import (
    FLOW_SUFFIX,
    LAYOUT_SUFFIX,
    RESOURCES_NAME,
    DocumentFile,
    read_file,
)
from flowengine.flow.problem import Problem, Severity

D = TypeVar("D", bound=Document)


class FolderError(FlowEngineError):
    """A folder of flows cannot be listed.

    Args:
        path: The folder.
        reason: Why, in the system's words.
    """

    code = "unreadable-folder"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"the folder {self.path} cannot be read: {self.reason}"


@dataclass(frozen=True)
class FlowFolder:
    """What a folder held when it was read; a broken file is in it like any other, with its problems.

    Args:
        path: The folder.
        flows: Every flow file, by its name without the suffix.
        layouts: Every layout file, likewise.
        resources: The resources; an empty document if there is no such file.
        name_problems: What is wrong with the names of the files.
    """

    path: Path
    flows: Mapping[str, DocumentFile[FlowDocument]]
    layouts: Mapping[str, DocumentFile[LayoutDocument]]
    resources: DocumentFile[ResourcesDocument]
    name_problems: tuple[Problem, ...] = ()

    @property
    def documents(self) -> dict[str, FlowDocument]:
        """The flows without errors, by id."""
        return {id_: file.document for id_, file in self.flows.items() if file.document is not None}

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong in the folder, by file and line."""
        files: Iterable[DocumentFile[Any]] = (*self.flows.values(), *self.layouts.values(), self.resources)
        found = (problem for file in files for problem in file.problems)
        return sorted((*found, *self.name_problems), key=lambda problem: problem.sort_key)

    @cached_property
    def revision(self) -> str:
        """A digest of all flows and the resources; layouts do not count, as they change nothing that runs."""
        digest = hashlib.sha256(self.resources.revision.encode())
        for id_, file in sorted(self.flows.items()):
            digest.update(f"\n{id_} {file.revision}".encode())
        return digest.hexdigest()


def read_folder(path: Path, *, previous: FlowFolder | None = None) -> FlowFolder:
    """Read every document in a folder; one broken file stops no other.

    Args:
        path: The folder; folders in it are not looked into.
        previous: What was read from it before: good files with the same bytes are not parsed again.

    Raises:
        FolderError: The folder is missing or cannot be listed.
    """
    try:
        names = sorted(entry.name for entry in path.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise FolderError(path, error.strerror or str(error)) from error
    before = previous or FlowFolder(path, {}, {}, DocumentFile(path / RESOURCES_NAME, "resources"))
    flows = _read_all(FlowDocument, path, names, FLOW_SUFFIX, before.flows)
    layouts = _read_all(LayoutDocument, path, names, LAYOUT_SUFFIX, before.layouts)
    resources = DocumentFile(path / RESOURCES_NAME, "resources", document=ResourcesDocument(flowengine=1))
    if RESOURCES_NAME in names:
        resources = read_file(ResourcesDocument, resources.path, ".json", previous=before.resources)
    orphans = (_orphan(path, id_) for id_ in layouts.keys() - flows.keys())
    return FlowFolder(path, flows, layouts, resources, (*_case_clashes(path, names), *orphans))


def _read_all(
    model: type[D], path: Path, names: list[str], suffix: str, previous: Mapping[str, DocumentFile[D]]
) -> dict[str, DocumentFile[D]]:
    ids = [name.removesuffix(suffix) for name in names if name.endswith(suffix)]
    return {id_: read_file(model, path / f"{id_}{suffix}", suffix, previous=previous.get(id_)) for id_ in ids}


def _case_clashes(path: Path, names: list[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name in names:
        if (other := first.setdefault(name.casefold(), name)) != name:
            message = f"the name differs only in case from {other}; many systems take them for one file"
            yield Problem(code="case-clash", message=message, file=str(path / name), hint="rename one of them")


def _orphan(path: Path, id_: str) -> Problem:
    return Problem(
        code="orphan-layout",
        message=f'there is no flow "{id_}" that this layout belongs to',
        severity=Severity.WARNING,
        file=str(path / f"{id_}{LAYOUT_SUFFIX}"),
        hint="remove the file, or give it the flow's name",
    )
