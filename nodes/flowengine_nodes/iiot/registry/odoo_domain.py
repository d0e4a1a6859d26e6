"""Odoo domains that choose the records a telemetry rule writes to."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, WithJsonSchema

PLACEHOLDERS: Final = frozenset({"device", "serial", "value"})
"""What ``{…}`` in a text of a domain may stand for: the device's id, its serial number, the value itself."""

MAX_TERMS: Final = 50
_OPERATORS: Final = frozenset(
    {"=", "!=", ">", ">=", "<", "<=", "=?", "=like", "=ilike", "like", "not like", "ilike", "not ilike"}
    | {"in", "not in", "child_of", "parent_of"}
)
_LISTS: Final = frozenset({"in", "not in"})
_ARITY: Final = {"&": 2, "|": 2, "!": 1}
_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z_]+)\}")


def check_domain(domain: list[Any]) -> list[Any]:
    """Return a domain that Odoo would take, in its prefix notation.

    Args:
        domain: Terms ``[field, operator, value]``, and ``"&"``, ``"|"``, ``"!"`` before what they join.

    Raises:
        ValueError: It is none, or names a placeholder that there is not.
    """
    if len(domain) > MAX_TERMS:
        raise ValueError(f"a domain has at most {MAX_TERMS} parts")
    wanted = 1
    for at, part in enumerate(domain):
        # Terms beside each other are joined by "and", as Odoo does.
        wanted = wanted or 1
        if isinstance(part, str):
            if part not in _ARITY:
                raise ValueError(f'part {at + 1}: "{part}" is none of "&", "|" and "!"')
            wanted += _ARITY[part] - 1
        else:
            _check_term(at, part)
            wanted -= 1
    if domain and wanted:
        raise ValueError(f"the domain ends too early: {wanted} more to join")
    return domain


def placeholders(domain: list[Any]) -> set[str]:
    """Return the names of the placeholders that a domain has."""
    return {name for part in domain if isinstance(part, list) for name in _names(part[2])}


def fill(domain: list[Any], values: Mapping[str, Any]) -> list[Any]:
    """Return a domain with its placeholders filled in.

    A text that is one placeholder and nothing else becomes the value itself, whatever its type. What is filled in
    stands in the place of a value only, so it can never change what the domain asks for.

    Args:
        domain: One that was checked.
        values: Values by the names of placeholders.
    """
    return [part if isinstance(part, str) else [part[0], part[1], _filled(part[2], values)] for part in domain]


def _check_term(at: int, term: Any) -> None:
    if not isinstance(term, list) or len(term) != 3:
        raise ValueError(f"part {at + 1}: a term is a list of field, operator and value")
    field, operator, value = term
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        raise ValueError(f"part {at + 1}: {field!r} is no name of a field")
    if operator not in _OPERATORS:
        raise ValueError(f"part {at + 1}: {operator!r} is no operator of Odoo")
    if isinstance(value, list) != (operator in _LISTS) and operator not in {"child_of", "parent_of"}:
        raise ValueError(f"part {at + 1}: {operator} takes {'a list' if operator in _LISTS else 'one value'}")
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, list | dict):
            raise ValueError(f"part {at + 1}: {item!r} is no text, number or truth value")  # noqa: TRY004 - pydantic's
    for name in _names(value):
        if name not in PLACEHOLDERS:
            raise ValueError(f"part {at + 1}: there is no {{{name}}}; there are {{device}}, {{serial}} and {{value}}")


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    return _PLACEHOLDER.findall(value) if isinstance(value, str) else []


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value)
    if whole is not None:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)


OdooDomain = Annotated[
    list[Any], AfterValidator(check_domain), WithJsonSchema({"type": "array", "items": {}, "x-widget": "json"})
]
"""A domain as a JSON list, such as ``[["serial_no", "=", "{serial}"]]``."""
