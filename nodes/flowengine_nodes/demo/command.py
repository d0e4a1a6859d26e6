"""``flowengine demo``: everything on one machine, with nothing to install."""

import asyncio
import os
import signal
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
import uvloop

from flowengine.cli.exit_code import ExitCode
from flowengine.cli.log import set_up_log
from flowengine.node import SystemClock
from flowengine.server.service import Service, ServiceOptions
from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.pairing import Applicant
from flowengine_nodes.iiot.simulator.registration import applicants, enrol, names
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.network.embedded_broker import EmbeddedBroker

EXAMPLE = "Example: DEMO_SECONDS=20 flowengine demo"
# The longest that messages on their way get to arrive once the devices have stopped.
PATIENCE = 60.0
LOOK_AGAIN = 0.05
FLOW = "telemetry"
PAIRING = "pairing"
REGISTRY = "registry"


class DemoTotals(NamedTuple):
    """What became of the messages.

    Attributes:
        sent: Messages the devices sent and the broker acknowledged.
        mapped: Messages the flow has given their shape.
        delivered: Different messages that arrived at the stand-in.
        repeated: Arrivals of a message that had arrived before.
        failed: Dead letters.
        in_flight: Messages that are in the flow or the outbox.
    """

    sent: int
    mapped: int
    delivered: int
    repeated: int
    failed: int
    in_flight: int

    @property
    def is_complete(self) -> bool:
        """Whether everything has arrived."""
        return self.sent == self.delivered and not self.failed and not self.in_flight

    def __str__(self) -> str:
        return (
            f"sent {self.sent}  mapped {self.mapped}  delivered {self.delivered} (repeated {self.repeated})  "
            f"failed {self.failed}  in flight {self.in_flight}"
        )


def demo(
    folder: Annotated[Path, typer.Argument(help="Folder of flows.")] = Path("flows"),
    devices: Annotated[int, typer.Option(min=1, help="How many devices to simulate.")] = 20,
    interval: Annotated[float, typer.Option(min=0.01, help="Seconds between two messages of a device.")] = 1.0,
    seconds: Annotated[
        float, typer.Option(envvar="DEMO_SECONDS", min=0, help="Stop after this long; 0 runs until Ctrl-C.")
    ] = 0.0,
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="Port of the server; 0 for any.")] = 8000,
) -> None:
    """Run broker, devices, flows and a stand-in for Odoo on this machine.

    It exits with 0 only if everything that the devices sent has arrived.
    """
    set_up_log("text", "warning")
    with (
        tempfile.TemporaryDirectory(prefix="flowengine-demo-") as scratch,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        totals = runner.run(_run(folder, Path(scratch), devices, interval, seconds, port))
    if not totals.is_complete:
        print("flowengine demo: not everything that the devices sent has arrived")
        raise typer.Exit(ExitCode.PROBLEMS)
    print("Everything that the devices sent has arrived.")


async def _run(folder: Path, scratch: Path, devices: int, interval: float, seconds: float, port: int) -> DemoTotals:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(EmbeddedBroker())
        odoo = await stack.enter_async_context(OdooStandIn())
        variables = os.environ | {
            "MQTT_BROKER_HOST": broker.host,
            "MQTT_BROKER_PORT": str(broker.port),
            "ODOO_BASE_URL": odoo.url,
            # The demo counts every message, so each must be sent.
            "ODOO_COALESCE": "false",
        }
        options = ServiceOptions(
            folder=folder, port=port, store=f"sqlite:///{scratch}/store.db", watch=True, variables=variables
        )
        service = await stack.enter_async_context(Service(options).running())
        site = Site(host=broker.host, port=broker.port, interval=interval)
        fleet = await stack.enter_async_context(Fleet(await _enrolled(service, names(devices)), site))
        print(f"flowengine demo: {devices} simulated devices, one message each every {interval:g} s")
        print(f"  editor          {service.url}/editor/")
        print(f"  server          {service.url}  (health, metrics, admin API)")
        print(f"  MQTT broker     mqtt://{broker.host}:{broker.port}  ({broker.kind})")
        print(f"  Odoo stand-in   {odoo.url}  (counts what arrives; it is not Odoo)")
        print(f"Running for {seconds:g} s." if seconds else "Running until Ctrl-C.", flush=True)
        timer = loop.call_later(seconds, stopping.set) if seconds else None
        try:
            await _report(service, fleet, odoo, stopping)
        finally:
            if timer is not None:
                timer.cancel()
        await fleet.stop()
        totals = await _arrived(service, fleet, odoo)
        print(totals, flush=True)
        return totals


async def _enrolled(service: Service, ids: list[str]) -> list[Applicant]:
    registry = service.engine.world.resources.get(REGISTRY)
    # A folder of one's own may have no registry, or nothing that pairs.
    if not isinstance(registry, Registry):
        return applicants(ids)
    return await enrol(registry, ids, pair=PAIRING in service.engine.flows)


async def _report(service: Service, fleet: Fleet, odoo: OdooStandIn, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            async with asyncio.timeout(5):
                await stopping.wait()
        except TimeoutError:
            print(await _totals(service, fleet, odoo), flush=True)


async def _arrived(service: Service, fleet: Fleet, odoo: OdooStandIn) -> DemoTotals:
    clock = SystemClock()
    deadline = clock.monotonic() + PATIENCE
    while True:
        totals = await _totals(service, fleet, odoo)
        if totals.is_complete or totals.failed or clock.monotonic() > deadline:
            return totals
        await clock.sleep(LOOK_AGAIN)


async def _totals(service: Service, fleet: Fleet, odoo: OdooStandIn) -> DemoTotals:
    flow = service.engine.flows.get(FLOW)
    mapper = flow.cells["map"] if flow is not None and "map" in flow.cells else None
    store = service.engine.world.store
    waiting = sum(count.pending for count in await store.outbox.counts())
    return DemoTotals(
        sent=fleet.totals.acknowledged,
        mapped=mapper.received - mapper.errors if mapper is not None else 0,
        delivered=odoo.received,
        repeated=odoo.duplicates,
        failed=await store.dead_letters.count(),
        in_flight=waiting + (flow.account.in_flight if flow is not None else 0),
    )
