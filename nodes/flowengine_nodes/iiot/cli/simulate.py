"""``flowengine simulate``: devices that are not there."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from flowengine.cli.exit_code import ExitCode
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE
from flowengine.cli.text import json_text, table
from flowengine_nodes.iiot.cli.firmware import UnreadableFileError
from flowengine_nodes.iiot.cli.opening import opened_registry
from flowengine_nodes.iiot.ota.signing import KeyFormatError, key_id
from flowengine_nodes.iiot.registry.device import is_device_id
from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.fleet import Fleet
from flowengine_nodes.iiot.simulator.machines import KINDS
from flowengine_nodes.iiot.simulator.pairing import Applicant
from flowengine_nodes.iiot.simulator.registration import applicants, enrol, names
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.iiot.simulator.totals import Totals

EXAMPLE = "Example: flowengine simulate --devices 1000 --pair --interval 10 --seconds 60"
MOST = 10_000
PROGRESS_SECONDS = 5.0
_ALWAYS = frozenset({"sent", "acknowledged"})


def simulate(
    host: Annotated[str, typer.Option(envvar="MQTT_BROKER_HOST", help="The broker's address.")] = "localhost",
    port: Annotated[int, typer.Option(envvar="MQTT_BROKER_PORT", min=1, max=65535, help="Its port.")] = 1883,
    tls: Annotated[bool, typer.Option(envvar="MQTT_USE_TLS", help="Whether it speaks TLS.")] = False,  # noqa: FBT002 - an option
    ca: Annotated[Path | None, typer.Option(help="Certificates to trust, in PEM.", exists=True)] = None,
    username: Annotated[str, typer.Option(envvar="MQTT_PAIRING_USERNAME", help="User of unpaired devices.")] = "",
    password: Annotated[
        str, typer.Option(envvar="MQTT_PAIRING_PASSWORD", help="Its password.", show_default=False)
    ] = "",
    request_topic: Annotated[
        str, typer.Option(envvar="MQTT_CONFIG_REQUEST_TOPIC", help="Topic on which devices ask to be paired.")
    ] = "iiot/config/request",
    devices: Annotated[int, typer.Option(min=1, max=MOST, help="How many devices.")] = 20,
    kind: Annotated[
        list[str] | None, typer.Option(help=f"What they are: {', '.join(KINDS)}; may be repeated, all in turn if not.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="What their ids begin with.")] = "",
    enter: Annotated[bool, typer.Option(help="Enter them into the registry first, as if paired.")] = False,  # noqa: FBT002 - likewise
    pair: Annotated[bool, typer.Option(help="Enter them into the registry and have them pair.")] = False,  # noqa: FBT002 - likewise
    store: Annotated[
        str, typer.Option("--store", envvar="FLOWENGINE_STORE", metavar="ADDRESS", help="Store of the registry.")
    ] = DEFAULT_STORE,
    secret_key: Annotated[
        str, typer.Option(envvar="IIOT_SECRET_KEY", help="Key of the registry, if it has one.", show_default=False)
    ] = "",
    interval: Annotated[float, typer.Option(min=0.01, help="Seconds from one reading of a device to the next.")] = 1.0,
    seconds: Annotated[float, typer.Option(min=0, help="Stop after this long; 0 runs until Ctrl-C.")] = 0.0,
    ramp: Annotated[float, typer.Option(min=1, help="Devices that start in a second, at most.")] = 500.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same readings and the same misbehaviour.")] = 1,
    drop: Annotated[float, typer.Option(min=0, max=1, help="Share of readings never sent.")] = 0.0,
    duplicate: Annotated[float, typer.Option(min=0, max=1, help="Share of messages sent twice.")] = 0.0,
    reorder: Annotated[float, typer.Option(min=0, max=1, help="Share of messages sent after the next one.")] = 0.0,
    garbage: Annotated[float, typer.Option(min=0, max=1, help="Share of messages followed by nonsense.")] = 0.0,
    sensor_faults: Annotated[
        float, typer.Option(min=0, max=1, help="Share of readings in which a sensor begins to fail.")
    ] = 0.0,
    clock_drift: Annotated[float, typer.Option(min=0, help="Largest error of a device's clock, in seconds.")] = 0.0,
    silent_commands: Annotated[float, typer.Option(min=0, max=1, help="Share of commands not answered.")] = 0.0,
    failing_updates: Annotated[float, typer.Option(min=0, max=1, help="Share of updates that do not verify.")] = 0.0,
    reverted_updates: Annotated[
        float, typer.Option(min=0, max=1, help="Share of updates whose version does not start.")
    ] = 0.0,
    silent_updates: Annotated[float, typer.Option(min=0, max=1, help="Share of updates not reported on.")] = 0.0,
    power_loss: Annotated[
        float, typer.Option(min=0, max=1, help="Share of updates in which the power goes once.")
    ] = 0.0,
    storm: Annotated[
        float, typer.Option(min=0, help="Seconds between moments at which all lose their connections; 0 for none.")
    ] = 0.0,
    update_seconds: Annotated[float, typer.Option(min=0, help="Seconds for each part of an update.")] = 1.0,
    firmware_key: Annotated[
        Path | None, typer.Option(help="Public key, in PEM, by which devices check firmware.", exists=True)
    ] = None,
    format: Format = "text",
) -> None:
    """Run simulated devices: they pair, measure, answer commands and take firmware, and misbehave when told to.

    With --enter or --pair they are entered into the registry of the store first, with a profile for each kind. It
    exits with 0 if the broker has acknowledged everything that was sent, and with 1 if not, if a device was refused, or
    if none has come so far as to connect.
    """
    unknown = sorted(set(kind or ()) - set(KINDS))
    if unknown:
        raise typer.BadParameter(f'there is no kind "{unknown[0]}"; one of {", ".join(KINDS)}', param_hint="--kind")
    ids = names(devices, tuple(kind or KINDS), prefix)
    if not is_device_id(ids[0]):
        message = f'"{ids[0]}" cannot be the id of a device: without /, + and #, 128 characters at most'
        raise typer.BadParameter(message, param_hint="--prefix")
    site = Site(
        host=host,
        port=port,
        tls=_trust(ca) if tls or ca else None,
        username=username,
        password=password,
        request_topic=request_topic,
        interval=interval,
        update_seconds=update_seconds,
        firmware_key=_key(firmware_key) if firmware_key else "",
        seed=seed,
    )
    behaviour = Behaviour(
        drop=drop,
        duplicate=duplicate,
        reorder=reorder,
        garbage=garbage,
        sensor_faults=sensor_faults,
        clock_drift=clock_drift,
        silent_commands=silent_commands,
        failing_updates=failing_updates,
        reverted_updates=reverted_updates,
        silent_updates=silent_updates,
        power_loss=power_loss,
    )

    async def run() -> Totals:
        who = await _entered(store, secret_key, ids, pair=pair) if enter or pair else applicants(ids)
        fleet = Fleet(who, site, behaviour, ramp=ramp, storm=storm)
        return await _run(fleet, seconds, quiet=format == "json")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        totals = runner.run(run())
    print(json_text(totals.facts()) if format == "json" else _summary(totals))
    if not totals.reached:
        why = totals.last_error or "nobody answers requests to pair; does an engine with the flow pairing run on it?"
        print(f"flowengine: no device has a connection to {host}:{port}: {why}", file=sys.stderr)
    if totals.sent != totals.acknowledged or totals.pairing_refused or not totals.reached:
        raise typer.Exit(ExitCode.PROBLEMS)


def _trust(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        assert ca is not None
        raise UnreadableFileError(ca, "it holds no certificate in PEM") from error


def _key(file: Path) -> str:
    try:
        text = file.read_text()
        key_id(text)
    except (UnicodeDecodeError, KeyFormatError) as error:
        raise UnreadableFileError(file, "it holds no public key; keygen writes one beside the private key") from error
    return text


async def _entered(store: str, secret_key: str, ids: list[str], *, pair: bool) -> list[Applicant]:
    async with opened_registry(store) as registry:
        if pair:
            await registry.tokens.load(secret_key)
        return await enrol(registry, ids, pair=pair)


async def _run(fleet: Fleet, seconds: float, *, quiet: bool) -> Totals:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if seconds:
        loop.call_later(seconds, stopping.set)
    async with fleet:
        while not stopping.is_set():
            try:
                async with asyncio.timeout(PROGRESS_SECONDS):
                    await stopping.wait()
            except TimeoutError:
                if not quiet:
                    print(fleet.totals.line(), flush=True)
    return fleet.totals


def _summary(totals: Totals) -> str:
    """Return all that was counted, a line each; what did not happen is left out."""
    counted = [(name, value) for name, value in totals.facts().items() if name != "connected"]
    rows = [(name.replace("_", " "), _shown(value)) for name, value in counted if value or name in _ALWAYS]
    return table(rows)


def _shown(value: str | int | Mapping[str, int]) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return ", ".join(f"{name} {count:,}" for name, count in sorted(value.items()))
