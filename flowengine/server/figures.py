"""The counters of a flow, as far as they have changed since they were last sent."""

from typing import Any

from flowengine.runtime import RunningFlow


class Figures:
    """Remember what somebody knows of a flow's counters."""

    def __init__(self) -> None:
        self._nodes: dict[str, tuple[int, ...]] = {}
        self._ports: dict[str, int] = {}
        self._account: dict[str, Any] = {}

    def changed(self, flow: RunningFlow) -> dict[str, Any] | None:
        """Return what has changed, and remember that it was told; ``None`` when nothing has.

        Returns:
            ``account``: the flow's books; ``nodes``: by id what the node received, its errors, and what waits at it;
            ``ports``: by ``node.port`` what was sent.
        """
        nodes: dict[str, tuple[int, ...]] = {}
        ports: dict[str, int] = {}
        for id, cell in flow.cells.items():
            stage = flow.stages.get(id)
            counters = (cell.received, cell.errors, stage.waiting if stage is not None else 0)
            if self._nodes.get(id) != counters:
                nodes[id] = self._nodes[id] = counters
            for name, port in cell.node.outputs.items() if cell.node is not None else ():
                place = f"{id}.{name}"
                if self._ports.get(place) != port.sent:
                    ports[place] = self._ports[place] = port.sent
        account = flow.account.as_dict()
        if not nodes and not ports and account == self._account:
            return None
        self._account = account
        return {"account": account, "nodes": nodes, "ports": ports}
