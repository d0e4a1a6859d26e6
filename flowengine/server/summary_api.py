"""The metrics in short, for people and for the editor."""

from pydantic import Field

from flowengine.server.account_figures import AccountFigures
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Query
from flowengine.server.outbox_api import SinkQueue


class Rate(Answer):
    """Messages a second, on average."""

    received: float
    settled: float
    failed: float
    dropped: float


class FlowSummaryFigures(Answer):
    """How a flow is doing."""

    id: str
    state: str
    account: AccountFigures
    rate: Rate
    errors: int
    """Errors that its nodes raised."""


class Summary(Answer):
    """How everything is doing."""

    at: float
    """When it was read, in seconds since 1970."""
    uptime: float
    """Seconds since the start."""
    revision: str
    """What is deployed."""
    flows: list[FlowSummaryFigures]
    broken: dict[str, str]
    """Flows that do not run, with the reason."""
    outbox: list[SinkQueue]
    """What waits for each sink; some seconds old at most."""
    dead_letters: int
    """Likewise."""
    store_waiting: int
    """Writes that wait for the next commit."""
    loop_lag: float
    """Seconds by which the event loop was late when last looked."""
    watchers: int
    """How many watch live events."""


class SummaryQuery(Query):
    """How far to look back."""

    seconds: float = Field(default=10, ge=1, le=60)
    """Seconds that rates are averaged over."""


async def get_summary(call: Call, query: SummaryQuery) -> Summary:
    """Return the books and the rates of all flows, and what waits in the store."""
    backend = call.backend
    counts = await backend.counts.read()
    clock = backend.engine.world.clock
    rates = backend.rates.read(query.seconds)
    return Summary(
        at=clock.time(),
        uptime=clock.time() - backend.rates.began,
        revision=backend.engine.revision,
        flows=[
            FlowSummaryFigures(
                id=id,
                state=flow.state,
                account=AccountFigures.of(flow.account),
                rate=Rate(**rates[id]._asdict()),
                errors=sum(cell.errors for cell in flow.cells.values()),
            )
            for id, flow in sorted(backend.engine.flows.items())
        ],
        broken=dict(backend.engine.broken),
        outbox=[SinkQueue(**one._asdict()) for one in counts.outbox],
        dead_letters=sum(one.letters for one in counts.letters),
        store_waiting=backend.store.waiting,
        loop_lag=backend.rates.lag,
        watchers=backend.engine.world.hub.watchers,
    )


ENDPOINTS = (Endpoint("GET", "/admin/api/summary", get_summary, "Show how everything is doing"),)
