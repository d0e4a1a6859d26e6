"""Converters of the nodes that hold messages for a while: delay and trigger."""

from typing import Any, Final

from flowengine.node import same_json
from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import as_number
from flowengine_nodes.nodered.mustache import jinja_template
from flowengine_nodes.nodered.property_path import json_path
from flowengine_nodes.nodered.typed_value import typed_value

_UNITS: Final = {
    "milliseconds": "ms",
    "seconds": "s",
    "minutes": "m",
    "hours": "h",
    "days": "d",
    "second": "s",
    "minute": "m",
    "hour": "h",
    "day": "d",
    "ms": "ms",
    "s": "s",
    "min": "m",
    "hr": "h",
}
_IN_SECONDS: Final = "msg.{} is in seconds, or a text such as 500ms, where it was in milliseconds"


def delay(case: Case) -> Converted:
    """Convert a delay node."""
    entry = case.entry
    kind = entry.text("pauseType", "delay")
    wait = case.duration(entry.raw.get("timeout"), _UNITS.get(entry.text("timeoutUnits"), "s"), 5)
    match kind:
        case "delay":
            return Converted("delay", {"delay": wait})
        case "delayv":
            case.differ(_IN_SECONDS.format("delay"))
            return Converted("delay", {"mode": "message", "delay": wait})
        case "random":
            unit = _UNITS.get(entry.text("randomUnits"), "s")
            ends = [case.duration(entry.raw.get(key), unit, 1) for key in ("randomFirst", "randomLast")]
            return Converted("delay", {"mode": "random", "delay": ends[0], "at_most": ends[1]})
        case "rate":
            return _rate(case)
        case "queue" | "timed":
            release = {"release": "all"} if kind == "timed" else {}
            case.differ("the first message passes at once")
            return Converted("delay", {"mode": "latest", "key": "$.topic", **release, **_pace(case)})
    raise NotConvertibleError(f'it waits in the way "{kind}"', "choose another way to wait")


def _rate(case: Case) -> Converted:
    entry = case.entry
    config: dict[str, Any] = {"mode": "rate", **_pace(case)}
    if entry.flag("allowrate"):
        config["rate_path"] = "$.rate"
        case.differ(_IN_SECONDS.format("rate"))
    if not entry.flag("drop"):
        return Converted("delay", config)
    return Converted("delay", config | {"excess": "leave"}, ports=("out", "excess"))


def _pace(case: Case) -> dict[str, Any]:
    """Return how many messages pass in a time."""
    entry = case.entry
    count, per = as_number(entry.raw.get("rate"), 1), as_number(entry.raw.get("nbRateUnits"), 1) or 1
    unit = _UNITS.get(entry.text("rateUnits"), "s")
    if isinstance(count, str) or isinstance(per, str):
        return {"count": count, "per": f"{per}{unit}"}
    if isinstance(count, int) and count > 0:
        return {"count": count, "per": case.duration(per, unit, 1)}
    if not count or count < 0:
        raise NotConvertibleError("its rate is no number above 0", "set the rate")
    # Half a message a second is one in two seconds.
    return {"count": 1, "per": case.duration(per / count, unit, 1)}


def trigger(case: Case) -> Converted:
    """Convert a trigger node."""
    entry = case.entry
    config: dict[str, Any] = {}
    # To Python true is 1, to JSON it is not.
    if not same_json(first := _first(case), {"value": 1}):
        config["first"] = first
    if not same_json(then := _then(case), {"value": 0}):
        config["then"] = then
    length = as_number(entry.raw.get("duration"), 250)
    unit = _UNITS.get(entry.text("units"), "ms")
    if length == 0:
        config["mode"] = "until-reset"
    elif isinstance(length, (int, float)) and length < 0:
        config |= {"mode": "repeat", "wait": case.duration(-length, unit, 250)}
    else:
        config["wait"] = case.duration(length, unit, 250)
        config |= {"extend": True} if entry.flag("extend") else {}
    if entry.flag("overrideDelay"):
        config["wait_path"] = "$.delay"
        case.differ(_IN_SECONDS.format("delay"))
    if entry.text("bytopic", "all") != "all":
        config["key"] = json_path(entry.text("topic", "topic"))
    if reset := entry.text("reset"):
        config["reset_on"] = [reset, reset == "true"] if reset in {"true", "false"} else [reset]
    if str(entry.raw.get("outputs")) != "2":
        return Converted("trigger", config)
    return Converted("trigger", config | {"separate": True}, ports=("out", "then"))


def _first(case: Case) -> dict[str, Any]:
    match case.entry.text("op1type", "str"):
        case "nul":
            return {"send": "nothing"}
        case "pay":
            return {"send": "message"}
    return {"value": _payload(case, "op1", "1")}


def _then(case: Case) -> dict[str, Any]:
    match case.entry.text("op2type", "str"):
        case "nul":
            return {"send": "nothing"}
        case "pay":
            return {"send": "first"}
        case "payl":
            return {"send": "latest"}
    return {"value": _payload(case, "op2", "0")}


def _payload(case: Case, key: str, default: str) -> Any:
    text, kind = str(case.entry.raw.get(key) or default), case.entry.text(f"{key}type", "str")
    if kind == "val":
        kind = {"true": "bool", "false": "bool", "null": "null"}.get(text, "str")
    if kind == "date" and text == default:
        text = ""
    if kind == "str" and "{{" in text:
        case.differ("a name that the message does not have is an error")
        return {"template": jinja_template(text, escapes=True).replace("${", "$${")}
    return typed_value(case, text, kind)
