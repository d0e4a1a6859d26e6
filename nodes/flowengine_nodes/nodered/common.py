"""Converters of the nodes that messages begin at and that watch other nodes, and of comments."""

from typing import Any

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.property_path import json_path
from flowengine_nodes.nodered.typed_value import typed_value

_ERROR_FIELDS = "msg.error.source is spread over error.node, error.type and error.flow"


def inject(case: Case) -> Converted:
    """Convert an inject node."""
    entry = case.entry
    config: dict[str, Any] = {}
    if fields := _injected(case):
        config["fields"] = fields
    if entry.flag("once"):
        config |= {"at_start": True, "start_delay": case.duration(entry.raw.get("onceDelay"), "s", 0.1)}
    if entry.text("repeat"):
        config["every"] = case.duration(entry.raw.get("repeat"), "s", 1)
    elif entry.text("crontab"):
        config["cron"] = entry.text("crontab")
        case.differ("times of day are in UTC: set time_zone to the one that Node-RED ran in")
    return Converted("inject", config)


def _injected(case: Case) -> dict[str, Any]:
    entry = case.entry
    fields: dict[str, Any] = {}
    # Before version 1.1 there were only these two.
    props = entry.rows("props") or [{"p": "payload"}, {"p": "topic", "vt": "str"}]
    for prop in props:
        name, value, kind = str(prop.get("p", "")), prop.get("v"), str(prop.get("vt") or "")
        if name == "payload" and "v" not in prop:
            value, kind = entry.raw.get("payload", ""), str(entry.raw.get("payloadType") or "date")
        elif name == "topic" and "v" not in prop:
            value = entry.raw.get("topic", "")
        if not name.isidentifier():
            case.differ(f"msg.{name} is not set, because only whole fields can be: set it in a change node behind")
        # The time is the payload of a message without one, and an empty topic is none.
        elif value or (name, kind) not in {("payload", "date"), ("topic", "str"), ("topic", "")}:
            fields[name] = typed_value(case, value, kind)
    if not any(prop.get("p") == "payload" for prop in props):
        case.differ("a message without a payload gets the time as its payload")
    return fields


def debug(case: Case) -> Converted:
    """Convert a debug node."""
    entry = case.entry
    config: dict[str, Any] = {}
    shown = entry.text("complete", "payload")
    if entry.text("targetType") == "full" or shown == "true":
        config["path"] = "$"
    elif entry.text("targetType") == "jsonata":
        case.differ("shows the payload, not what an expression computes: put a change node in front")
    elif shown not in {"payload", "false"}:
        config["path"] = json_path(shown)
    if not entry.flag("active", default=True):
        config["active"] = False
    if entry.flag("console"):
        config["log"] = True
    if entry.flag("tostatus"):
        config["status"] = True
        if entry.text("statusType", "auto") not in {"auto", "msg"} or entry.text("statusVal"):
            case.differ("the status is what the node shows, not a value of its own")
    if not entry.flag("tosidebar", default=True):
        case.differ("shows in the debug panel too")
    return Converted("debug", config, ports=())


def catch(case: Case) -> Converted:
    """Convert a catch node."""
    config = _watched(case)
    if case.entry.flag("uncaught"):
        config["uncaught"] = True
    case.differ(_ERROR_FIELDS)
    return Converted("catch", config, takes_messages=False)


def status(case: Case) -> Converted:
    """Convert a status node."""
    case.differ("msg.status has text, level, node and type; level takes the place of fill and shape")
    return Converted("status", _watched(case), takes_messages=False)


def complete(case: Case) -> Converted:
    """Convert a complete node."""
    config = _watched(case)
    if "nodes" not in config:
        raise NotConvertibleError("it watches no node", "name the nodes in a complete node, or remove it")
    return Converted("complete", config, takes_messages=False)


def comment(case: Case) -> Converted:
    """Convert a comment."""
    text = "\n\n".join(part for part in (case.entry.name, case.entry.info) if part)
    return Converted("comment", {"text": text.replace("${", "$${")}, ports=(), takes_messages=False)


def _watched(case: Case) -> dict[str, Any]:
    scope = case.entry.raw.get("scope")
    if scope is None:
        return {}
    if scope == "group":
        nodes = [id_ for id_ in case.around.members(case.entry.group) if id_ != case.around.node(case.entry.id)]
        if nodes and not case.around.has_inner_groups(case.entry.group):
            return {"group": True}
    else:
        ids = case.entry.ids("scope")
        nodes = [name for id_ in ids if (name := case.around.node(id_)) is not None]
        if len(nodes) < len(ids):
            case.differ("a node that it watches is not in the export")
    if not nodes:
        raise NotConvertibleError("none of the nodes that it watches is there", "name the nodes to watch")
    return {"nodes": nodes}
