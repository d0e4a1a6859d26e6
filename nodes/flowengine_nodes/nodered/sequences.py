"""Converters of the nodes about sequences: split, join and batch."""

from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import Entry, as_number, literal_text
from flowengine_nodes.nodered.property_path import json_path, payload_path
from flowengine_nodes.nodered.typed_value import jsonata, typed_value

_ESCAPES: Final = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\f": "\f", "\\0": "\0"}
_BUILDS: Final = {"array": "list", "object": "object", "merged": "merged", "string": "text", "buffer": "bytes"}


def unescaped(text: str) -> str:
    """Return text with the signs that Node-RED's forms write with a backslash."""
    for written, sign in _ESCAPES.items():
        text = text.replace(written, sign)
    return text


def split(case: Case) -> Converted:
    """Convert a split node."""
    entry = case.entry
    if entry.flag("stream"):
        raise NotConvertibleError("it takes messages for one stream of text", "join the messages before they are split")
    config: dict[str, Any] = {**payload_path(entry)}
    match entry.text("spltType", "str"):
        case "str":
            if (separator := literal_text(unescaped(str(entry.raw.get("splt", "\\n"))))) != "\n":
                config["separator"] = separator
        case "len":
            config |= {"separator": "", "length": as_number(entry.raw.get("splt"), 1)}
        case _:
            raise NotConvertibleError("it splits at bytes", "split at a text, or in a function node")
    if (size := as_number(entry.raw.get("arraySplt"), 1)) != 1:
        config["size"] = size
    if name := entry.text("addname"):
        config["key_field"] = name
    case.differ("an empty list, object or text leaves by the port empty; parts.type is list, text or bytes")
    return Converted("split", config)


def join(case: Case) -> Converted:
    """Convert a join node."""
    entry = case.entry
    if entry.text("propertyType", "msg") == "full":
        raise NotConvertibleError("it joins whole messages", "join one field of them, or use a batch node")
    config: dict[str, Any] = {**payload_path(entry)}
    match entry.text("mode", "auto"):
        case "auto":
            config["timeout"] = None
        case "custom":
            config |= _group(case)
        case "reduce":
            config |= _reduced(case)
        case mode:
            raise NotConvertibleError(f'it joins in the mode "{mode}"', "choose another mode")
    return Converted("join", config)


def _group(case: Case) -> dict[str, Any]:
    entry = case.entry
    build = entry.text("build", "array")
    config: dict[str, Any] = {"mode": "group"}
    if (made := _BUILDS.get(build, "list")) != "list":
        config["build"] = made
    if build == "object" and (name := json_path(entry.text("key", "topic"))) != "$.topic":
        config["name"] = name
    if build in {"string", "buffer"}:
        config["separator"] = _joiner(entry)
    if count := entry.number("count"):
        config["count"] = count
    elif entry.text("count") == "":
        case.differ("the number of messages is not taken from msg.parts: set count, or use the mode auto")
    length = entry.number("timeout", 0)
    config["timeout"] = case.duration(length, "s", 0) if length else None
    if length:
        config["on_timeout"] = "send"
    if entry.flag("accumulate"):
        config["accumulate"] = True
    return config


def _joiner(entry: Entry) -> str:
    if entry.text("joinerType", "str") != "str":
        raise NotConvertibleError("it joins with bytes between", "join with a text between")
    return literal_text(unescaped(str(entry.raw.get("joiner") or "")))


def _reduced(case: Case) -> dict[str, Any]:
    entry = case.entry
    expression = str(entry.raw.get("reduceExp") or "")
    if not expression:
        raise NotConvertibleError("it reduces by no expression", "write one")
    config: dict[str, Any] = {"mode": "reduce", "reduce": jsonata(case, expression), "timeout": None}
    if entry.text("reduceInit"):
        config["init"] = typed_value(case, entry.raw.get("reduceInit"), entry.text("reduceInitType", "str"))
    if last := str(entry.raw.get("reduceFixup") or ""):
        config["fixup"] = jsonata(case, last)
    if entry.flag("reduceRight"):
        config["backwards"] = True
    return config


def batch(case: Case) -> Converted:
    """Convert a batch node."""
    entry = case.entry
    config: dict[str, Any] = {"send": "parts"}
    match entry.text("mode", "count"):
        case "count":
            config["count"] = entry.number("count", 10)
            if overlap := entry.number("overlap", 0):
                config["overlap"] = overlap
        case "interval":
            config |= {"count": None, "interval": case.duration(entry.raw.get("interval"), "s", 10)}
            case.differ("the interval begins with the first message of a batch")
            if entry.flag("allowEmptySequence"):
                case.differ("no message is sent for an interval without messages")
        case mode:
            raise NotConvertibleError(f'it makes batches in the mode "{mode}"', "join each sequence, then the results")
    if entry.flag("honourParts"):
        config["honour_parts"] = True
    return Converted("batch", config)
