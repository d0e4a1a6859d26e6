"""``flowengine nodes``: the node types that flows may use."""

import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Annotated, Any, Final

import typer

from flowengine.cli.node_types import load_node_types
from flowengine.cli.parameters import Format, NodeFolders
from flowengine.cli.text import counted, json_line, json_text, table
from flowengine.errors import FlowEngineError
from flowengine.node import Example, NodeType
from flowengine.reference.setting import Setting, parts_of, settings_of
from flowengine.registry import Registry

EXAMPLE = "Example: flowengine nodes mqtt-in"

_INDENT: Final = "  "
_WIDTH: Final = 100


class UnknownNodeTypeError(FlowEngineError):
    """There is no node type of a name.

    Args:
        name: The name.
        similar: The name that was probably meant.
    """

    code = "unknown-node-type"

    def __init__(self, name: str, similar: str | None) -> None:
        super().__init__(name, similar)
        self.name = name
        self.similar = similar

    def __str__(self) -> str:
        todo = f'did you mean "{self.similar}"?' if self.similar else '"flowengine nodes" lists them'
        return f'there is no node type "{self.name}"; {todo}'


def nodes(
    type: Annotated[str | None, typer.Argument(help="A node type to explain; without one, all are listed.")] = None,
    node_folders: NodeFolders = None,
    format: Format = "text",
) -> None:
    """List the node types, or explain one of them.

    For one type: its help, its ports, its settings with their defaults, and examples. With --format json, the
    settings are a JSON Schema. Exits with 2 if there is no such type.
    """
    known = load_node_types(node_folders)
    for problem in known.problems:
        print(f"flowengine: {problem}", file=sys.stderr)
    if type is None:
        _list(known.registry, format)
        return
    declared = find(known.registry, type)
    print(json_text(_facts(declared)) if format == "json" else "\n".join(_explanation(declared)))


def find(registry: Registry, name: str) -> NodeType:
    """Return a node type that a user named.

    Raises:
        UnknownNodeTypeError: There is none of that name.
    """
    declared = registry.get(name)
    if declared is None:
        raise UnknownNodeTypeError(name, registry.similar(name))
    return declared


def _list(registry: Registry, format: str) -> None:
    if format == "json":
        print(json_text([_facts(declared) for declared in registry]))
        return
    width = max((len(declared.name) for declared in registry), default=0)
    for category, types in groupby(registry, lambda declared: declared.category):
        print(category)
        print(table(((declared.name.ljust(width), declared.summary) for declared in types), indent=_INDENT))
    print(f'{counted(len(registry), "node type")}; "flowengine nodes TYPE" explains one')


def _facts(declared: NodeType) -> dict[str, Any]:
    return {
        "type": declared.name,
        "category": declared.category,
        "label": declared.label,
        "summary": declared.summary,
        "help": declared.help,
        "resource": declared.is_resource,
        "source": declared.is_source,
        "input": declared.has_input,
        "stage": declared.is_stage,
        "ports": [{"name": port.name, "description": port.description} for port in declared.cls.declared_ports()],
        "schema": declared.schema(),
        "examples": [
            {
                "title": example.title,
                "config": example.config,
                "given": example.messages,
                "expect": example.expect,
                "error": example.error,
            }
            for example in declared.examples
        ],
    }


def _explanation(declared: NodeType) -> Iterator[str]:
    yield f"{declared.name} ({declared.category})"
    yield ""
    yield declared.help
    yield from _section("Ports", _ports(declared))
    yield from _section("Settings", _settings(settings_of(declared)))
    for part in parts_of(declared):
        yield from _section(f"A {part.name}: {part.description}", _settings(part.settings))
    yield from _section("Examples", [line for example in declared.examples for line in _example(example)])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title}"
        yield from lines


def _ports(declared: NodeType) -> list[str]:
    rows = [("in", "", "Messages that wires bring.")] if declared.has_input else []
    rows += [("out", port.name, port.description) for port in declared.cls.declared_ports()]
    return [table(rows, indent=_INDENT)] if rows else []


def _settings(settings: Iterable[Setting]) -> list[str]:
    deep = _INDENT * 3
    lines = []
    for setting in settings:
        default = "required" if setting.default is None else f"default {setting.default}"
        lines.append(f"{_INDENT}{setting.name}: {setting.kind}, {default}")
        lines.append(textwrap.fill(setting.description, _WIDTH, initial_indent=deep, subsequent_indent=deep))
    return lines


def _example(example: Example) -> Iterator[str]:
    rows = [("config", json_line(example.config))]
    rows += [("given", json_line(message)) for message in example.messages]
    if example.advance:
        rows.append(("after", f"{example.advance:g} s"))
    rows += [("sends", f"{port} {json_line(fields)}") for port, fields in example.expect]
    if example.error:
        rows.append(("fails", f"with {example.error}"))
    yield f"{_INDENT}This example {example.title}:"
    yield table(rows, indent=_INDENT * 2)
