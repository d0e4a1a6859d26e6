"""Converter of the template node."""

from typing import Any

import orjson

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.mustache import jinja_template
from flowengine_nodes.nodered.property_path import json_path
from flowengine_nodes.nodered.typed_value import state_key


def template(case: Case) -> Converted:
    """Convert a template node."""
    entry = case.entry
    text, output = str(entry.raw.get("template") or ""), entry.text("output", "str")
    if output not in {"str", "json"}:
        raise NotConvertibleError(f"it writes {output.upper()}", "have a function node parse it")
    if not text:
        raise NotConvertibleError("it takes its template from the message", "write the template into the node")
    where = entry.text("fieldType", "msg")
    if entry.text("syntax", "mustache") == "plain":
        return _plain(case, text, output, where)
    written = jinja_template(text, escapes=output == "str").replace("${", "$${")
    field = entry.text("field", "payload")
    if where != "msg":
        if output == "json":
            raise NotConvertibleError("it stores JSON in the state", "use a template and a change node behind it")
        rule = {"store": state_key(case, field), "scope": where, "to": {"template": written}}
        case.differ("a name that the message does not have is an error")
        return Converted("change", {"rules": [rule]})
    config: dict[str, Any] = {"path": json_path(field), "missing": "empty", "template": written}
    if output == "json":
        config["output"] = "json"
    return Converted("template", config)


def _plain(case: Case, text: str, output: str, where: str) -> Converted:
    """Return a change node: in plain text nothing is filled in."""
    value: Any = text.replace("${", "$${")
    if output == "json":
        try:
            value = {"literal": orjson.loads(value)}
        except orjson.JSONDecodeError:
            raise NotConvertibleError("its text is no JSON", "put the text right") from None
    field = case.entry.text("field", "payload")
    if where == "msg":
        return Converted("change", {"rules": [{"set": json_path(field), "to": value}]})
    return Converted("change", {"rules": [{"store": state_key(case, field), "scope": where, "to": value}]})
