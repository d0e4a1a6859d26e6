"""Converter of the switch node."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.change import python_regex
from flowengine_nodes.nodered.export import as_number
from flowengine_nodes.nodered.typed_value import jsonata, typed_value

_COMPARED: Final = {
    "eq": "eq",
    "neq": "neq",
    "lt": "lt",
    "lte": "lte",
    "gt": "gt",
    "gte": "gte",
    "cont": "contains",
}
_STATES: Final = {
    "true": "true",
    "false": "false",
    "null": "null",
    "nnull": "not-null",
    "empty": "empty",
    "nempty": "not-empty",
    "else": "else",
}
_TYPES: Final = {
    "string": "text",
    "number": "number",
    "boolean": "boolean",
    "array": "list",
    "buffer": "bytes",
    "object": "object",
    "json": "json",
    "null": "null",
    "undefined": "missing",
}


def switch(case: Case) -> Converted:
    """Convert a switch node."""
    entry = case.entry
    rules = entry.rows("rules")
    ports = ["else" if rule.get("t") == "else" else f"rule-{number}" for number, rule in enumerate(rules, 1)]
    if len(set(ports)) < len(ports):
        ports = [f"rule-{number}" for number in range(1, len(rules) + 1)]
    config: dict[str, Any] = {
        "value": typed_value(case, entry.raw.get("property", "payload"), entry.text("propertyType", "msg")),
        "rules": [_rule(case, rule) | {"port": port} for rule, port in zip(rules, ports, strict=True)],
    }
    if config["value"] == {"path": "$.payload"}:
        del config["value"]
    if not entry.flag("checkall", default=True):
        config["stop_at_first"] = True
    if entry.flag("repair"):
        case.differ("parts are not numbered anew: put a batch node behind where that matters")
    return Converted("switch", config, ports=tuple(ports))


def _rule(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(rule.get("t"))
    if kind in _COMPARED:
        compared = {"previous": True} if rule.get("vt") == "prev" else {"value": _operand(case, rule, "v")}
        return {"when": _COMPARED[kind], **compared}
    if kind in _STATES:
        return {"when": _STATES[kind]}
    if kind not in _OTHERS:
        raise NotConvertibleError(f'it has a rule "{kind}"', "write the rule by hand")
    return _OTHERS[kind](case, rule)


def _between(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": "between", "from": _operand(case, rule, "v"), "to": _operand(case, rule, "v2")}


def _regex(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    if rule.get("vt", "str") != "str":
        raise NotConvertibleError("it takes a regular expression from elsewhere", "write the expression into the rule")
    made = {"when": "regex", "regex": python_regex(str(rule.get("v", ""))).replace("${", "$${")}
    return made | ({"ignore_case": True} if rule.get("case") else {})


def _type(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    if (name := _TYPES.get(str(rule.get("v")))) is None:
        raise NotConvertibleError(f"there is no type {rule.get('v')}", "choose another type")
    return {"when": "type", "type": name}


def _has_key(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": "has-key", "key": _operand(case, rule, "v")}


def _jsonata(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": "jsonata", "jsonata": jsonata(case, str(rule.get("v", "")))}


def _head(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": "head", "count": _whole(rule, "v")}


def _tail(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    case.differ("tail needs parts.count with every message; nothing is kept back until it is known")
    return {"when": "tail", "count": _whole(rule, "v")}


def _index(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"when": "index", "from": _whole(rule, "v"), "to": _whole(rule, "v2")}


_OTHERS: Final[Mapping[str, Callable[[Case, Mapping[str, Any]], dict[str, Any]]]] = {
    "btwn": _between,
    "regex": _regex,
    "istype": _type,
    "hask": _has_key,
    "jsonata_exp": _jsonata,
    "head": _head,
    "tail": _tail,
    "index": _index,
}


def _operand(case: Case, rule: Mapping[str, Any], key: str) -> Any:
    value, kind = rule.get(key, ""), rule.get(f"{key}t")
    if kind == "prev":
        raise NotConvertibleError("one end of a range is the value before", "use two switches")
    if kind is None:
        # As Node-RED itself takes rules that are older than types.
        kind = "num" if as_number(value) is not None else "str"
    return typed_value(case, value, str(kind))


def _whole(rule: Mapping[str, Any], key: str) -> int | str:
    number = as_number(rule.get(key)) if str(rule.get(f"{key}t", "num")) in {"num", "str"} else None
    if isinstance(number, str) or (isinstance(number, int) and number >= 0):
        return number
    raise NotConvertibleError("it counts parts up to a number that is not fixed", "write the number into the rule")
