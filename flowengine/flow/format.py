"""The one canonical form of every document, made so that git can merge what two people add.

The keys of a document and of its parts stand in a fixed order, defaults are left out, and what has an id is
sorted by it, each entry beginning on its own line. Anything that fits on a line of 100 characters stands on
one. The order of keys within a node's `config` is the author's.

Two people who add nodes to a flow get a clean merge unless their nodes are neighbours: both between the same two old
nodes, or one behind the last and the other right before it, where that last one is a single line.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from json import encoder
from operator import itemgetter
from typing import Any, Final

from flowengine.flow.document import Document, FlowDocument, NodeDocument

LINE_LENGTH: Final = 100
_INDENT: Final = "  "
# No public name: the encoder of the standard library makes such a function anew for each value.
_CHUNKS: Final[Callable[[Any, int], Iterable[str]]] = vars(encoder)["c_make_encoder"](
    None, json.JSONEncoder().default, encoder.encode_basestring, None, ": ", ", ", False, False, False
)
#: What a node has beside its type and its stage; each is empty by default.
_PLAIN: Final = ("name", "description", "disabled", "config", "wires")
_ONE_PER_LINE: Final = frozenset({"cases", "nodes", "groups", "resources", "env", "inputs", "outputs"})


def format_document(document: Document) -> str:
    """Write a document in canonical form; reading it gives an equal document."""
    return CanonicalForm(document).text


def canonical_value(document: Document) -> dict[str, Any]:
    """Return a document as JSON values in canonical order, without what equals its default.

    Parts of the document are in it as they are: change nothing in it.
    """
    return CanonicalForm(document).value


class CanonicalForm:
    """A document in canonical form, as JSON values and as text.

    Args:
        document: The document.
        earlier: The form of an earlier document: of nodes that are the same, what was made once is used again.

    Attributes:
        nodes: The nodes of a flow.
        texts: What is written of each, once the text was made.
    """

    def __init__(self, document: Document, earlier: "CanonicalForm | None" = None) -> None:
        self.nodes: dict[str, NodeDocument] = document.nodes if isinstance(document, FlowDocument) else {}
        self.texts: dict[str, str] = {}
        self._document = document
        self._earlier = earlier

    @cached_property
    def value(self) -> dict[str, Any]:
        """The document as JSON values, without what equals its default; change nothing in it."""
        rest = self._document.model_copy(update={"nodes": {}}) if self.nodes else self._document
        value = rest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        _sort(value, "env", "groups", "resources")
        if self.nodes:
            same = self._same()
            known = self._earlier.value["nodes"] if self._earlier is not None and same else {}
            value["nodes"] = {
                id_: known[id_] if id_ in same else _node_value(node)
                for id_, node in sorted(self.nodes.items(), key=itemgetter(0))
            }
        for group in value.get("groups", {}).values():
            _sort(group, "env")
        return value

    @cached_property
    def text(self) -> str:
        """The document as it is written."""
        value = self.value
        if self.nodes:
            known = self._earlier.texts if self._earlier is not None else {}
            same = self._same() & known.keys()
            indent = _INDENT * 2
            self.texts = {
                id_: known[id_] if id_ in same else _entry(id_, node, indent) for id_, node in value["nodes"].items()
            }
        # Nothing more comes from there.
        self._earlier = None
        return write_json(value, one_per_line=_ONE_PER_LINE, written={"nodes": self.texts.values()})

    def _same(self) -> set[str]:
        """Return the ids of the nodes that the earlier document has as well."""
        before = self._earlier.nodes if self._earlier is not None else {}
        return {id_ for id_, node in self.nodes.items() if before.get(id_) is node}


def write_json(
    value: Any, *, one_per_line: Collection[str] = (), written: Mapping[str, Collection[str]] | None = None
) -> str:
    """Write JSON in the canonical style, for documents of any kind.

    Args:
        value: JSON values; an object's keys are written in the order they have.
        one_per_line: Keys of the top object whose entries begin on a line of their own, even where they would
            fit on one together.
        written: The lines of such entries, where they are known.

    Raises:
        ValueError: A number in it is not finite.
    """
    if not isinstance(value, dict) or not value:
        return _write(value, "", 0) + "\n"
    members = []
    for key, member in value.items():
        start = f"{_INDENT}{encoder.encode_basestring(key)}: "
        if key in one_per_line and member:
            lines = written.get(key) if written is not None else None
            text = _expand(member, _INDENT) if not lines else "{\n" + ",\n".join(lines) + f"\n{_INDENT}}}"
            members.append(start + text)
        else:
            members.append(start + _write(member, _INDENT, len(start)))
    return "{\n" + ",\n".join(members) + "\n}\n"


def _encoded(value: Any) -> str:
    return "".join(_CHUNKS(value, 0))


def _write(value: Any, indent: str, column: int) -> str:
    """Write a value that begins at a column, on one line if it fits there with the comma behind it."""
    text = _encoded(value)
    if column + len(text) < LINE_LENGTH or not value or not isinstance(value, dict | list):
        return text
    return _expand(value, indent)


def _expand(value: dict[str, Any] | list[Any], indent: str) -> str:
    """Write an object or list with each entry on a line of its own."""
    inner = indent + _INDENT
    entries: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        starts = [f"{inner}{encoder.encode_basestring(key)}: " for key in value]
        opening, closing, entries = "{", "}", zip(starts, value.values(), strict=True)
    else:
        opening, closing, entries = "[", "]", ((inner, entry) for entry in value)
    lines = ",\n".join(start + _write(entry, inner, len(start)) for start, entry in entries)
    return f"{opening}\n{lines}\n{indent}{closing}"


def _entry(key: str, value: Any, indent: str) -> str:
    start = f"{indent}{encoder.encode_basestring(key)}: "
    return start + _write(value, indent, len(start))


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
