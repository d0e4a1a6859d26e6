"""Node types: what the palette, the forms and the help are made of."""

import asyncio
from typing import Any, Final

from pydantic import Field, ValidationError

from flowengine.node import Listener, Node, NodeType, Output
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import invalid, not_found

CATEGORIES: Final = ("common", "function", "sequence", "network", "odoo", "iiot")
"""The order of the palette; categories of other node packs come after, by name."""


class Port(Answer):
    """A named way that messages leave a node by."""

    name: str
    description: str


class ShownExample(Answer):
    """An example of what a node does; it is run as a test too."""

    title: str
    config: dict[str, Any]
    given: list[dict[str, Any]]
    """The messages that come in."""
    expect: list[tuple[str, dict[str, Any]]]
    """The messages that leave: port and fields."""
    advance: float
    """Seconds that pass after the last message."""
    error: str
    """Code of the error that the node raises; empty for none."""


class NodeTypeSummary(Answer):
    """A node type in the palette."""

    name: str
    """The `type` in a flow."""
    label: str
    category: str
    summary: str
    """First line of the help."""
    icon: str
    colour: str
    """`#rrggbb`; empty for the category's."""
    ports: list[Port]
    """The ports of a node that is configured by default."""
    own_ports: bool
    """Whether a node's ports depend on its configuration; ask for them with it."""
    has_input: bool
    """Whether wires may lead to it."""
    is_source: bool
    """Whether messages begin in it."""
    is_stage: bool
    """Whether it has a queue and workers."""
    is_resource: bool
    """Whether it is a config node, which lives among the resources."""
    can_try: bool
    """Whether it is a config node that can be tried by itself, before it is deployed."""
    is_listener: bool
    """Whether it hears of errors, statuses or completed messages of other nodes."""
    outside: bool
    """Whether it talks to the world outside; flow tests replace such nodes."""
    holds: bool
    """Whether it keeps messages, so that it may stand in a cycle."""


class NodeTypeDetail(NodeTypeSummary):
    """All about a node type."""

    help: str
    """Markdown."""
    config: dict[str, Any]
    """JSON Schema of the configuration, with `x-widget` for the form."""
    examples: list[ShownExample]


class Category(Answer):
    """A section of the palette."""

    name: str
    types: list[str]
    """Names of its node types, in order."""


class Palette(Answer):
    """The node types in the order of the palette."""

    categories: list[Category]
    types: list[NodeTypeDetail]


class Configuration(Body):
    """The configuration of a node."""

    config: dict[str, Any] = Field(default={})
    """As in a flow, variables put in."""


class Ports(Answer):
    """The ports of a node."""

    ports: list[Port]


async def list_node_types(call: Call) -> Palette:
    """List all node types in the order of the palette."""
    # Those that no flow has used are loaded now, which takes a second.
    known = await asyncio.to_thread(list, call.backend.registry)
    types = sorted(known, key=lambda one: (_rank(one.category), one.category, one.label, one.name))
    names = dict.fromkeys(one.category for one in types)
    return Palette(
        categories=[Category(name=name, types=[one.name for one in types if one.category == name]) for name in names],
        types=[_detail(one) for one in types],
    )


async def get_node_type(call: Call, type: str) -> NodeTypeDetail:
    """Return all about a node type."""
    return _detail(_known(call, type))


async def get_ports(call: Call, type: str, body: Configuration) -> Ports:
    """Return the ports that a node with a configuration has; 422 names every field that is wrong."""
    known = _known(call, type)
    try:
        config = known.validate(body.config)
    except ValidationError as error:
        raise invalid(error, known.config) from None
    return Ports(ports=[_port(port) for port in known.ports(config)])


def _known(call: Call, type: str) -> NodeType:
    known = call.backend.registry.get(type)
    if known is None:
        raise not_found("node-type", type)
    return known


def _rank(category: str) -> int:
    return CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)


def _detail(type: NodeType) -> NodeTypeDetail:
    return NodeTypeDetail(
        name=type.name,
        label=type.label,
        category=type.category,
        summary=type.summary,
        icon=type.icon,
        colour=type.colour,
        ports=[_port(port) for port in _default_ports(type)],
        own_ports=type.cls.ports.__func__ is not Node.ports.__func__,  # type: ignore[attr-defined]  # a class method
        has_input=type.has_input,
        is_source=type.is_source,
        is_stage=type.is_stage,
        is_resource=type.is_resource,
        can_try=type.can_try,
        is_listener=issubclass(type.cls, Listener),
        outside=type.outside,
        holds=type.holds,
        help=type.help,
        config=type.schema(),
        examples=[
            ShownExample(
                title=one.title,
                config=dict(one.config),
                given=[dict(message) for message in one.messages],
                expect=[(port, dict(fields)) for port, fields in one.expect],
                advance=one.advance,
                error=one.error,
            )
            for one in type.examples
        ],
    )


def _default_ports(type: NodeType) -> list[Output]:
    try:
        return list(type.ports(type.validate({})))
    except ValidationError:
        return list(type.cls.declared_ports())


def _port(port: Output) -> Port:
    return Port(name=port.name, description=port.description)


ENDPOINTS = (
    Endpoint("GET", "/admin/api/node-types", list_node_types, "List the node types"),
    Endpoint("GET", "/admin/api/node-types/{type}", get_node_type, "Show a node type"),
    Endpoint("POST", "/admin/api/node-types/{type}/ports", get_ports, "Show the ports of a configured node"),
)
