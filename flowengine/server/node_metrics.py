"""The figures that nodes count themselves, for Prometheus."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from flowengine.node import NodeMetric
from flowengine.runtime.cell import Cell

MOST_SERIES: Final = 200
"""Label values of one figure of one node that are shown apart; the others are summed up."""

OTHER: Final = "other"


def node_metrics(cells: Iterable[tuple[str, Cell]]) -> Iterator[Metric]:
    """Yield the figures of nodes.

    Args:
        cells: Cells, each with the id of its flow; that of a resource is empty.
    """
    families: dict[str, Metric] = {}
    for flow, cell in cells:
        by_name: dict[str, list[NodeMetric]] = defaultdict(list)
        for metric in cell.node.metrics() if cell.node is not None else ():
            by_name[metric.name].append(metric)
        for name, metrics in by_name.items():
            first = metrics[0]
            family = families.get(name)
            if family is None:
                kind = CounterMetricFamily if first.kind == "counter" else GaugeMetricFamily
                family = kind(f"flowengine_{name}", first.description, labels=["flow", "node", *first.labels])
                families[name] = family
            for labels, value in _bounded(metrics):
                family.add_metric([flow, cell.id, *labels], value)  # type: ignore[attr-defined]  # both kinds have it
    yield from families.values()


def _bounded(metrics: list[NodeMetric]) -> Iterator[tuple[tuple[str, ...], float]]:
    names = tuple(metrics[0].labels)
    shown = metrics if len(metrics) <= MOST_SERIES else metrics[: MOST_SERIES - 1]
    for metric in shown:
        yield _values(metric.labels, names), metric.value
    rest = metrics[len(shown) :]
    if rest:
        yield tuple(OTHER for _ in names), sum(metric.value for metric in rest)


def _values(labels: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in names)
