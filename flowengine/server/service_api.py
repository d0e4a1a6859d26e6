"""The service itself: what it offers, whether it lives, whether it is ready, and its metrics."""

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING

from starlette.responses import Response

from flowengine.runtime.outbox_stage import OutboxStage
from flowengine.server.backend import Backend
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer
from flowengine.server.problem_response import ApiError

if TYPE_CHECKING:
    from flowengine.server.metrics import Metrics

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_NOT_CONNECTED = frozenset({"busy", "error"})


class Health(Answer):
    """Alive: whoever gets this answer has found the event loop at work."""

    status: str
    version: str
    uptime: float
    """Seconds since the start."""
    loop_lag: float
    """Seconds by which the event loop was late when last looked."""
    flows: int
    """Flows that run."""


class Ready(Answer):
    """Ready: every source is connected."""

    ready: bool
    broken: dict[str, str]
    """Flows that do not run, with the reason. They hold up nobody: the others run."""
    away: dict[str, str]
    """Sinks that take nothing at present, with the reason. What is for them waits in their outboxes."""


async def health(call: Call) -> Health:
    """Answer, and so show that the process is alive and its event loop not stuck."""
    rates = call.backend.rates
    return Health(
        status="ok",
        version=version("flowengine-iiot"),
        uptime=call.backend.engine.world.clock.time() - rates.began,
        loop_lag=rates.lag,
        flows=len(call.backend.engine.flows),
    )


async def ready(call: Call) -> Ready:
    """Answer 200 once every source is connected, else 503 with what is missing.

    A flow that is broken holds up nobody, as it stops no other flow; neither does a sink that is away, such as Odoo.
    """
    missing = _missing(call.backend)
    broken = dict(call.backend.engine.broken)
    away = _away(call.backend)
    if missing:
        message = "not ready: " + "; ".join(f"{what} {why}" for what, why in missing.items())
        detail = {"ready": False, "missing": missing, "broken": broken, "away": away}
        raise ApiError(503, "not-ready", message, "/ready", detail)
    return Ready(ready=True, broken=broken, away=away)


async def metrics(call: Call) -> Response:
    """Return the metrics for Prometheus."""
    # In a thread, since the first time loads a library.
    figures = await asyncio.to_thread(_metrics, call.backend)
    return Response(await figures.render(), media_type=PROMETHEUS)


def _metrics(backend: Backend) -> "Metrics":
    from flowengine.server.metrics import Metrics  # noqa: PLC0415 - not every engine is scraped

    return Metrics(backend)


def _missing(backend: Backend) -> dict[str, str]:
    """Return what is not connected, with the reason."""
    missing = {"service": "stopping"} if backend.workspace.closed else {}
    for id, cell in backend.engine.resources.cells.items():
        if cell.status is not None and cell.status.level in _NOT_CONNECTED:
            missing[f"resource {id}"] = cell.status.text
    for id, flow in backend.engine.flows.items():
        if flow.state != "running":
            missing[f"flow {id}"] = flow.state
        for cell in flow.cells.values():
            if cell.planned.type.is_source and cell.status is not None and cell.status.level in _NOT_CONNECTED:
                missing[f"node {id}/{cell.id}"] = cell.status.text
    return missing


def _away(backend: Backend) -> dict[str, str]:
    return {
        f"node {flow}/{node}": stage.outage
        for flow, running in backend.engine.flows.items()
        for node, stage in running.stages.items()
        if isinstance(stage, OutboxStage) and stage.outage
    }


ENDPOINTS = (
    Endpoint("GET", "/health", health, "Show that the process is alive", role=None),
    Endpoint("GET", "/ready", ready, "Show whether every source is connected", role=None),
    Endpoint("GET", "/metrics", metrics, "Show the metrics, for Prometheus", role=None, media_type=PROMETHEUS),
)
