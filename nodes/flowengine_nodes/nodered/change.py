"""Converter of the change node."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.property_path import json_path
from flowengine_nodes.nodered.typed_value import state_key, typed_value

_NAMED_GROUP: Final = re.compile(r"\(\?<(?![=!])")
_STATES: Final = frozenset({"flow", "global"})


def change(case: Case) -> Converted:
    """Convert a change node."""
    entry = case.entry
    rules = entry.rows("rules") or [_old_rule(entry.raw)]
    return Converted("change", {"rules": [_rule(case, rule) for rule in rules]})


def python_regex(text: str) -> str:
    """Return a regular expression of JavaScript as one of Python."""
    return _NAMED_GROUP.sub("(?P<", text)


def _rule(case: Case, rule: Mapping[str, Any]) -> dict[str, Any]:
    kind, place, where = rule.get("t"), str(rule.get("p", "")), str(rule.get("pt") or "msg")
    to, to_kind = rule.get("to", ""), str(rule.get("tot") or "str")
    if where in _STATES:
        return _state_rule(case, rule, state_key(case, place), where)
    if where != "msg":
        raise NotConvertibleError(f"it writes to {where}", "write to the message or to the state")
    path = json_path(place)
    match kind:
        case "set":
            return {"set": path, "to": typed_value(case, to, to_kind)}
        case "change":
            is_regex = rule.get("fromt") == "re" or bool(rule.get("re"))
            if is_regex:
                found: Any = python_regex(str(rule.get("from", ""))).replace("${", "$${")
            else:
                found = typed_value(case, rule.get("from", ""), str(rule.get("fromt") or "str"))
            made = {"change": path, "from": found, "to": typed_value(case, to, to_kind)}
            return made | {"regex": True} if is_regex else made
        case "delete":
            return {"delete": path}
        case "move" if to_kind in {"msg", "str"}:
            return {"move": path, "to": json_path(str(to))}
    raise NotConvertibleError(f"it has a rule that does {kind} with {to_kind}", "write the rule by hand")


def _state_rule(case: Case, rule: Mapping[str, Any], key: str, scope: str) -> dict[str, Any]:
    match rule.get("t"):
        case "set":
            value = typed_value(case, rule.get("to", ""), str(rule.get("tot") or "str"))
            return {"store": key, "scope": scope, "to": value}
        case "delete":
            case.differ(f'the stored value "{key}" becomes null, it is not deleted')
            return {"store": key, "scope": scope, "to": None}
    raise NotConvertibleError(
        "it changes or moves a stored value", "set a field from the state, change that, and store it again"
    )


def _old_rule(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the only rule that the node had before it had several."""
    kind = {"replace": "set"}.get(raw.get("action", ""), raw.get("action"))
    rule = {"t": kind, "p": raw.get("property", ""), "to": raw.get("to", ""), "from": raw.get("from", "")}
    if kind == "set" and str(rule["to"]).startswith("msg."):
        rule |= {"to": rule["to"].removeprefix("msg."), "tot": "msg"}
    return rule | ({"re": True} if raw.get("reg") else {})
