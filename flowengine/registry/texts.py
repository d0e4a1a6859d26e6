"""What node types say to people: every text that the palette and the forms show, and its translations."""

import json
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any, Final

from flowengine.node import NodeType
from flowengine.registry.discovery import ENTRY_POINTS

# Values that somebody gives, in which the words of JSON Schema mean nothing.
_VALUES: Final = frozenset({"default", "const", "enum", "examples"})


def texts_of(node_type: NodeType) -> Iterator[str]:
    """Yield the label, the summary, and what ports and settings are called and are for."""
    yield node_type.label
    yield node_type.summary
    for port in node_type.cls.declared_ports():
        yield port.description
    schema = node_type.schema()
    yield from schema_texts({key: value for key, value in schema.items() if key not in {"title", "description"}})


def schema_texts(schema: Any) -> Iterator[str]:
    """Yield what a form made from a JSON Schema shows: titles of fields, and what fields and kinds are for."""
    if isinstance(schema, list):
        for one in schema:
            yield from schema_texts(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for key, value in schema.items():
            if key == "properties":
                yield from (field["title"] for field in value.values() if "title" in field)
                yield from schema_texts(list(value.values()))
            elif key == "$defs":
                yield from schema_texts(list(value.values()))
            elif key not in _VALUES:
                yield from schema_texts(value)


def translations(language: str) -> Mapping[str, str]:
    """Return what the node packs say in a language, by what they say in English.

    A pack keeps it beside its nodes, in ``locale/<language>.json``.

    Args:
        language: Such as ``zh``.
    """
    found: dict[str, str] = {}
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        place = files(entry.value.partition(":")[0]) / "locale" / f"{language}.json"
        if place.is_file():
            found |= json.loads(place.read_text(encoding="utf-8"))
    return found
