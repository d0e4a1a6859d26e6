"""One thing that a case expected and did not get."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from flowengine.message import excerpt

LONGEST: Final = 400
_PLAIN: Final = re.compile(r"[\w/-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Difference:
    """Say where something is other than expected.

    Args:
        path: The expectation, and the place in it, such as ``messages.odoo[1].payload.celsius``.
        message: What is other, as a sentence without its subject.
        facts: ``expected`` and ``got``, as JSON, where both are values.
    """

    path: str
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"path": self.path, "message": self.message, **self.facts}


def inner(path: str, key: str | int) -> str:
    """Return the path of a part of a value."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if _PLAIN.fullmatch(key) else f"{path}[{orjson.dumps(key).decode()}]"


def differs(path: str, expected: Any, got: Any) -> Difference:
    """Return the difference of two values."""
    if isinstance(expected, str) and isinstance(got, str) and max(len(expected), len(got)) > 60:
        at = next((at for at, (one, two) in enumerate(zip(expected, got, strict=False)) if one != two), None)
        at = min(len(expected), len(got)) if at is None else at
        begin = max(0, at - 10)
        message = f"from character {at + 1}, expected {_part(expected, begin)}, got {_part(got, begin)}"
    else:
        message = f"expected {shown(expected)}, got {shown(got)}"
    return Difference(path, message, {"expected": excerpt(expected), "got": excerpt(got)})


def missing(path: str, expected: Any) -> Difference:
    """Return the difference that something expected is not there."""
    return Difference(path, f"missing: {shown(expected)}", {"expected": excerpt(expected)})


def unexpected(path: str, got: Any) -> Difference:
    """Return the difference that something is there that was not expected."""
    return Difference(path, f"not expected: {shown(got)}", {"got": excerpt(got)})


def shown(value: Any) -> str:
    """Return a value as people read it: JSON on one line, cut where it grows long."""
    text = orjson.dumps(excerpt(value, LONGEST)).decode()
    return text if len(text) <= 2 * LONGEST else f"{text[: 2 * LONGEST]}…"


def _part(text: str, begin: int) -> str:
    cut = text[begin : begin + 50]
    before = "…" if begin else ""
    after = "…" if begin + 50 < len(text) else ""
    return f"{before}{orjson.dumps(cut).decode()}{after}"
