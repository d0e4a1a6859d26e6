"""Flows of any size that look like flows, with messages in them: the same for both editors."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

CHAIN = 10
CHAINS_A_COLUMN = 25


@dataclass(frozen=True, slots=True)
class Link:
    """One node of a chain: where it stands, and whether another follows."""

    number: int
    chain: int
    place: int
    is_last: bool
    x: int
    y: int


def links(nodes: int) -> Iterator[Link]:
    """Yield so many nodes in chains, each fed ten times a second."""
    for number in range(nodes):
        chain, place = divmod(number, CHAIN)
        column, row = divmod(chain, CHAINS_A_COLUMN)
        is_last = place == CHAIN - 1 or number == nodes - 1
        yield Link(number, chain, place, is_last, (column * (CHAIN + 1) + place) * 200, row * 80 + place % 3 * 10)


def flow(nodes: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a flow of so many nodes, and its layout."""
    documents: dict[str, Any] = {}
    places: dict[str, Any] = {}
    for link in links(nodes):
        document: dict[str, Any]
        if link.place == 0:
            document = {"type": "inject", "config": {"every": "100ms", "fields": {"payload": link.chain}}}
        else:
            document = {"type": "change", "config": {"rules": [{"set": "$.link", "to": link.place}]}}
        if not link.is_last:
            document["wires"] = {"out": [f"n{link.number + 1}"]}
        documents[f"n{link.number}"] = document
        places[f"n{link.number}"] = {"x": link.x, "y": link.y}
    return {"flowengine": 1, "id": "large", "nodes": documents}, {"flowengine": 1, "nodes": places}


def nodered_flow(nodes: int) -> list[dict[str, Any]]:
    """Return the same flow as a file of Node-RED."""
    documents: list[dict[str, Any]] = [{"id": "tab", "type": "tab", "label": "large"}]
    for link in links(nodes):
        kind: dict[str, Any]
        if link.place == 0:
            property_ = {"p": "payload", "v": str(link.chain), "vt": "num"}
            kind = {"type": "inject", "props": [property_], "repeat": "0.1"}
        else:
            rule = {"t": "set", "p": "link", "pt": "msg", "to": str(link.place), "tot": "num"}
            kind = {"type": "change", "rules": [rule]}
        # Node-RED says where the middle of a node is, and has no room left of and above nought.
        place = {"x": link.x + 100, "y": link.y + 50}
        follower = [] if link.is_last else [f"n{link.number + 1}"]
        documents.append(
            {"id": f"n{link.number}", "z": "tab", "name": f"n{link.number}", **kind, **place, "wires": [follower]}
        )
    return documents
