"""The one canonical form of every document, made so that git can merge what two people add.

The keys of a document and of its parts stand in a fixed order, defaults are left out, and what has an id is
sorted by it, each entry beginning on its own line. Anything that fits on a line of 100 characters stands on
one. The order of keys within a node's `config` is the author's.

Two people who add nodes to a flow get a clean merge unless their nodes are neighbours: both between the same two old
nodes, or one behind the last and the other right before it, where that last one is a single line.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any, Final

from flowengine.flow.document import Document, FlowDocument, NodeDocument

LINE_LENGTH: Final = 100
_INDENT: Final = "  "
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
#: What a node has beside its type and its stage; each is empty by default.
_PLAIN: Final = ("name", "description", "disabled", "config", "wires")
_ONE_PER_LINE: Final = frozenset({"cases", "nodes", "groups", "resources", "env", "inputs", "outputs"})


def format_document(document: Document) -> str:
    """Write a document in canonical form; reading it gives an equal document."""
    return format_value(canonical_value(document))


def format_value(value: dict[str, Any]) -> str:
    """Write what :func:`canonical_value` returned in canonical form."""
    return write_json(value, one_per_line=_ONE_PER_LINE)


def canonical_value(document: Document) -> dict[str, Any]:
    """Return a document as JSON values in canonical order, without what equals its default.

    Parts of the document are in it as they are: change nothing in it.
    """
    nodes = document.nodes if isinstance(document, FlowDocument) else {}
    rest = document.model_copy(update={"nodes": {}}) if nodes else document
    value = rest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    _sort(value, "env", "groups", "resources")
    if nodes:
        value["nodes"] = {id_: _node_value(nodes[id_]) for id_ in sorted(nodes)}
    for group in value.get("groups", {}).values():
        _sort(group, "env")
    return value


def write_json(value: Any, *, one_per_line: Collection[str] = ()) -> str:
    """Write JSON in the canonical style, for documents of any kind.

    Args:
        value: JSON values; an object's keys are written in the order they have.
        one_per_line: Keys of the top object whose entries begin on a line of their own, even where they would
            fit on one together.

    Raises:
        ValueError: A number in it is not finite.
    """
    if not isinstance(value, dict) or not value:
        return _write(value, "", 0) + "\n"
    members = []
    for key, member in value.items():
        start = f"{_INDENT}{_ENCODE(key)}: "
        expand = key in one_per_line and bool(member)
        members.append(start + (_expand(member, _INDENT) if expand else _write(member, _INDENT, len(start))))
    return "{\n" + ",\n".join(members) + "\n}\n"


def _write(value: Any, indent: str, column: int) -> str:
    """Write a value that begins at a column, on one line if it fits there with the comma behind it."""
    text = _ENCODE(value)
    if column + len(text) < LINE_LENGTH or not value or not isinstance(value, dict | list):
        return text
    return _expand(value, indent)


def _expand(value: dict[str, Any] | list[Any], indent: str) -> str:
    """Write an object or list with each entry on a line of its own."""
    inner = indent + _INDENT
    entries: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        starts = [f"{inner}{_ENCODE(key)}: " for key in value]
        opening, closing, entries = "{", "}", zip(starts, value.values(), strict=True)
    else:
        opening, closing, entries = "[", "]", ((inner, entry) for entry in value)
    lines = ",\n".join(start + _write(entry, inner, len(start)) for start, entry in entries)
    return f"{opening}\n{lines}\n{indent}{closing}"


def _node_value(node: NodeDocument) -> dict[str, Any]:
    # The model's own way asks every part whether it is as by default, which takes ten times as long.
    given = node.model_fields_set
    if "stage" in given:
        value = node.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    else:
        value = {"type": node.type}
        fields = node.__dict__
        value |= {name: fields[name] for name in _PLAIN if name in given and fields[name]}
    _sort(value, "wires")
    return value


def _sort(value: dict[str, Any], *keys: str) -> None:
    for key in value.keys() & keys:
        value[key] = dict(sorted(value[key].items()))
