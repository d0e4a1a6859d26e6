"""Domains of telemetry rules: which records a value is written to."""

import ast
import json
import re

from .entry_error import EntryError, _lt

PLACEHOLDERS = ("device", "serial", "value")
MAX_TERMS = 50

_OPERATORS = frozenset(
    {"=", "!=", ">", ">=", "<", "<=", "=?", "=like", "=ilike", "like", "not like", "ilike", "not ilike"}
    | {"in", "not in", "child_of", "parent_of"}
)
_ARITY = {"&": 2, "|": 2, "!": 1}
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]+)\}")


def read_domain(text):
    """Return the domain that a text is, as JSON has it.

    Args:
        text: JSON, or what Odoo's domain editor writes, a Python literal.
    """
    try:
        value = json.loads(text or "[]")
    except ValueError:
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise EntryError(
                _lt("“%s” is no domain; write a list of terms, such as [('serial_no', '=', '{serial}')].", text)
            ) from None
    return _as_json(value)


def check_domain(domain):
    """Raise unless a domain is one of Odoo's, in prefix notation, with known placeholders only."""
    if not isinstance(domain, list) or len(domain) > MAX_TERMS:
        raise EntryError(_lt("A domain is a list of at most %s parts.", MAX_TERMS))
    wanted = 1
    for number, part in enumerate(domain, 1):
        # Terms beside each other are joined by "and", as Odoo does.
        wanted = wanted or 1
        if isinstance(part, str):
            if part not in _ARITY:
                raise EntryError(_lt("Part %s of the domain: “%s” is none of “&”, “|” and “!”.", number, part))
            wanted += _ARITY[part] - 1
        else:
            _check_term(number, part)
            wanted -= 1
    if domain and wanted:
        raise EntryError(_lt("The domain ends too early: an operator lacks what it joins."))


def placeholders(domain):
    """Return the names of the placeholders that a domain has."""
    return {name for part in domain if isinstance(part, list) for name in _names(part[2])}


def fill(domain, values):
    """Return a domain with its placeholders filled in.

    What is filled in stands in the place of a value only, so it can never change what the domain asks for.

    Args:
        domain: One that was checked.
        values: Values by the names of placeholders.
    """
    return [part if isinstance(part, str) else (part[0], part[1], _filled(part[2], values)) for part in domain]


def _as_json(value):
    return [_as_json(item) for item in value] if isinstance(value, list | tuple) else value


def _check_term(number, term):
    if not isinstance(term, list) or len(term) != 3:
        raise EntryError(_lt("Part %s of the domain: a term is a list of field, operator and value.", number))
    field, operator, value = term
    if not isinstance(field, str) or not _FIELD.fullmatch(field):
        raise EntryError(_lt("Part %s of the domain: “%s” is no name of a field.", number, field))
    if operator not in _OPERATORS:
        raise EntryError(_lt("Part %s of the domain: “%s” is no operator.", number, operator))
    if isinstance(value, list) != (operator in {"in", "not in"}) and operator not in {"child_of", "parent_of"}:
        raise EntryError(_lt("Part %s of the domain: “in” takes a list, the other operators take one value.", number))
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str | int | float | bool | None):
            raise EntryError(_lt("Part %s of the domain: “%s” is no text, number or truth value.", number, item))
    for name in _names(value):
        if name not in PLACEHOLDERS:
            raise EntryError(
                _lt("Part %s of the domain: there is no {%s}; there are {device}, {serial} and {value}.", number, name)
            )


def _names(value):
    if isinstance(value, list):
        return [name for item in value for name in _names(item)]
    return _PLACEHOLDER.findall(value) if isinstance(value, str) else []


def _filled(value, values):
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value)
    if whole is not None:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), value)
