"""Converters of the nodes about measured values: range and filter."""

from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import as_number
from flowengine_nodes.nodered.property_path import json_path, payload_path

_OUTSIDE: Final = {"scale": "extend", "clamp": "clamp", "roll": "wrap", "drop": "stop"}
_MODES: Final = {
    "rbe": "change",
    "rbei": "change",
    "deadband": "deadband",
    "deadbandEq": "deadband",
    "narrowband": "narrowband",
    "narrowbandEq": "narrowband",
}


def range_(case: Case) -> Converted:
    """Convert a range node."""
    entry = case.entry
    ends = {key: entry.number(key) for key in ("minin", "maxin", "minout", "maxout")}
    if None in ends.values():
        raise NotConvertibleError("its ranges are not complete", "set both ends of both ranges")
    config: dict[str, Any] = {
        "input": {"from": ends["minin"], "to": ends["maxin"]},
        "output": {"from": ends["minout"], "to": ends["maxout"]},
    }
    if (outside := _OUTSIDE.get(entry.text("action"), "extend")) != "extend":
        config["outside"] = outside
    if entry.flag("round"):
        config["digits"] = 0
    config |= payload_path(entry)
    return Converted("range", config)


def filter_(case: Case) -> Converted:
    """Convert a filter node, which Node-RED's documents call rbe."""
    entry = case.entry
    kind = entry.text("func", "rbe")
    if kind not in _MODES:
        raise NotConvertibleError(f'it filters in the way "{kind}"', "choose another mode")
    config: dict[str, Any] = {**payload_path(entry)}
    if (mode := _MODES[kind]) != "change":
        gap = entry.text("gap", "0")
        config |= {"mode": mode, "band": as_number(gap.removesuffix("%"), 0)}
        if gap.endswith("%"):
            config["percent"] = True
        if kind in {"deadband", "narrowbandEq"}:
            case.differ("a value that differs by exactly the band passes")
        if kind.startswith("narrowband") and entry.text("start"):
            case.differ(f"the first value is not compared with {entry.text('start')}: it passes")
        if entry.text("inout") == "in":
            config["compare_with"] = "seen"
    if kind == "rbei":
        config["first"] = "stop"
    if not entry.flag("septopics", default=True):
        config["key"] = None
    elif (key := json_path(entry.text("topi", "topic"))) != "$.topic":
        config["key"] = key
    return Converted("filter", config)
