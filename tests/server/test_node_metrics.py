from collections.abc import Iterable
from typing import Any

from flowengine.node import NodeMetric
from flowengine.server.node_metrics import MOST_SERIES, OTHER, node_metrics


class OneNode:
    def __init__(self, metrics: Iterable[NodeMetric]) -> None:
        self._metrics = metrics

    def metrics(self) -> Iterable[NodeMetric]:
        return self._metrics


class OneCell:
    """As much of a cell as is looked at."""

    def __init__(self, id: str, metrics: Iterable[NodeMetric] | None) -> None:
        self.id = id
        self.node = None if metrics is None else OneNode(metrics)


def samples(*cells: tuple[str, Any]) -> dict[str, dict[tuple[str, ...], float]]:
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in node_metrics(cells)
    }


def test_figures_of_nodes_are_joined_by_name() -> None:
    def counted(value: float) -> NodeMetric:
        return NodeMetric("things", "Things.", value, {"kind": "x"})

    online = NodeMetric("online", "Online.", 3, {}, "gauge")
    found = samples(
        ("f", OneCell("a", [counted(1), online])), ("", OneCell("r", [counted(2)])), ("f", OneCell("b", None))
    )
    assert found == {
        "flowengine_things": {("f", "a", "x"): 1, ("", "r", "x"): 2},
        "flowengine_online": {("f", "a"): 3},
    }


def test_labels_without_end_are_summed_up() -> None:
    metrics = [NodeMetric("things", "Things.", 1, {"kind": str(number)}) for number in range(MOST_SERIES + 10)]
    found = samples(("f", OneCell("a", metrics)))["flowengine_things"]
    assert len(found) == MOST_SERIES
    assert found["f", "a", OTHER] == 11
    assert sum(found.values()) == len(metrics)
