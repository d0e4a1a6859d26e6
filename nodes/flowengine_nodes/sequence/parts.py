"""The field ``parts``: what a message is a part of."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from flowengine.node import NodeError

FIELD = "parts"
Kind = Literal["list", "object", "text", "bytes"]


class Parts(BaseModel):
    """A message's place in a sequence.

    Attributes:
        id: Which sequence.
        index: Place in it, from 0.
        count: Parts that it has; ``None`` while nobody knows.
        type: What the whole is.
        len: Items, characters or bytes in each part, where it was cut by length.
        ch: What stood between the parts; text, or for bytes as hexadecimal digits.
        key: Name of the part in an object.
        parts: The same of the sequence that the whole belongs to itself.
    """

    model_config = ConfigDict(strict=True, frozen=True)

    id: str
    index: int = Field(ge=0)
    count: int | None = Field(None, ge=0)
    type: Kind = "list"
    len: int | None = Field(None, ge=1)
    ch: str | None = None
    key: str | None = None
    parts: dict[str, Any] | None = None


def parts_of(fields: Mapping[str, Any]) -> Parts:
    """Return a message's place in its sequence.

    Raises:
        NodeError: It has none.
    """
    try:
        return Parts.model_validate(fields.get(FIELD))
    except ValidationError as error:
        what = (
            "no field 'parts'" if FIELD not in fields else f"a field 'parts' that is none: {error.errors()[0]['msg']}"
        )
        reason = f"the message has {what}; a split node makes it, or use another mode"
        raise NodeError(reason, code="no-parts") from error


def push(fields: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with a place in a sequence; the place that the message had goes with it."""
    outer = fields.get(FIELD)
    return {**fields, FIELD: {**parts, FIELD: outer} if isinstance(outer, dict) else dict(parts)}


def pop(fields: Mapping[str, Any], parts: Parts | None) -> dict[str, Any]:
    """Return fields with the place that the whole had before it was split, or without one."""
    rest = {name: value for name, value in fields.items() if name != FIELD}
    return rest if parts is None or parts.parts is None else {**rest, FIELD: parts.parts}
