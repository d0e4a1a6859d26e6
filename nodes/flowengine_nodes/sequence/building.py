"""Make one value of many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import orjson

from flowengine.node import NodeError
from flowengine_nodes.sequence.parts import Kind, Parts

Build = Literal["list", "object", "merged", "text", "bytes"]
_EMPTY: Mapping[str, Any] = {"list": [], "object": {}, "text": "", "bytes": b""}


def check(build: Build, value: Any) -> None:
    """Refuse a value that cannot become part of what is built.

    Raises:
        NodeError: It cannot.
    """
    if build == "merged" and not isinstance(value, dict):
        raise NodeError("only objects can be merged", code="not-an-object")
    if build in {"text", "bytes"}:
        as_bytes(value)


def build(kind: Build, named: Sequence[tuple[str, Any]], separator: str) -> Any:
    """Return the value made of others.

    Args:
        kind: What to make.
        named: Names and values, in order.
        separator: What to put between texts or bytes.
    """
    if kind == "object":
        return dict(named)
    values = [value for _, value in named]
    if kind == "merged":
        return {key: item for value in values for key, item in value.items()}
    if kind == "text":
        return separator.join(map(as_text, values))
    if kind == "bytes":
        return separator.encode().join(map(as_bytes, values))
    return values


def rebuild(sequence: Sequence[tuple[Parts, Any]]) -> Any:
    """Return the value that a split node took apart.

    Args:
        sequence: Parts and their values now, by index.
    """
    about = sequence[0][0]
    values = [value for _, value in sequence]
    match about.type:
        case "object":
            return {part.key if part.key is not None else str(part.index): value for part, value in sequence}
        case "text":
            return (about.ch or "").join(map(as_text, values))
        case "bytes":
            return bytes.fromhex(about.ch or "").join(map(as_bytes, values))
        case "list":
            return values if about.len is None else list(_flat(values))


def empty(kind: Kind) -> Any:
    """Return what a split node found no parts in."""
    return _EMPTY[kind]


def as_text(value: Any) -> str:
    """Return text for a value: itself, or as JSON."""
    return value if isinstance(value, str) else as_bytes(value).decode("utf-8", "replace")


def as_bytes(value: Any) -> bytes:
    """Return bytes for a value: itself, as UTF-8, or as JSON.

    Raises:
        NodeError: It is no JSON.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise NodeError(f"the value cannot be written as text: {error}", code="not-json") from error


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from value
        else:
            yield value
