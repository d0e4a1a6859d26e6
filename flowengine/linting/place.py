"""Turn findings into problems: look up the line and the column of each."""

from collections.abc import Callable, Iterable
from typing import Any

from flowengine.flow.document_file import DocumentFile
from flowengine.flow.problem import Problem
from flowengine.flow.source import Source
from flowengine.flow.subject import Subject
from flowengine.linting.check import Finding


def problems_of(file: DocumentFile[Any], findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """Return the findings in a file as problems, in the order of their lines."""
    found = list(findings)
    if not found:
        return ()
    place = _in_source(file.source) if file.source is not None else _in_document(file)
    return tuple(sorted(map(place, found), key=lambda problem: problem.sort_key))


def _in_source(source: Source) -> Callable[[Finding], Problem]:
    def place(finding: Finding) -> Problem:
        path, code, message, hint, within, severity = finding
        return source.problem(path, code, message, hint, within, severity=severity)

    return place


def _in_document(file: DocumentFile[Any]) -> Callable[[Finding], Problem]:
    """Name the subjects of findings in a document that a program made: it has no text to point into."""
    assert file.document is not None
    value = file.document.model_dump(mode="json")

    def place(finding: Finding) -> Problem:
        return Problem(
            code=finding.code,
            message=finding.message,
            severity=finding.severity,
            file=str(file.path),
            hint=finding.hint,
            **Subject.of(value, finding.path)._asdict(),
        )

    return place
