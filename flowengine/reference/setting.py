"""The settings of a node type as people read them, from their JSON Schema."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from flowengine.node import NodeType

Schema = Mapping[str, Any]

_BY_WIDGET: Final = {
    "json-path": "JSONPath",
    "jsonata": "JSONata",
    "jinja2": "Jinja2 template",
    "python": "Python",
    "regex": "regular expression",
    "cron": "cron expression",
    "time-zone": "time zone",
    "duration": "duration",
    "secret": "secret",
    "node": "id of a node",
    "link": "name of a link",
    "topic": "MQTT topic",
    "topic-filter": "MQTT topic filter",
    "url": "URL",
    "markdown": "Markdown",
    "value": "value, or where it comes from",
}
_BY_TYPE: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
    "null": "null",
}
_BOUNDS: Final = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "more than {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "less than {}"),
)


class Setting(NamedTuple):
    """One setting.

    Attributes:
        name: Its name in ``config``.
        kind: What it takes, in words.
        default: Its default as JSON; ``None`` if it must be given.
        description: What it is for.
    """

    name: str
    kind: str
    default: str | None
    description: str


class Part(NamedTuple):
    """An object that settings are made of, such as one rule of a list.

    Attributes:
        name: What settings call it.
        description: What it is.
        settings: Its settings.
    """

    name: str
    description: str
    settings: Sequence[Setting]


def settings_of(declared: NodeType) -> Sequence[Setting]:
    """Return the settings of a node type, in the order of their declaration."""
    schema = declared.schema()
    return _settings(schema, schema.get("$defs", {}))


def parts_of(declared: NodeType) -> Sequence[Part]:
    """Return the objects that the settings of a node type are made of, in the order in which they are named."""
    schema = declared.schema()
    parts = schema.get("$defs", {})
    return [
        Part(_words(name), parts[name].get("description", ""), _settings(parts[name], parts))
        for name in dict.fromkeys(_named(schema, parts, frozenset()))
    ]


def _settings(schema: Schema, parts: Schema) -> Sequence[Setting]:
    required = schema.get("required", ())
    return [
        Setting(
            name,
            _kind(about, parts),
            None if name in required else orjson.dumps(about.get("default")).decode(),
            about.get("description", ""),
        )
        for name, about in schema.get("properties", {}).items()
    ]


def _kind(about: Schema, parts: Schema) -> str:
    widget = about.get("x-widget", "")
    if "x-resource-types" in about:
        return f"id of a resource ({' or '.join(about['x-resource-types'])})"
    several = about.get("anyOf") or about.get("oneOf")
    if several and widget not in _BY_WIDGET:
        return " or ".join(dict.fromkeys(_kind(one, parts) for one in several))
    null = " or null" if several and widget != "value" and {"type": "null"} in several else ""
    if widget in _BY_WIDGET:
        return _BY_WIDGET[widget] + null
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return _words(name) if _is_part(parts[name]) else _kind(parts[name], parts)
    if "enum" in about or "const" in about:
        return " | ".join(orjson.dumps(one).decode() for one in about.get("enum", [about.get("const")]))
    return _plain(about, parts)


def _plain(about: Schema, parts: Schema) -> str:
    kind = about.get("type")
    if kind == "array":
        return f"list, each {_kind(about['items'], parts)}" if about.get("items") else "list"
    if isinstance(about.get("additionalProperties"), dict):
        return f"map of names to {_kind(about['additionalProperties'], parts)}"
    if isinstance(kind, list):
        return " or ".join(_BY_TYPE[one] for one in kind)
    words = _BY_TYPE.get(kind or "", "any JSON")
    bounds = [text.format(f"{about[key]:,}") for key, text in _BOUNDS if key in about]
    return ", ".join([words, *bounds])


def _is_part(schema: Schema) -> bool:
    return schema.get("type") == "object" and bool(schema.get("properties"))


def _named(schema: Any, parts: Schema, above: frozenset[str]) -> Iterator[str]:
    """Yield the names of the parts that a schema refers to where no widget stands for them."""
    if isinstance(schema, list):
        for one in schema:
            yield from _named(one, parts, above)
    elif isinstance(schema, dict) and schema.get("x-widget") not in _BY_WIDGET:
        name = schema.get("$ref", "").rpartition("/")[2]
        if name and name not in above:
            if _is_part(parts[name]):
                yield name
            yield from _named(parts[name], parts, above | {name})
        for key, value in schema.items():
            if key != "$defs":
                yield from _named(value, parts, above)


def _words(name: str) -> str:
    """Return the name of a class as words: ``ChangeRule`` is a "change rule"."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
