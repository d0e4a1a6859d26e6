"""The fields of a config model that mean something to lint: secrets, and references to resources."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pydantic import BaseModel

from flowengine.fields.docstrings import no_docstrings
from flowengine.flow.scanner import ValuePath
from flowengine.node import Config


class Marked(NamedTuple):
    """A value in a configuration whose field is marked.

    Attributes:
        path: Where it is in the configuration.
        value: What stands there.
        secret: Whether the field holds a password or key.
        resource: Types of the resource it refers to; empty for any type, None if it refers to none.
    """

    path: ValuePath
    value: Any
    secret: bool
    resource: tuple[str, ...] | None


@dataclass(slots=True, eq=False)
class Marks:
    """A field, and the marked fields inside it.

    Attributes:
        secret: Whether it holds a password or key.
        resource: Types of the resource it refers to; empty for any type, None if it refers to none.
        members: Its fields by name.
        entries: What each entry of its list, or each value of its object, may be.
        parts: What it may be itself.
    """

    secret: bool = False
    resource: tuple[str, ...] | None = None
    members: "dict[str, Marks]" = field(default_factory=dict)
    entries: "list[Marks]" = field(default_factory=list)
    parts: "list[Marks]" = field(default_factory=list)

    @property
    def is_marked(self) -> bool:
        """Whether it is itself marked."""
        return self.secret or self.resource is not None

    @property
    def inner(self) -> "Iterable[Marks]":
        """Everything inside it, one level down."""
        return (*self.members.values(), *self.entries, *self.parts)

    def find(self, value: Any) -> Iterable[Marked]:
        """Return every marked value once.

        Args:
            value: A configuration, as its document has it or as it was validated.
        """
        return {marked.path: marked for marked in self._find(value, ())}.values()

    def _find(self, value: Any, path: ValuePath) -> Iterator[Marked]:
        if self.is_marked:
            yield Marked(path, value, self.secret, self.resource)
        for part in self.parts:
            yield from part._find(value, path)  # noqa: SLF001 - another one of the same class
        members = value.__dict__ if isinstance(value, BaseModel) else value
        if isinstance(members, Mapping):
            for name, mark in self.members.items():
                if name in members:
                    yield from mark._find(members[name], (*path, name))  # noqa: SLF001 - likewise
        if self.entries and isinstance(members, Mapping | list | tuple):
            items = members.items() if isinstance(members, Mapping) else enumerate(members)
            for key, item in items:
                for mark in self.entries:
                    yield from mark._find(item, (*path, key))  # noqa: SLF001 - likewise


def marks_of(model: type[Config]) -> Marks | None:
    """Return the marks of a config model, or ``None`` if it has none.

    Raises:
        pydantic.errors.PydanticInvalidForJsonSchema: A field's type cannot be described to the editor.
    """
    root = Marks()
    for by_alias in (True, False):  # a configuration may use either name of a field
        with no_docstrings():
            schema = model.model_json_schema(by_alias=by_alias)
        _Reader(schema.get("$defs", {})).read(schema, root)
    useful = _useful(root)
    return root if root in useful else None


class _Reader:
    """Turns a JSON Schema into marks; a schema that holds itself becomes marks that hold themselves."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._known: dict[str, Marks] = {}

    def read(self, schema: Mapping[str, Any], into: Marks) -> None:
        match schema.get("x-widget"):
            case "secret":
                into.secret = True
            case "resource":
                into.resource = tuple(schema.get("x-resource-types", ()))
        if "$ref" in schema:
            into.parts.append(self._defined(schema["$ref"].rpartition("/")[2]))
        for key in ("anyOf", "oneOf", "allOf"):
            into.parts += [self._new(alternative) for alternative in schema.get(key, ())]
        for name, member in schema.get("properties", {}).items():
            self.read(member, into.members.setdefault(name, Marks()))
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), Mapping):
                into.entries.append(self._new(schema[key]))
        into.entries += [self._new(item) for item in schema.get("prefixItems", ())]

    def _new(self, schema: Mapping[str, Any]) -> Marks:
        made = Marks()
        self.read(schema, made)
        return made

    def _defined(self, name: str) -> Marks:
        if name not in self._known:
            self._known[name] = Marks()
            self.read(self._definitions[name], self._known[name])
        return self._known[name]


def _useful(root: Marks) -> set[Marks]:
    """Return what is marked or leads to something marked, and cut everything else off."""
    every: set[Marks] = set()
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if one not in every:
            every.add(one)
            waiting += one.inner
    useful = {one for one in every if one.is_marked}
    before = -1
    while len(useful) > before:
        before = len(useful)
        useful |= {one for one in every if not useful.isdisjoint(one.inner)}
    for one in useful:
        one.members = {name: mark for name, mark in one.members.items() if mark in useful}
        one.entries = [mark for mark in one.entries if mark in useful]
        one.parts = [mark for mark in one.parts if mark in useful]
    return useful
