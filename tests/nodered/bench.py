"""One entry of Node-RED, converted."""

from collections.abc import Mapping
from typing import Any

from flowengine.flow.document import NodeDocument
from flowengine.registry import Registry, load_node_packs
from flowengine_nodes.nodered.export import Entry, Export
from flowengine_nodes.nodered.importing import Imported, convert
from flowengine_nodes.nodered.proof import prove
from flowengine_nodes.nodered.report import Fate, Outcome

TAB: Mapping[str, Any] = {"id": "tab", "type": "tab", "label": "Flow"}
BROKER: Mapping[str, Any] = {"id": "br", "type": "mqtt-broker", "name": "main", "broker": "h", "cleansession": True}
REGISTRY = Registry()
load_node_packs(REGISTRY)


def imported(*entries: Mapping[str, Any]) -> Imported:
    """Convert entries of one tab, and prove that what came of them runs."""
    placed = [{"x": 100, "y": 40, "z": "tab", "wires": [], **entry} for entry in entries]
    made = convert(Export([Entry(raw) for raw in (TAB, BROKER, *placed)]), {})
    prove(made, {}, REGISTRY)
    return made


def one(type: str, **settings: Any) -> tuple[NodeDocument, Fate]:
    """Convert one node; return the node that it becomes, and its fate."""
    made = imported({"id": "n", "type": type, **settings})
    (fate,) = (fate for fate in made.report.fates if fate.entry.id == "n")
    return made.flows[0].nodes[fate.node], fate


def config(type: str, **settings: Any) -> dict[str, Any]:
    """Convert one node that can be converted; return its settings."""
    node, fate = one(type, **settings)
    assert fate.outcome is not Outcome.NOT_CONVERTIBLE, fate.notes
    return node.config


def refusal(type: str, **settings: Any) -> str:
    """Convert one node that cannot be; return why."""
    node, fate = one(type, **settings)
    assert fate.outcome is Outcome.NOT_CONVERTIBLE
    assert node.type == "placeholder"
    return fate.notes[0]
