"""A problem found in a document, with its place: one value for lint, the API and the editor."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from flowengine.errors import FlowEngineError

_ARROW: Final = "\u203a"


class Severity(StrEnum):
    """How much a problem matters: a flow with an error does not run."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem, where it is, and what to do about it.

    Args:
        code: Stable word code, in kebab case.
        message: One sentence without a final full stop.
        severity: Whether it stops the flow.
        file: The file as the user would name it; empty for a document that is in no file.
        line: Line in the file, from 1.
        column: Column in the line in characters, from 1.
        flow: Id of the flow.
        node: Id of the node, or of the config node.
        node_type: Its type.
        field: The field in the node or document, such as ``topic`` or ``rules[2].value``.
        hint: What to do, where the message does not say it.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    file: str = ""
    line: int | None = None
    column: int | None = None
    flow: str | None = None
    node: str | None = None
    node_type: str | None = None
    field: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = ""
        if self.file:
            place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        elif self.flow:
            place = f'flow "{self.flow}": '
        warning = "warning: " if self.severity is Severity.WARNING else ""
        node = f'node "{self.node}"' if self.node else ""
        if node and self.node_type:
            node += f" ({self.node_type})"
        subject = f" {_ARROW} ".join(part for part in (node, self.field) if part)
        subject = f"{subject}: " if subject else ""
        return _one_line(f"{place}{warning}{subject}{self.message} [{self.code}]")

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON values; those that do not apply are left out."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """Order problems by place, as one reads a file."""
        return self.file or self.flow or "", self.line or 0, self.column or 0, self.code


class DocumentError(FlowEngineError):
    """A document cannot be used.

    Args:
        problems: Everything that is wrong with it, in the order of its lines.
    """

    code = "invalid-document"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.sort_key))
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
