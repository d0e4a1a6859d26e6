"""Sets of HTTP status codes, as people write them: ``2xx``, ``404``, ``200-299``."""

import re
from typing import Annotated

from flowengine.errors import FlowEngineError
from flowengine.fields.compiled import Compiled

_PART = re.compile(r"([1-5])xx|([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?")


class StatusSetError(FlowEngineError):
    """A text names no set of status codes.

    Args:
        part: The part that is wrong.
    """

    code = "status-set"

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part

    def __str__(self) -> str:
        return f"'{self.part}' is no HTTP status; write for example 2xx, 404 or 200-299, separated by commas"


class StatusSet:
    """A set of status codes.

    Args:
        text: The set as configured, such as ``2xx, 404``.

    Raises:
        StatusSetError: A part of it is no status.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        found: set[int] = set()
        for part in text.split(","):
            match = _PART.fullmatch(part.strip())
            if match is None:
                raise StatusSetError(part.strip())
            hundreds, first, last = match.groups()
            if hundreds:
                found.update(range(int(hundreds) * 100, int(hundreds) * 100 + 100))
            else:
                found.update(range(int(first), int(last or first) + 1))
        self._statuses = frozenset(found)

    def __contains__(self, status: int) -> bool:
        return status in self._statuses

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StatusSet) and self._statuses == other._statuses

    def __hash__(self) -> int:
        return hash(self._statuses)


Statuses = Annotated[StatusSet, Compiled(StatusSet, StatusSet, "text")]
"""HTTP status codes, such as ``2xx, 404``."""
