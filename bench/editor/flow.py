"""Flows of any size that look like flows, with messages in them."""

from typing import Any

CHAIN = 10
CHAINS_A_COLUMN = 25


def flow(nodes: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a flow of so many nodes in chains, each fed ten times a second, and its layout."""
    documents: dict[str, Any] = {}
    places: dict[str, Any] = {}
    for number in range(nodes):
        chain, link = divmod(number, CHAIN)
        is_last = link == CHAIN - 1 or number == nodes - 1
        column, row = divmod(chain, CHAINS_A_COLUMN)
        id_ = f"n{number}"
        document: dict[str, Any]
        if link == 0:
            document = {"type": "inject", "config": {"every": "100ms", "fields": {"payload": chain}}}
        else:
            document = {"type": "change", "config": {"rules": [{"set": "$.link", "to": link}]}}
        documents[id_] = document if is_last else {**document, "wires": {"out": [f"n{number + 1}"]}}
        places[id_] = {"x": (column * (CHAIN + 1) + link) * 200, "y": row * 80 + link % 3 * 10}
    return {"flowengine": 1, "id": "large", "nodes": documents}, {"flowengine": 1, "nodes": places}
