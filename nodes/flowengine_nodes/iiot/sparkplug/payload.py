"""The payload of a Sparkplug message (Sparkplug 3.0 §6.4)."""

import math
import struct
from typing import Any, Final, NamedTuple

from flowengine_nodes.iiot.sparkplug.data_type import bytes_value, signed, text
from flowengine_nodes.iiot.sparkplug.wire import BYTES, FIXED32, FIXED64, VARINT, read_fields
from flowengine_nodes.iiot.telemetry.errors import PayloadError

_LARGEST_SINGLE: Final = 3.4e38
DEEPEST: Final = 16
"""Templates may hold templates so deep."""


class Metric(NamedTuple):
    """One value.

    Args:
        name: Its name; ``None`` where the alias says which it is.
        alias: Short for the name.
        data_type: Sparkplug's number of the type; 0 where the birth has said it.
        value: Its value; ``None`` for null. Of a type that the birth has said, as it is on the wire.
        at: When it was measured, in milliseconds since 1970, where that is said.
    """

    name: str | None
    alias: int | None
    data_type: int
    value: Any
    at: int | None

    @property
    def is_plain(self) -> bool:
        """Whether the value is right without its type."""
        return self.data_type != 0 or not isinstance(self.value, int | bytes) or isinstance(self.value, bool)


class SparkplugPayload(NamedTuple):
    """What a message says.

    Args:
        metrics: Its values.
        at: When it was sent, in milliseconds since 1970, where that is said.
        sequence: Its number, 0 to 255, where it has one.
    """

    metrics: list[Metric]
    at: int | None
    sequence: int | None


def read_payload(data: bytes) -> SparkplugPayload:
    """Read a payload.

    Raises:
        PayloadError: It is none.
    """
    metrics: list[Metric] = []
    at = sequence = None
    for number, kind, value, content in read_fields(data):
        if number == 2 and kind == BYTES:
            metrics.append(_metric(content, 0))
        elif number == 1 and kind == VARINT:
            at = value
        elif number == 3 and kind == VARINT:
            sequence = value
    return SparkplugPayload(metrics, at, sequence)


def typed(value: Any, data_type: int) -> Any:
    """Return a value as its type has it, which only the birth has said.

    Args:
        value: As on the wire.
        data_type: Sparkplug's number of the type.
    """
    if isinstance(value, bytes):
        return bytes_value(value, data_type)
    return signed(value, data_type) if isinstance(value, int) and not isinstance(value, bool) else value


def _metric(data: bytes, depth: int) -> Metric:
    name = alias = at = None
    data_type = 0
    value: Any = None
    is_null = False
    for number, kind, whole, content in read_fields(data):
        if number == 1 and kind == BYTES:
            name = text(content)
        elif number == 2 and kind == VARINT:
            alias = whole
        elif number == 3 and kind == VARINT:
            at = whole
        elif number == 4 and kind == VARINT:
            data_type = whole
        elif number == 7 and kind == VARINT:
            is_null = bool(whole)
        elif number in {17, 18} and kind == BYTES:
            value = _table(content) if number == 17 else _template(content, depth)
        else:
            value = _scalar(number - 9, kind, whole, content, value)
    if is_null:
        value = None
    return Metric(name, alias, data_type, typed(value, data_type) if data_type else value, at)


def _scalar(number: int, kind: int, whole: int, content: bytes, otherwise: Any) -> Any:  # noqa: PLR0911 - a return a type
    """Return the value of a field; the same fields, by the same order, are in metrics and in tables."""
    if number in {1, 2} and kind == VARINT:
        return whole
    if number == 3 and kind == FIXED32:
        return _single(content)
    if number == 4 and kind == FIXED64:
        return struct.unpack("<d", content)[0]
    if number == 5 and kind == VARINT:
        return bool(whole)
    if number == 6 and kind == BYTES:
        return text(content)
    if number == 7 and kind == BYTES:
        return content
    return otherwise


def _single(content: bytes) -> float:
    """Return a number of 32 bits by its shortest decimal: 21.3, not 21.299999237060547."""
    (value,) = struct.unpack("<f", content)
    if math.isfinite(value):
        for digits in (7, 8):
            short = float(f"{value:.{digits}g}")
            if abs(short) < _LARGEST_SINGLE and struct.pack("<f", short) == content:
                return short
    return float(value)


def _template(data: bytes, depth: int) -> dict[str, Any]:
    if depth >= DEEPEST:
        raise PayloadError("Sparkplug B", "its templates are nested too deep")
    metrics = [
        _metric(content, depth + 1) for number, kind, _, content in read_fields(data) if (number, kind) == (2, BYTES)
    ]
    return {metric.name: metric.value for metric in metrics if metric.name is not None}


def _table(data: bytes) -> list[dict[str, Any]]:
    columns: list[str] = []
    types: list[int] = []
    rows: list[list[Any]] = []
    for number, kind, whole, content in read_fields(data):
        if number == 2 and kind == BYTES:
            columns.append(text(content))
        elif number == 3 and kind == VARINT:
            types.append(whole)
        elif number == 3 and kind == BYTES:
            types += content
        elif number == 4 and kind == BYTES:
            rows.append(
                [_cell(element) for column, what, _, element in read_fields(content) if (column, what) == (1, 2)]
            )
    if any(len(row) != len(columns) for row in rows) or len(types) not in {0, len(columns)}:
        raise PayloadError("Sparkplug B", "a table whose rows do not have its columns")
    return [
        {
            column: typed(value, data_type)
            for column, value, data_type in zip(columns, row, types or [0] * len(columns), strict=True)
        }
        for row in rows
    ]


def _cell(data: bytes) -> Any:
    value: Any = None
    for number, kind, whole, content in read_fields(data):
        value = _scalar(number, kind, whole, content, value)
    return value
