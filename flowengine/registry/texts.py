"""What node types say to people: every text that the palette and the forms show, and its translations."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from flowengine.node import NodeType
from flowengine.registry.discovery import ENTRY_POINTS

# Values that somebody gives, in which the words of JSON Schema mean nothing.
_VALUES: Final = frozenset({"default", "const", "enum", "examples"})
# What is chosen by another name, such as GET or 3.1.1, is called so in every language.
_WORD: Final = re.compile(r"[a-z][a-z_-]+")


def texts_of(node_type: NodeType) -> Iterator[str]:
    """Yield the label, the summary, and what ports and settings are called and are for."""
    yield node_type.label
    yield node_type.summary
    for port in node_type.cls.declared_ports():
        yield port.description
    schema = node_type.schema()
    yield from schema_texts({key: value for key, value in schema.items() if key not in {"title", "description"}})


def schema_texts(schema: Any) -> Iterator[str]:
    """Yield what a form made from a JSON Schema shows: titles of fields, what fields and kinds are for, and choices."""
    if isinstance(schema, list):
        for one in schema:
            yield from schema_texts(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        choices = (schema.get("const"), *schema.get("enum", ()))
        yield from (one for one in choices if isinstance(one, str) and _WORD.fullmatch(one))
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
    return _read(f"{language}.json")


def sentences(language: str) -> Mapping[str, str]:
    """Return what nodes say of mistakes and of how they stand in a language, by what they say in English.

    A ``{name}`` stands for anything, in both. A pack keeps them beside its nodes, in
    ``locale/<language>-sentences.json``.

    Args:
        language: Such as ``zh``.
    """
    return _read(f"{language}-sentences.json")


def helps(language: str, node_types: Iterable[NodeType]) -> Mapping[str, str]:
    """Return the help of node types in a language, by what it is in English.

    A pack keeps it beside its nodes, in ``locale/<language>/<node type>.md``, behind a line that says which English it
    was made from; where that has changed since, it is left out.

    Args:
        language: Such as ``zh``.
        node_types: The node types.
    """
    folders = [folder / language for folder in _locales()]
    found: dict[str, str] = {}
    for node_type in node_types:
        for place in (folder / f"{node_type.name}.md" for folder in folders):
            if place.is_file():
                mark, _, text = place.read_text(encoding="utf-8").partition("\n")
                if mark == mark_of(node_type.help):
                    found[node_type.help] = text.strip()
    return found


def mark_of(help: str) -> str:
    """Return the line that says which English help a translation was made from."""
    return f"<!-- of {hashlib.sha256(help.encode()).hexdigest()[:12]} -->"


def _read(name: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for folder in _locales():
        place = folder / name
        if place.is_file():
            found |= json.loads(place.read_text(encoding="utf-8"))
    return found


def _locales() -> Iterator[Traversable]:
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        yield files(entry.value.partition(":")[0]) / "locale"
