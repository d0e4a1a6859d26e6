"""The pages of the node types."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from sys import modules

from flowengine.node import Example, Node, NodeType
from flowengine.reference.markdown import block, code, json_line, page, table
from flowengine.reference.raised import raised_in
from flowengine.reference.setting import Setting, parts_of, settings_of


def node_index(registry: Iterable[NodeType]) -> str:
    """Return the page that lists all node types."""
    sections = []
    for category, types in groupby(registry, lambda declared: declared.category):
        rows = [(f"[{declared.name}]({declared.name}.md)", declared.summary) for declared in types]
        sections.append(f"## {category}\n\n{table(('Type', 'What it does'), rows)}")
    return page("Node types", "`flowengine nodes TYPE` shows the same in a terminal.", *sections)


def node_page(declared: NodeType) -> str:
    """Return the page of a node type."""
    raised = [(code(one.code), one.sentence) for one in raised_in(modules[declared.cls.__module__])]
    return page(
        declared.name,
        declared.help,
        _facts(declared),
        _section("Ports", _ports(declared)),
        _section("Settings", _settings(settings_of(declared))),
        *(
            _section(part.name[:1].upper() + part.name[1:], f"{part.description}\n\n{_settings(part.settings)}")
            for part in parts_of(declared)
        ),
        _section("Examples", "\n\n".join(_example(declared, example) for example in declared.examples)),
        _section("Errors", table(("Code", "Sentence"), raised)),
    )


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}" if text.strip() else ""


def _facts(declared: NodeType) -> str:
    facts = [f"Category: {declared.category}."]
    if declared.is_resource:
        facts.append("It is a config node: it lives in `resources.json`, and other nodes refer to it by its id.")
    elif declared.is_source:
        facts.append("Messages begin here.")
    if declared.is_stage:
        facts.append("It runs as a stage: with a queue and workers of its own, which `stage` in the flow sets.")
    if declared.holds:
        facts.append("It may keep messages beyond the call, so it may stand in a cycle.")
    if declared.outside:
        facts.append("It talks to the world outside the process, so flow tests replace it.")
    return " ".join(facts)


def _ports(declared: NodeType) -> str:
    rows = [("in", "", "Messages that wires bring.")] if declared.has_input else []
    rows += [("out", code(port.name), port.description) for port in declared.cls.declared_ports()]
    parts = [table(("Direction", "Name", "Messages"), rows)]
    if getattr(declared.cls.ports, "__func__", None) is not Node.ports.__func__:  # type: ignore[attr-defined]  # a class method has one
        parts.append("The output ports depend on the settings.")
    return "\n\n".join(part for part in parts if part)


def _settings(settings: Sequence[Setting]) -> str:
    rows = [
        (code(one.name), one.kind, "*required*" if one.default is None else code(one.default), one.description)
        for one in settings
    ]
    return table(("Name", "Takes", "Default", "Meaning"), rows)


def _example(declared: NodeType, example: Example) -> str:
    lines = [json_line({"type": declared.name, "config": example.config})]
    lines += [f"given   {json_line(message)}" for message in example.messages]
    if example.advance:
        lines.append(f"after   {example.advance:g} s")
    lines += [f"sends   {port} {json_line(fields)}" for port, fields in example.expect]
    if example.error:
        lines.append(f"fails   with {example.error}")
    return f"This example {example.title}:\n\n{block(chr(10).join(lines), 'text')}"
