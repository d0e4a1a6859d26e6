"""The engine's figures for Prometheus, read when they are asked for."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector

from flowengine.message import Account
from flowengine.runtime import Engine, RunningFlow
from flowengine.runtime.outbox_stage import OutboxStage
from flowengine.server.backend import Backend
from flowengine.server.counts import StoreCounts
from flowengine.server.node_metrics import node_metrics
from flowengine.storage import StorageError

log = logging.getLogger("flowengine.metrics")
_PER_NODE = ("flow", "node", "type")
_PER_SINK = ("flow", "node")


class Metrics:
    """Render the figures.

    Counting is the runtime's business and costs nothing here until somebody scrapes.

    Args:
        backend: What is counted.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def render(self) -> bytes:
        """Return the exposition text."""
        registry = CollectorRegistry()
        registry.register(_Collected([*_engine(self._backend.engine), *_service(self._backend)]))
        try:
            registry.register(_Collected(_store(await self._backend.counts.read())))
        except StorageError as error:
            # The rest is wanted most when the store is in trouble.
            log.error("the metrics of the store are left out: %s", error)  # noqa: TRY400 - the sentence says it all
        ProcessCollector(registry=registry)
        # Writing the text takes longest, and needs nothing that changes meanwhile.
        return await asyncio.to_thread(generate_latest, registry)


class _Collected:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _engine(engine: Engine) -> Iterator[Metric]:
    flows = engine.flows
    yield from _deliveries(flows)
    yield from _resources(engine.resources.accounts)
    yield from _nodes(flows)
    yield from _stages(flows)
    yield from _outboxes(flows)
    yield from node_metrics(
        [*((id, cell) for id, flow in flows.items() for cell in flow.cells.values())]
        + [("", cell) for cell in engine.resources.cells.values()]
    )
    latency = HistogramMetricFamily(
        "flowengine_traced_seconds",
        "How long source messages took to be answered for, of those that were traced.",
        labels=["flow"],
    )
    for id, histogram in engine.world.traces.latencies.items():
        latency.add_metric([id], histogram.buckets(), histogram.total)
    yield latency
    up = GaugeMetricFamily("flowengine_flow_up", "1 for a flow that runs, 0 for one that is broken.", labels=["flow"])
    for id in flows:
        up.add_metric([id], 1)
    for id in engine.broken:
        up.add_metric([id], 0)
    yield up
    connected = GaugeMetricFamily(
        "flowengine_resource_up", "1 for a resource that is connected, 0 for one that is not.", labels=["resource"]
    )
    for id, cell in engine.resources.cells.items():
        connected.add_metric([id], cell.status is None or cell.status.level not in {"busy", "error"})
    yield connected
    yield _gauge(
        "flowengine_dead_letters_unstored", "Dead letters on their way to the store.", engine.world.letters.waiting
    )
    yield _gauge("flowengine_watchers", "Those who watch live events.", engine.world.hub.watchers)
    missed = CounterMetricFamily("flowengine_events_missed", "Live events left out because a watcher was slow.")
    missed.add_metric([], engine.world.hub.missed)
    yield missed


def _service(backend: Backend) -> Iterator[Metric]:
    yield _gauge(
        "flowengine_loop_lag_seconds", "By how much the event loop was late when last looked.", backend.rates.lag
    )
    yield _gauge("flowengine_store_waiting", "Writes that wait for the store's next commit.", backend.store.waiting)


def _store(counts: StoreCounts) -> Iterator[Metric]:
    pending = GaugeMetricFamily("flowengine_outbox_pending", "Messages that wait for a sink.", labels=_PER_SINK)
    due = GaugeMetricFamily("flowengine_outbox_due", "Messages of them that could be sent now.", labels=_PER_SINK)
    oldest = GaugeMetricFamily(
        "flowengine_outbox_oldest_seconds", "Age of the oldest message that waits for a sink.", labels=_PER_SINK
    )
    for queue in counts.outbox:
        pending.add_metric([queue.flow, queue.node], queue.pending)
        due.add_metric([queue.flow, queue.node], queue.due)
        oldest.add_metric([queue.flow, queue.node], queue.oldest)
    letters = GaugeMetricFamily("flowengine_dead_letters", "Dead letters.", labels=["flow", "node", "code"])
    for kind in counts.letters:
        letters.add_metric([kind.flow, kind.node, kind.code], kind.letters)
    yield from (pending, due, oldest, letters)


def _deliveries(flows: dict[str, RunningFlow]) -> Iterator[Metric]:
    received = CounterMetricFamily("flowengine_received", "Source messages taken in.", labels=["flow"])
    settled = CounterMetricFamily("flowengine_settled", "Source messages answered for in full.", labels=["flow"])
    failed = CounterMetricFamily("flowengine_failed", "Source messages with a dead letter.", labels=["flow"])
    dropped = CounterMetricFamily(
        "flowengine_dropped", "Source messages given up on purpose.", labels=["flow", "reason"]
    )
    later = CounterMetricFamily(
        "flowengine_dropped_later",
        "Messages that a node had stored, answered for, and gave up on purpose after that.",
        labels=["flow", "reason"],
    )
    in_flight = GaugeMetricFamily("flowengine_in_flight", "Source messages not yet answered for.", labels=["flow"])
    for id, flow in flows.items():
        received.add_metric([id], flow.account.received)
        settled.add_metric([id], flow.account.settled)
        failed.add_metric([id], flow.account.failed)
        in_flight.add_metric([id], flow.account.in_flight)
        for reason, count in flow.account.dropped.items():
            dropped.add_metric([id, reason], count)
        for reason, count in flow.account.dropped_later.items():
            later.add_metric([id, reason], count)
    yield from (received, settled, failed, dropped, later, in_flight)


def _resources(accounts: Mapping[str, Account]) -> Iterator[Metric]:
    dropped = CounterMetricFamily(
        "flowengine_resource_dropped",
        "Messages that a resource got for no flow that runs, and gave up.",
        labels=["resource", "reason"],
    )
    for id, account in accounts.items():
        for reason, count in account.dropped.items():
            dropped.add_metric([id, reason], count)
    yield dropped


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
    waiting = GaugeMetricFamily("flowengine_stage_waiting", "Messages queued at a node.", labels=_PER_SINK)
    working = GaugeMetricFamily("flowengine_stage_working", "Messages a node is working on.", labels=_PER_SINK)
    took = HistogramMetricFamily(
        "flowengine_stage_seconds",
        "How long a node worked on a message or a batch, retries included.",
        labels=_PER_SINK,
    )
    for id, flow in flows.items():
        for node, stage in flow.stages.items():
            waiting.add_metric([id, node], stage.waiting)
            working.add_metric([id, node], stage.working)
            took.add_metric([id, node], stage.times.buckets(), stage.times.total)
    yield from (waiting, working, took)


def _outboxes(flows: dict[str, RunningFlow]) -> Iterator[Metric]:
    stored = CounterMetricFamily("flowengine_outbox_stored", "Messages a sink's outbox took in.", labels=_PER_SINK)
    delivered = CounterMetricFamily("flowengine_outbox_delivered", "Messages a sink delivered.", labels=_PER_SINK)
    passed = CounterMetricFamily(
        "flowengine_outbox_passed", "Messages a sink delivered before they had to be stored.", labels=_PER_SINK
    )
    buried = CounterMetricFamily("flowengine_outbox_buried", "Messages a sink gave up.", labels=_PER_SINK)
    retried = CounterMetricFamily("flowengine_outbox_retried", "Tries of a sink that failed.", labels=_PER_SINK)
    up = GaugeMetricFamily(
        "flowengine_sink_up", "1 for a sink that takes messages, 0 for one that is left alone.", labels=_PER_SINK
    )
    for id, flow in flows.items():
        for node, stage in flow.stages.items():
            if isinstance(stage, OutboxStage):
                up.add_metric([id, node], not stage.outage)
                stored.add_metric([id, node], stage.stored)
                delivered.add_metric([id, node], stage.delivered)
                passed.add_metric([id, node], stage.passed)
                buried.add_metric([id, node], stage.buried)
                retried.add_metric([id, node], stage.retried)
    yield from (stored, delivered, passed, buried, retried, up)


def _gauge(name: str, description: str, value: float) -> Metric:
    gauge = GaugeMetricFamily(name, description)
    gauge.add_metric([], value)
    return gauge
