"""Records of the stand-in for Odoo: what a model's methods answer, in Odoo's own words where it refuses."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_NUMBERS: Final = frozenset({"cost"})
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": lambda mine, given: mine == given,
    "!=": lambda mine, given: mine != given,
    "in": lambda mine, given: mine in given,
    "not in": lambda mine, given: mine not in given,
    ">": lambda mine, given: mine > given,
    ">=": lambda mine, given: mine >= given,
    "<": lambda mine, given: mine < given,
    "<=": lambda mine, given: mine <= given,
    "like": lambda mine, given: given in mine,
}


class CallError(Exception):
    """What a call fails with.

    Args:
        name: Odoo's name of the exception.
        message: Its sentence.
        status: HTTP status by which JSON-2 says it.
    """

    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name = name
        self.status = status


class Records:
    """Records of some models, in memory.

    A model takes any field that begins with ``x_``, and the others that it has. Numbers are checked as Odoo checks
    them, so that a value may be wrong.

    Attributes:
        models: The fields of each model, and what they are in a record that says nothing of them.
        tables: Values by model and id.
    """

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {
            "maintenance.equipment": {"name": False, "serial_no": False, "partner_ref": False, "cost": 0.0},
            "maintenance.request": {"name": False, "description": False},
        }
        self.tables: defaultdict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
        self._ids: defaultdict[str, itertools.count[int]] = defaultdict(lambda: itertools.count(1))

    def call(self, model: str, method: str, ids: Sequence[int], named: Mapping[str, Any]) -> Any:
        """Call a method and return its result.

        Raises:
            CallError: Odoo would refuse it.
        """
        if model not in self.models:
            raise CallError("werkzeug.exceptions.NotFound", f"the model {model!r} does not exist", 404)
        found = getattr(self, f"_call_{method}", None)
        if found is None:
            raise CallError("werkzeug.exceptions.NotFound", f"The method '{model}.{method}' does not exist", 404)
        return found(model, ids, **named)

    def _call_create(self, model: str, _ids: Sequence[int], vals_list: Any) -> list[int]:
        rows = vals_list if isinstance(vals_list, list) else [vals_list]
        for values in rows:
            self._check(model, values)
            if not values.get("name"):
                raise _missing_value(model)
        made = [next(self._ids[model]) for _ in rows]
        for id, values in zip(made, rows, strict=True):
            self.tables[model][id] = {**self.models[model], **values}
        return made

    def _call_write(self, model: str, ids: Sequence[int], vals: Mapping[str, Any]) -> bool:
        return bool(self._save(model, [(id, vals) for id in ids]))

    def _call_web_save_multi(
        self, model: str, ids: Sequence[int], vals_list: Sequence[Mapping[str, Any]], specification: object
    ) -> list[dict[str, Any]]:
        self._save(model, list(zip(ids, vals_list, strict=True)))
        return [{"id": id} for id in ids]

    def _call_load(
        self, model: str, _ids: Sequence[int], fields: Sequence[str], data: Sequence[Sequence[str]]
    ) -> dict[str, Any]:
        """Write rows that begin with an id; all or nothing."""
        try:
            self._save(model, [(int(row[0]), dict(zip(fields[1:], map(_read, row[1:]), strict=True))) for row in data])
        except CallError as error:
            return {"ids": False, "messages": [{"type": "error", "message": str(error), "record": 0}]}
        return {"ids": [int(row[0]) for row in data], "messages": []}

    def _call_search(
        self, model: str, _ids: Sequence[int], domain: Sequence[Any], order: str = "id", limit: int | None = None
    ) -> list[int]:
        return [row["id"] for row in self._call_search_read(model, (), domain, [], limit=limit)]

    def _call_search_read(
        self,
        model: str,
        _ids: Sequence[int],
        domain: Sequence[Any],
        fields: Sequence[str],
        order: str = "id",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        for field, _, _ in domain:
            if not self._has(model, field):
                raise CallError("builtins.ValueError", f"Invalid field {model}.{field} in condition", 500)
        rows = []
        for id, values in sorted(self.tables[model].items()):
            row = {**values, "id": id}
            if all(_OPERATORS[operator](row.get(field, False), given) for field, operator, given in domain):
                rows.append({"id": id, **{field: row.get(field, False) for field in fields}})
        return rows[offset:][: limit or None]

    def _call_fields_get(self, model: str, _ids: Sequence[int], attributes: Sequence[str]) -> dict[str, Any]:
        kinds = {field: "float" if field in _NUMBERS else "char" for field in self.models[model]}
        return {field: {"type": kind} for field, kind in ({"id": "integer"} | kinds).items()}

    def _save(self, model: str, writes: Sequence[tuple[int, Mapping[str, Any]]]) -> bool:
        """Write all or nothing."""
        for id, values in writes:
            self._check(model, values)
            if id not in self.tables[model]:
                name = f"{model}({id},)"
                sentence = f"Record does not exist or has been deleted.\n(Record: {name}, User: 2)"
                raise CallError("odoo.exceptions.MissingError", sentence, 404)
        for id, values in writes:
            self.tables[model][id].update(values)
        return True

    def _has(self, model: str, field: str) -> bool:
        return field == "id" or field in self.models[model] or field.startswith("x_")

    def _check(self, model: str, values: Mapping[str, Any]) -> None:
        for field, value in values.items():
            if not self._has(model, field):
                raise CallError("builtins.ValueError", f"Invalid field {field!r} in {model!r}", 500)
            if field in _NUMBERS:
                try:
                    float(value or 0)
                except ValueError as error:
                    raise CallError("builtins.ValueError", str(error), 500) from None
        if "name" in values and not values["name"]:
            raise _missing_value(model)


def _read(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _missing_value(model: str) -> CallError:
    sentence = f"The operation cannot be completed: Missing required value for the field 'Name' (name) of {model}"
    return CallError("odoo.exceptions.ValidationError", sentence, 422)
