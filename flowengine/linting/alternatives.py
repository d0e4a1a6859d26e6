"""Make pydantic's faults those of the document: a union's alternatives are no part of it."""

from typing import Any

from flowengine.flow.fault import Fault
from flowengine.flow.scanner import ValuePath


def settle(fault: Fault, value: Any) -> Fault:
    """Turn pydantic's path into one of the document: leave out the names of a union's alternatives."""
    path: list[str | int] = []
    last = len(fault.path) - 1
    for index, key in enumerate(fault.path):
        inside = (isinstance(value, dict) and key in value) or (
            isinstance(value, list) and isinstance(key, int) and key < len(value)
        )
        if inside:
            path.append(key)
            value = value[key]
        elif index == last and fault.code == "missing-field":
            path.append(key)
    return fault._replace(path=tuple(path))


def merge(found: list[Fault], value: Any) -> list[Fault]:
    """Say once what several alternatives of a union say of one value; the one that came furthest counts."""
    by_path: dict[ValuePath, list[Fault]] = {}
    for fault in found:
        by_path.setdefault(fault.path, []).append(fault)
    merged = []
    for path, alternatives in by_path.items():
        mistyped = [fault for fault in alternatives if fault.code == "wrong-type"]
        others = [fault for fault in alternatives if fault.code != "wrong-type"]
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
        if others or deeper:
            merged += list(dict.fromkeys(others))
        elif len(mistyped) == 1:
            merged += mistyped
        else:
            kinds = list(
                dict.fromkeys(fault.message.removeprefix("must be ").partition(", not ")[0] for fault in mistyped)
            )
            shown = mistyped[0].message.partition(", not ")[2]
            expected = " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
            merged.append(mistyped[0]._replace(message=f"must be {expected}, not {shown}"))
    return merged
