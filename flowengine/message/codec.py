"""Messages as bytes, for the store: JSON, with marks for the few values that JSON does not know."""

import base64
import math
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import orjson

from flowengine.errors import FlowEngineError
from flowengine.message.excerpt import excerpt

_MARK = "$flowengine"
_MOST_KEPT = 1_000_000
_TIMES: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


class UnencodableMessageError(FlowEngineError):
    """A message holds a value that cannot be stored.

    Args:
        path: Where the value is, from the message's fields.
        kind: Name of its Python type.
    """

    code = "unencodable-message"

    def __init__(self, path: str, kind: str) -> None:
        super().__init__(path, kind)
        self.path = path
        self.kind = kind

    def __str__(self) -> str:
        return (
            f"the message cannot be stored: {self.path} is a Python {self.kind}; "
            "use text, numbers, lists, objects, bytes or dates"
        )


class DeepMessageError(UnencodableMessageError):
    """A message holds lists or objects within each other, more than can be written."""

    code = "deep-message"

    def __init__(self) -> None:
        super().__init__("$", "nesting")

    def __str__(self) -> str:
        return "the message cannot be stored: it is nested too deep; at most about 250 levels can be kept"


def encode_fields(fields: dict[str, Any]) -> bytes:
    """Encode a message's fields so that :func:`decode_fields` gives the same values back.

    Args:
        fields: Fields of a message.

    Raises:
        UnencodableMessageError: A value is neither JSON nor bytes, a date or a non-finite number; or it is nested
            too deep.
    """
    try:
        encoded = orjson.dumps(fields, option=orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS)
    except TypeError:
        return _encode_marked(fields)
    # orjson writes NaN and infinities as null, and a mark in the data would be read back as ours.
    if b"null" in encoded or b"$flowengine" in encoded:
        return _encode_marked(fields)
    return encoded


def encode_whatever(fields: dict[str, Any]) -> bytes:
    """Encode a message's fields for a dead letter, with a text in the place of what cannot be stored.

    Args:
        fields: Fields of a message.
    """
    try:
        return encode_fields(fields)
    except UnencodableMessageError:
        pass
    try:
        encoded = orjson.dumps(fields, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # Too deep, or text that is no Unicode.
        pass
    else:
        if _MARK.encode() not in encoded:
            return encoded
    # The beginning of it is better than nothing.
    return encode_fields(excerpt(fields, _MOST_KEPT))


def decode_fields(data: bytes) -> dict[str, Any]:
    """Decode what :func:`encode_fields` made.

    Args:
        data: Encoded fields.

    Raises:
        ValueError: The bytes are not an encoded message.
    """
    fields = orjson.loads(data)
    if not isinstance(fields, dict):
        raise ValueError("a stored message must be a JSON object")  # noqa: TRY004 - as bad JSON is
    if b"$flowengine" not in data:
        return fields
    try:
        # The fields themselves are marked when one of them has the mark's own name.
        return dict(_unmark(fields))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a mark of flowengine in it is not one that flowengine wrote: {error!r}") from error


def _encode_marked(fields: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(_mark(fields, "$"))
    except RecursionError as error:
        raise DeepMessageError from error
    except TypeError as error:
        # Everything has a type that orjson knows by now, so that only two causes are left.
        if "surrogate" in str(error):
            raise UnencodableMessageError("a text in it", "str with half a surrogate pair") from error
        raise DeepMessageError from error


def _mark(value: Any, path: str) -> Any:  # noqa: PLR0911 - one way out for each type
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        # orjson takes no integer beyond 64 bits.
        return value if -(2**63) <= value < 2**64 else {_MARK: "int", "value": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {_MARK: "float", "value": repr(value)}
    if isinstance(value, dict):
        marked = {_key(key, path): _mark(item, f"{path}.{key}") for key, item in value.items()}
        return {_MARK: "object", "value": marked} if _MARK in marked else marked
    if isinstance(value, (list, tuple)):
        return [_mark(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_MARK: "bytes", "value": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, (datetime, date, time)):
        return {_MARK: type(value).__name__, "value": value.isoformat()}
    raise UnencodableMessageError(path, type(value).__name__)


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise UnencodableMessageError(f"a key of {path}", type(key).__name__)
    return key


def _unmark(value: Any) -> Any:  # noqa: PLR0911 - likewise
    if isinstance(value, list):
        return [_unmark(item) for item in value]
    if not isinstance(value, dict):
        return value
    inner = value.get("value")
    match value.get(_MARK):
        case None:
            return {key: _unmark(item) for key, item in value.items()}
        case "object":
            return {key: _unmark(item) for key, item in value["value"].items()}
        case "float":
            return float(str(inner))
        case "int":
            return int(str(inner))
        case "bytes":
            return base64.b64decode(str(inner))
        case kind:
            return _TIMES[str(kind)](str(inner))
