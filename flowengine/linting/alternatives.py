"""Make pydantic's faults those of the document: a union's alternatives are no part of it."""

from typing import Any, Final

from flowengine.flow.fault import Fault
from flowengine.flow.scanner import ValuePath

_MUST_BE: Final = "must be "
_NOT: Final = ", not "
_ABSENT: Final = object()


def settle(fault: Fault, value: Any) -> Fault:
    """Turn pydantic's path into one of the document: leave out the names of a union's alternatives.

    Args:
        fault: What is wrong.
        value: The value that was validated.
    """
    path: list[str | int] = []
    last = len(fault.path) - 1
    for index, key in enumerate(fault.path):
        inner = _entry(value, key)
        if inner is not _ABSENT:
            value = inner
            path.append(key)
        elif index == last and fault.code == "missing-field":
            path.append(key)
    return fault._replace(path=tuple(path))


def _entry(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key, _ABSENT)
    return value[key] if isinstance(value, list) and isinstance(key, int) else _ABSENT


def merge(found: list[Fault]) -> list[Fault]:
    """Say once what several alternatives of a union say of one value; the one that came furthest counts."""
    by_path: dict[ValuePath, list[Fault]] = {}
    for fault in found:
        by_path.setdefault(fault.path, []).append(fault)
    merged: list[Fault] = []
    for path, alternatives in by_path.items():
        others = [fault for fault in alternatives if fault.code != "wrong-type"]
        came_further = any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
        if others or came_further:
            merged += dict.fromkeys(others)
        else:
            merged.append(_joined(alternatives))
    return merged


def _joined(mistyped: list[Fault]) -> Fault:
    """Join "must be a number, not X" and "must be a text, not X"."""
    first = mistyped[0]
    shown = first.message.partition(_NOT)[2]
    kinds = list(dict.fromkeys(one.message.removeprefix(_MUST_BE).partition(_NOT)[0] for one in mistyped))
    if "a number" in kinds and "a whole number" in kinds:
        kinds.remove("a whole number")
    listed = f"{', '.join(kinds[:-1])} or {kinds[-1]}" if len(kinds) > 1 else kinds[0]
    return first._replace(message=f"{_MUST_BE}{listed}{_NOT}{shown}")
