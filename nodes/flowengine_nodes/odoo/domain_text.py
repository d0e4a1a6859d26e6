"""Domains in settings, in which ``{name}`` stands for a field of the message."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, WithJsonSchema

from flowengine.expressions import MISSING, compile_path
from flowengine.node import NodeError
from flowengine_nodes.network.field_text import FieldText

_WHOLE: Final = re.compile(r"\{([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\}")
_JOINS: Final = frozenset({"&", "|", "!"})


class DomainTemplate:
    """A domain with places that each message fills in.

    What is filled in stands in the place of a value, so it can never change what the domain asks for. A text that is
    one place and nothing else becomes the field itself, whatever its type.

    Args:
        domain: The domain as configured.
    """

    def __init__(self, domain: list[Any]) -> None:
        self._terms = [part if isinstance(part, str) else [part[0], part[1], _value(part[2])] for part in domain]

    def of(self, fields: Mapping[str, Any]) -> list[Any]:
        """Return the domain for a message.

        Args:
            fields: The message's fields.

        Raises:
            NodeError: A field is missing, or cannot stand in a domain (``missing-field``).
        """
        return [part if isinstance(part, str) else [part[0], part[1], part[2](fields)] for part in self._terms]


def _value(value: Any) -> Any:
    if not isinstance(value, str):
        return lambda _fields: value
    whole = _WHOLE.fullmatch(value)
    if whole is None:
        return FieldText(value).of
    path = compile_path(f"$.{whole[1]}")

    def found(fields: Mapping[str, Any]) -> Any:
        one = path.first(fields)
        if one is MISSING or isinstance(one, dict):
            raise NodeError(f"the domain needs the field '{whole[1]}'", code="missing-field")
        return one

    return found


def _checked(domain: list[Any]) -> list[Any]:
    for number, part in enumerate(domain, 1):
        if isinstance(part, list) and len(part) == 3 and isinstance(part[0], str) and isinstance(part[1], str):
            continue
        if part not in _JOINS:
            raise ValueError(f'part {number}: write a list of field, operator and value, or "&", "|" or "!"')
    return domain


DomainText = Annotated[
    list[Any], AfterValidator(_checked), WithJsonSchema({"type": "array", "items": {}, "x-widget": "json"})
]
"""A domain as a JSON list, such as ``[["serial_no", "=", "{payload.serial}"]]``."""
