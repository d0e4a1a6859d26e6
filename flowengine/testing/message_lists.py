"""Compare the messages of a place with those that a case expects there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flowengine.expressions import compile_path
from flowengine.testing.difference import Difference, inner, missing, unexpected
from flowengine.testing.matching import compare_message

Fields = Mapping[str, Any]
ANY_ORDER = "any"


def compare_messages(
    expected: Sequence[Fields], got: Sequence[Fields], path: str, order: str = ""
) -> Iterator[Difference]:
    """Yield what is missing, what was not expected, and where messages differ.

    Args:
        expected: The messages that must be there, all of them.
        got: The messages that are there.
        path: The expectation.
        order: Empty if all must be in order; ``any``; or the JSONPath of a key whose messages must be.
    """
    numbered = list(enumerate(expected))
    if not order:
        yield from _in_order(numbered, got, path)
    elif order == ANY_ORDER:
        yield from _in_any_order(numbered, got, path)
    else:
        key = compile_path(order)
        keys = {str(key.first(fields, "")): None for fields in (*expected, *got)}
        for each in keys:
            mine = [(at, fields) for at, fields in numbered if str(key.first(fields, "")) == each]
            yield from _in_order(mine, [fields for fields in got if str(key.first(fields, "")) == each], path)


def _in_order(expected: Sequence[tuple[int, Fields]], got: Sequence[Fields], path: str) -> Iterator[Difference]:
    # What fits at both ends is set aside, so that one message too many is not told as a difference of all after it.
    begin = 0
    while begin < min(len(expected), len(got)) and _fits(expected[begin], got[begin]):
        begin += 1
    end = 0
    while end < min(len(expected), len(got)) - begin and _fits(expected[-1 - end], got[-1 - end]):
        end += 1
    rest = expected[begin : len(expected) - end]
    others = got[begin : len(got) - end]
    for (at, wanted), fields in zip(rest, others, strict=False):
        yield from compare_message(wanted, fields, inner(path, at))
    yield from (missing(inner(path, at), wanted) for at, wanted in rest[len(others) :])
    yield from (unexpected(path, fields) for fields in others[len(rest) :])


def _in_any_order(expected: Sequence[tuple[int, Fields]], got: Sequence[Fields], path: str) -> Iterator[Difference]:
    taken = _assigned(expected, got)
    left = [fields for number, fields in enumerate(got) if number not in taken]
    unmet = [one for number, one in enumerate(expected) if number not in taken.values()]
    for at, wanted in unmet:
        if not left:
            yield missing(inner(path, at), wanted)
            continue
        near = min(left, key=lambda fields: sum(1 for _ in compare_message(wanted, fields, path)))
        left.remove(near)
        yield from compare_message(wanted, near, inner(path, at))
    yield from (unexpected(path, fields) for fields in left)


def _assigned(expected: Sequence[tuple[int, Fields]], got: Sequence[Fields]) -> dict[int, int]:
    """Return for as many messages as can be, by their number, the number of an expected one they fit."""
    fitting = [[number for number, fields in enumerate(got) if _fits(one, fields)] for one in expected]
    taken: dict[int, int] = {}

    def place(wanted: int, seen: set[int]) -> bool:
        for number in fitting[wanted]:
            if number not in seen:
                seen.add(number)
                if number not in taken or place(taken[number], seen):
                    taken[number] = wanted
                    return True
        return False

    for wanted in range(len(expected)):
        place(wanted, set())
    return taken


def _fits(expected: tuple[int, Fields], fields: Fields) -> bool:
    return next(compare_message(expected[1], fields, ""), None) is None
