"""The engine's figures for Prometheus, read when they are asked for."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from flowengine.runtime import Engine, RunningFlow

_PER_NODE = ("flow", "node", "type")


class EngineCollector:
    """Turn the counters of an engine into metric families.

    Counting is the runtime's business and costs nothing here until somebody scrapes.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """Return all families as they stand."""
        flows = dict(self._engine.flows)
        yield from _deliveries(flows)
        yield from _nodes(flows)
        yield from _stages(flows)
        up = GaugeMetricFamily(
            "flowengine_flow_up", "1 for a flow that runs, 0 for one that is broken.", labels=["flow"]
        )
        for id in flows:
            up.add_metric([id], 1)
        for id in self._engine.broken:
            up.add_metric([id], 0)
        yield up
        dead = GaugeMetricFamily("flowengine_dead_letters_waiting", "Dead letters not yet in the store.")
        dead.add_metric([], self._engine.world.letters.waiting)
        yield dead


class Metrics:
    """Render the figures.

    Args:
        engine: The engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(EngineCollector(engine))
        ProcessCollector(registry=self._registry)

    def render(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self._registry)


def _deliveries(flows: dict[str, RunningFlow]) -> Iterator[Metric]:
    received = CounterMetricFamily("flowengine_received", "Source messages taken in.", labels=["flow"])
    settled = CounterMetricFamily("flowengine_settled", "Source messages answered for in full.", labels=["flow"])
    failed = CounterMetricFamily("flowengine_failed", "Source messages with a dead letter.", labels=["flow"])
    dropped = CounterMetricFamily(
        "flowengine_dropped", "Source messages given up on purpose.", labels=["flow", "reason"]
    )
    in_flight = GaugeMetricFamily("flowengine_in_flight", "Source messages not yet answered for.", labels=["flow"])
    for id, flow in flows.items():
        received.add_metric([id], flow.account.received)
        settled.add_metric([id], flow.account.settled)
        failed.add_metric([id], flow.account.failed)
        in_flight.add_metric([id], flow.account.in_flight)
        for reason, count in flow.account.dropped.items():
            dropped.add_metric([id, reason], count)
    yield from (received, settled, failed, dropped, in_flight)


def _nodes(flows: dict[str, RunningFlow]) -> Iterator[Metric]:
    received = CounterMetricFamily("flowengine_node_received", "Messages that reached a node.", labels=_PER_NODE)
    sent = CounterMetricFamily("flowengine_node_sent", "Messages a port sent.", labels=[*_PER_NODE, "port"])
    errors = CounterMetricFamily("flowengine_node_errors", "Errors a node raised.", labels=_PER_NODE)
    for id, flow in flows.items():
        for cell in flow.cells.values():
            labels = [id, cell.id, cell.planned.type.name]
            received.add_metric(labels, cell.received)
            errors.add_metric(labels, cell.errors)
            for port in cell.node.outputs.values() if cell.node else ():
                sent.add_metric([*labels, port.name], port.sent)
    yield from (received, sent, errors)


def _stages(flows: dict[str, RunningFlow]) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("flowengine_stage_waiting", "Messages queued at a node.", labels=["flow", "node"])
    working = GaugeMetricFamily("flowengine_stage_working", "Messages a node is working on.", labels=["flow", "node"])
    for id, flow in flows.items():
        for node, stage in flow.stages.items():
            waiting.add_metric([id, node], stage.waiting)
            working.add_metric([id, node], stage.working)
    yield from (waiting, working)
