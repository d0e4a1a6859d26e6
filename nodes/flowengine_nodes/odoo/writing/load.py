"""Different values for many records by one call, on servers that have no method of their own for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flowengine_nodes.odoo.client import errors
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.writing.record_write import RecordWrite

_NUMBERS: Final = frozenset({"float", "monetary"})
_READ_AS_TEXT: Final = frozenset({"char", "text", "html", "date", "datetime", "selection"})
_TEXTS: Final = frozenset({"char", "text"})


async def as_table(client: OdooClient, model: str, writes: Sequence[RecordWrite]) -> list[list[str]] | None:
    """Return values as Odoo's import reads them, a row a record and its id first.

    Args:
        client: Odoo.
        model: Model of all records.
        writes: Writes that all have the same fields.

    Returns:
        ``None`` where the import would take one of the values for something else.
    """
    types = await client.field_types(model)
    rows: list[list[str]] = []
    for write in writes:
        row = [str(write.record[1])]
        for field in writes[0].values:
            text = _text(types.get(field, ""), write.values[field])
            if text is None:
                return None
            row.append(text)
        rows.append(row)
    return rows


async def load(
    client: OdooClient, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]], context: Mapping[str, Any]
) -> list[int]:
    """Import rows, all or none, and return the ids of their records.

    Args:
        client: Odoo.
        model: Their model.
        fields: What the columns are; ``.id`` is the id, ``id`` the external id.
        rows: The values, as text.
        context: Odoo's context.

    Raises:
        OdooRefusedError: Odoo does not take a row.
    """
    told = await client.call(model, "load", fields=list(fields), data=rows, context=context)
    ids = told.get("ids") if isinstance(told, dict) else None
    if isinstance(ids, list):
        return ids
    messages = told.get("messages") if isinstance(told, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else {}
    raise errors.of_exception(
        f"{model}.load", "odoo.exceptions.ValidationError", str(first.get("message", "the import failed")), 200
    )


def cell(kind: str, field: str, value: Any) -> tuple[str, str] | None:
    """Return the column and the text by which Odoo's import takes a value; ``None`` where it takes no such value.

    Args:
        kind: Type of the field.
        field: Its name.
        value: The value, as calls take it.
    """
    text = _text(kind, value)
    if text is not None:
        return field, text
    if value is None or value is False:
        return field, ""
    if value.__class__ is str and kind in _READ_AS_TEXT:
        return field, str(value)
    if kind == "many2one" and value.__class__ is int:
        return f"{field}/.id", str(value)
    if kind == "many2many" and isinstance(value, list) and all(one.__class__ is int for one in value):
        return f"{field}/.id", ",".join(str(one) for one in value)
    return None


def _text(kind: str, value: Any) -> str | None:
    if kind in _NUMBERS and value.__class__ in {int, float}:
        return repr(value)
    if kind == "integer" and value.__class__ is int:
        return str(value)
    if kind == "boolean" and value.__class__ is bool:
        return "1" if value else "0"
    if kind in _TEXTS and value.__class__ is str and value:
        return str(value)
    return None
