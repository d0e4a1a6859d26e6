"""Compare values with what a case expects of them: exactly, or by a matcher such as ``{"$type": "number"}``."""

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from flowengine.expressions import MISSING
from flowengine.flow.scanner import ValuePath
from flowengine.message import same_json
from flowengine.testing.difference import Difference, differs, inner, missing, shown, unexpected

BYTES: Final = "$bytes"
_KINDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "text": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, (list, tuple)),
    "null": lambda value: value is None,
    "bytes": lambda value: isinstance(value, (bytes, bytearray, memoryview)),
}
_RELATIVE: Final = 1e-6


def compare(expected: Any, got: Any, path: str) -> Iterator[Difference]:
    """Yield where a value is other than expected.

    Args:
        expected: JSON in which matchers may stand at any depth.
        got: The value; ``MISSING`` for none.
        path: Where it is.
    """
    if _is_matcher(expected):
        name = next(key for key in expected if key.startswith("$"))
        yield from _MATCHERS[name](expected, got, path)
    elif got is MISSING:
        yield missing(path, expected)
    elif isinstance(expected, dict) and isinstance(got, dict):
        yield from compare_fields(expected, got, path)
        yield from (unexpected(inner(path, str(key)), got[key]) for key in got if key not in expected)
    elif isinstance(expected, list) and isinstance(got, (list, tuple)):
        for at in range(max(len(expected), len(got))):
            if at >= len(expected):
                yield unexpected(inner(path, at), got[at])
            else:
                yield from compare(expected[at], got[at] if at < len(got) else MISSING, inner(path, at))
    elif not same_json(expected, got):
        yield differs(path, expected, got)


def compare_fields(expected: Mapping[str, Any], got: Mapping[str, Any], path: str) -> Iterator[Difference]:
    """Yield where named fields are other than expected; all others are not looked at."""
    for key, value in expected.items():
        yield from compare(value, got.get(key, MISSING), inner(path, key))


def compare_message(expected: Mapping[str, Any], got: Mapping[str, Any], path: str) -> Iterator[Difference]:
    """Yield where the fields of a message are other than expected; those not named are not looked at."""
    return compare(expected, dict(got), path) if _is_matcher(expected) else compare_fields(expected, got, path)


def faults(expected: Any, path: ValuePath = ()) -> Iterator[tuple[ValuePath, str, str | None]]:
    """Yield what is wrong with the matchers in an expectation: the place, a sentence and a hint."""
    if isinstance(expected, list):
        for at, item in enumerate(expected):
            yield from faults(item, (*path, at))
    elif _is_matcher(expected):
        yield from _matcher_faults(expected, path)
    elif isinstance(expected, dict):
        for key, item in expected.items():
            yield from faults(item, (*path, key))


def given_value(value: Any) -> Any:
    """Return what a case gives, with bytes in the place of ``{"$bytes": "base64"}``.

    Raises:
        ValueError: There is something else than Base64.
    """
    if isinstance(value, list):
        return [given_value(item) for item in value]
    if isinstance(value, dict):
        return _bytes(value[BYTES]) if value.keys() == {BYTES} else {key: given_value(value[key]) for key in value}
    return value


def _is_matcher(expected: Any) -> bool:
    return isinstance(expected, dict) and any(key.startswith("$") for key in expected)


def _matcher_faults(expected: dict[str, Any], path: ValuePath) -> Iterator[tuple[ValuePath, str, str | None]]:
    # The name of the matcher first, wherever it stands.
    name, *others = sorted(expected, key=lambda key: not key.startswith("$"))
    place = (*path, name)
    if name not in _MATCHERS:
        hint = f'the matchers are {", ".join(_MATCHERS)}; for a field of that name write {{"$exact": {{…}}}}'
        yield place, f"there is no matcher {name}", hint
        return
    foreign = [key for key in others if not (name == "$approx" and key == "within")]
    if foreign:
        yield (*path, foreign[0]), f"beside {name} nothing else may stand", None
    fault = _CHECKS[name](expected)
    if fault is not None:
        yield place, fault, None
    elif name == "$contains":
        yield from faults(expected[name], place)


def _flag_fault(expected: Mapping[str, Any]) -> str | None:
    return None if expected.get("$any", expected.get("$missing")) is True else "write true"


def _type_fault(expected: Mapping[str, Any]) -> str | None:
    known = isinstance(expected["$type"], str) and expected["$type"] in _KINDS
    return None if known else f"there is no type {shown(expected['$type'])}; the types are {', '.join(_KINDS)}"


def _regex_fault(expected: Mapping[str, Any]) -> str | None:
    try:
        re.compile(expected["$regex"])
    except (TypeError, re.error) as error:
        return f"this is no regular expression: {error}"
    return None


def _approx_fault(expected: Mapping[str, Any]) -> str | None:
    return None if all(map(_is_finite, expected.values())) else "$approx and within are numbers"


def _contains_fault(expected: Mapping[str, Any]) -> str | None:
    return None if isinstance(expected["$contains"], dict | list | str) else "it takes an object, a list or a text"


def _bytes_fault(expected: Mapping[str, Any]) -> str | None:
    try:
        _bytes(expected[BYTES])
    except ValueError as error:
        return str(error)
    return None


def _no_fault(expected: Mapping[str, Any]) -> str | None:
    return None


def _is_finite(value: Any) -> bool:
    return _KINDS["number"](value) and math.isfinite(value)


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise ValueError(f"$bytes takes Base64: {error}") from error


def _any(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    if got is MISSING:
        yield Difference(path, "missing, but anything was expected")


def _none(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    if got is not MISSING:
        yield unexpected(path, got)


def _type(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    if got is MISSING or not _KINDS[expected["$type"]](got):
        yield _other(path, f"of the type {expected['$type']}", got)


def _regex(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    if not isinstance(got, str) or re.search(expected["$regex"], got) is None:
        yield _other(path, f"a text that matches {expected['$regex']}", got)


def _approx(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    wanted = expected["$approx"]
    within = expected.get("within", abs(wanted) * _RELATIVE)
    if not _is_finite(got) or abs(got - wanted) > within:
        yield _other(path, f"{wanted} within {within:g}", got)


def _exact(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    return _compare_literally(expected["$exact"], got, path)


def _compare_literally(expected: Any, got: Any, path: str) -> Iterator[Difference]:
    if got is MISSING:
        yield missing(path, expected)
    elif not same_json(expected, got):
        yield differs(path, expected, got)


def _same_bytes(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    wanted = _bytes(expected[BYTES])
    if got is MISSING or not _KINDS["bytes"](got) or bytes(got) != wanted:
        yield _other(path, f"the bytes {wanted[:100].hex()}", got)


def _contains(expected: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    return _compare_part(expected["$contains"], got, path)


def _compare_part(part: Any, got: Any, path: str) -> Iterator[Difference]:
    if _is_matcher(part):
        yield from compare(part, got, path)
    elif isinstance(part, dict) and isinstance(got, dict):
        for key, value in part.items():
            nested = isinstance(value, dict)
            inside = got.get(key, MISSING)
            yield from (_compare_part if nested else compare)(value, inside, inner(path, key))
    elif isinstance(part, list) and isinstance(got, (list, tuple)):
        for item in part:
            if all(any(compare(item, each, path)) for each in got):
                yield Difference(path, f"holds nothing like {shown(item)}: {shown(got)}")
    elif not (isinstance(part, str) and isinstance(got, str) and part in got):
        yield _other(path, f"something that contains {shown(part)}", got)


def _other(path: str, wanted: str, got: Any) -> Difference:
    return Difference(path, f"expected {wanted}, got {'nothing' if got is MISSING else shown(got)}")


_MATCHERS: Final[Mapping[str, Callable[[dict[str, Any], Any, str], Iterator[Difference]]]] = {
    "$any": _any,
    "$missing": _none,
    "$type": _type,
    "$regex": _regex,
    "$contains": _contains,
    "$approx": _approx,
    "$exact": _exact,
    BYTES: _same_bytes,
}
_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], str | None]]] = {
    "$any": _flag_fault,
    "$missing": _flag_fault,
    "$type": _type_fault,
    "$regex": _regex_fault,
    "$contains": _contains_fault,
    "$approx": _approx_fault,
    "$exact": _no_fault,
    BYTES: _bytes_fault,
}
