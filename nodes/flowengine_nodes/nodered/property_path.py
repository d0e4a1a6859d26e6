"""Node-RED's property expressions, ``payload.items[0]['a b']``, as JSONPath, Jinja2 and places in text."""

import re
from typing import Final, TypeAlias

from flowengine_nodes.nodered.case import NotConvertibleError
from flowengine_nodes.nodered.export import Entry

Segment: TypeAlias = "str | int | tuple[Segment, ...]"
"""A name, an index, or the property of the message that holds one of them."""

_TOKEN: Final = re.compile(
    r"""\.?(?P<name>[A-Za-z_$][A-Za-z0-9_$-]*)|\[(?P<index>\d+)\]|\[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]"""
    r"""|\[msg\.(?P<nested>[^\[\]]+)\]|\.(?P<digits>\d+)"""
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

# What the nodes of flowengine call what Node-RED's nodes put into messages; the longest match counts.
_RENAMED: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("statusCode",): ("status_code",),
    ("req", "params"): ("parameters",),
    ("req", "query"): ("query",),
    ("req", "headers"): ("headers",),
    ("req", "body"): ("payload",),
    ("req", "method"): ("method",),
    ("req", "path"): ("path",),
    ("req", "url"): ("path",),
    ("error", "source", "id"): ("error", "node"),
    ("error", "source", "name"): ("error", "node"),
    ("error", "source", "type"): ("error", "type"),
    ("error", "source", "count"): ("error", "count"),
    ("status", "source", "id"): ("status", "node"),
    ("status", "source", "name"): ("status", "node"),
    ("status", "source", "type"): ("status", "type"),
}
RENAMED_WORDS: Final = re.compile(r"\b(?:statusCode|req\.|error\.source|status\.source)")
"""Finds, in an expression that is taken as it is, what has another name here."""


def segments(text: str) -> tuple[Segment, ...]:
    """Return the parts of a property expression, by the names that messages have here.

    Raises:
        NotConvertibleError: It is none, or names what no message has here.
    """
    found: list[Segment] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotConvertibleError(f'"{text}" is no property of a message', "write it as JSONPath by hand")
        found.append(_segment(match))
        place = match.end()
    if not found or found[0] in {"res", "_msgid"} or found == ["req"]:
        raise NotConvertibleError(f"messages have no {text or 'empty property'} here", "do without it")
    for length in (3, 2, 1):
        head = tuple(found[:length])
        if head in _RENAMED:
            return (*_RENAMED[head], *found[length:])  # type: ignore[index]  # a head of names only is found there
    return tuple(found)


def _segment(match: re.Match[str]) -> Segment:
    if match["index"] is not None or match["digits"] is not None:
        return int(match["index"] or match["digits"])
    if match["nested"] is not None:
        return segments(match["nested"])
    return str(match["name"] if match["name"] is not None else match["quoted"])


def json_path(text: str) -> str:
    """Return a property of a message as JSONPath.

    Raises:
        NotConvertibleError: It cannot be one.
    """
    return _json_path(segments(text))


def payload_path(entry: Entry) -> dict[str, str]:
    """Return the setting for what a node works on, empty for the payload itself.

    Raises:
        NotConvertibleError: Its setting ``property`` is no property of a message.
    """
    path = json_path(entry.text("property", "payload"))
    return {} if path == "$.payload" else {"path": path}


def _json_path(parts: tuple[Segment, ...]) -> str:
    written = "$"
    for part in parts:
        if isinstance(part, str):
            quoted = part.replace("\\", "\\\\").replace("'", "\\'")
            written += f".{part}" if _IDENTIFIER.fullmatch(part) else f"['{quoted}']"
        else:
            written += f"[{part if isinstance(part, int) else _json_path(part)}]"
    return written


def jinja_expression(text: str) -> str:
    """Return a property of a message as an expression of Jinja2.

    Raises:
        NotConvertibleError: It cannot be one.
    """
    written = ""
    for part in segments(text):
        if isinstance(part, str) and _IDENTIFIER.fullmatch(part):
            written += f".{part}" if written else part
        elif isinstance(part, (str, int)) and written:
            written += f"[{part}]" if isinstance(part, int) else f'["{part}"]'
        else:
            raise NotConvertibleError(f'"{text}" cannot be named in a template', "set a simpler field before")
    return written


def dotted(text: str) -> str:
    """Return a property of a message as texts name it between braces.

    Raises:
        NotConvertibleError: It cannot be named there.
    """
    parts = segments(text)
    if not all(isinstance(part, str) and _IDENTIFIER.fullmatch(part) for part in parts):
        raise NotConvertibleError(f'"{text}" cannot stand in a text', "set a field with a simple name before")
    return ".".join(map(str, parts))
