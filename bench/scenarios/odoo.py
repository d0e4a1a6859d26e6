"""Telemetry that becomes values of Odoo's records, and records that are made there, on a real Odoo."""

import asyncio
import json
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.broker import Mosquitto
from bench.engine import FLOWS, STORE, FlowEngine
from bench.figure import Figure, Figures, Goal
from bench.odoo_server import MODEL, READINGS, OdooServer
from bench.process import Process, free_port, wait_for_port
from bench.registration import device_name, enter_devices
from bench.side import Side
from bench.stand import RunError
from bench.worker import Worker
from flowengine.message import encode_fields
from flowengine.storage import Entry, Store

DEVICES = 1_000
RATE = 5_000.0
SECONDS = 30.0
ALONE = 400
CREATES = 100_000
PORTION = 5_000
PATIENCE = 120.0
LOOK_AGAIN = 0.5
FIELDS = {"id": "integer", "temperature": "float", "humidity": "float", "battery": "float"}
RULES = [{"path": f"$.{name}", "field": f"x_{name}"} for name in FIELDS]


class OdooTelemetry:
    """Let 1,000 devices send 5,000 messages a second, each changing four fields of its own equipment.

    The same is done one write a message beside it, for a while, and its cost taken times as many messages.

    Args:
        addon: Whether the values go through the addon's webhook; else through JSON-2.
    """

    limited = False

    def __init__(self, *, addon: bool) -> None:
        self._addon = addon
        self.name = "odoo-addon" if addon else "odoo"
        way = "the addon's webhook" if addon else "JSON-2"
        self.title = f"{RATE:,.0f} messages/s of {DEVICES:,} devices to Odoo's fields, by {way}"
        self.figures = (
            Figure("rate", "telemetry sent", "messages/s"),
            Figure("lag", "Odoo behind what was sent, median", "s", digits=1),
            Figure("lag_most", "Odoo behind, at most", "s", digits=1),
            Figure("wrong", "fields without their newest value", "fields", Goal("at most", 0, "unit")),
            Figure("behind", "until the last value has arrived", "s", digits=1),
            Figure("odoo_us", "CPU of Odoo and PostgreSQL a message", "µs"),
            Figure("alone_us", "the same, one write a message", "µs"),
            Figure("ratio", "times as much, one write a message", "", Goal("at least", 20, "unit"), 1),
            Figure("engine_us", "CPU of the engine a message", "µs"),
            Figure("busy", "Odoo and PostgreSQL", "cores", digits=2),
        )

    def measure(self, work: Path, side: Side) -> Figures:
        assert isinstance(side, FlowEngine)
        with ExitStack() as parts:
            odoo = parts.enter_context(OdooServer(addon=self._addon))
            odoo.add_fields(MODEL, {f"x_{name}": kind for name, kind in FIELDS.items()})
            odoo.add_equipment(DEVICES)
            if self._addon:
                odoo.add_devices([device_name(number) for number in range(DEVICES)])
            alone_us = self._one_by_one(odoo)
            directory = Path(parts.enter_context(tempfile.TemporaryDirectory(dir=work)))
            broker = parts.enter_context(Mosquitto(directory))
            enter_devices(directory / STORE, DEVICES, RULES)
            engine = parts.enter_context(_engine(side, directory, odoo, broker.port))
            load = parts.enter_context(Worker("bench.odoo_load", "--port", str(broker.port), "--devices", str(DEVICES)))
            found = self._telemetry(odoo, engine, load)
            return {**found, "alone_us": alone_us, "ratio": alone_us / found["odoo_us"]}

    def _one_by_one(self, odoo: OdooServer) -> float:
        """Return what a message costs Odoo when each is a request, in µs of CPU."""
        with odoo.client() as client:
            before = sum(odoo.cpu_seconds())
            for number in range(ALONE):
                record = number % DEVICES + 1
                values = {"x_id": number, "x_temperature": 15.5, "x_humidity": 48.0 + number, "x_battery": 3.7}
                if self._addon:
                    body: Any = {"writes": [{"model": MODEL, "id": record, "values": values}]}
                    answer = client.post(f"/iiot/webhook/{device_name(number % DEVICES)}", json=body)
                else:
                    body = {"ids": [record], "vals": values}
                    answer = client.post(f"/json/2/{MODEL}/write", json=body)
                if answer.status_code != 200:
                    raise RunError(f"Odoo answered {answer.status_code}: {answer.text[:500]}")
            return (sum(odoo.cpu_seconds()) - before) / ALONE * 1e6

    def _telemetry(self, odoo: OdooServer, engine: Process, load: Worker) -> Figures:
        before, cpu = sum(odoo.cpu_seconds()), engine.cpu_seconds()
        load.ask("begin", rate=RATE, seconds=SECONDS)
        began = time.monotonic()
        lags: list[float] = []
        while True:
            totals = load.ask("totals")
            lags.append((totals["sent"] - odoo.highest("x_id")) / RATE)
            if totals["done"]:
                break
            time.sleep(LOOK_AGAIN)
        sending = time.monotonic() - began
        wanted = {number % DEVICES + 1: number for number in range(totals["sent"] - DEVICES + 1, totals["sent"] + 1)}
        wrong = _until_right(odoo, wanted)
        behind = time.monotonic() - began - sending
        spent = sum(odoo.cpu_seconds()) - before
        return {
            "rate": totals["sent"] / sending,
            "lag": statistics.median(lags),
            "lag_most": max(lags),
            "wrong": wrong,
            "behind": behind,
            "odoo_us": spent / totals["sent"] * 1e6,
            "engine_us": (engine.cpu_seconds() - cpu) / totals["sent"] * 1e6,
            "busy": spent / (sending + behind),
        }


class OdooBacklog:
    """Let a backlog of 100,000 records, each with a key that it must not be made twice by, drain into Odoo."""

    limited = False
    name = "odoo-backlog"
    title = f"a backlog of {CREATES:,} records to be made in Odoo, each once"
    figures = (
        Figure("rate", "records made", "records/s", Goal("at least", 1_000, "unit")),
        Figure("wrong", "missing or made twice", "records", Goal("at most", 0, "unit")),
        Figure("odoo_us", "CPU of Odoo and PostgreSQL a record", "µs"),
        Figure("engine_us", "CPU of the engine a record", "µs"),
    )

    def measure(self, work: Path, side: Side) -> Figures:
        assert isinstance(side, FlowEngine)
        with ExitStack() as parts:
            odoo = parts.enter_context(OdooServer(addon=False))
            odoo.add_readings()
            directory = Path(parts.enter_context(tempfile.TemporaryDirectory(dir=work)))
            broker = parts.enter_context(Mosquitto(directory))
            enter_devices(directory / STORE, 1)
            asyncio.run(_fill(directory / STORE))
            before = sum(odoo.cpu_seconds())
            engine = parts.enter_context(_engine(side, directory, odoo, broker.port))
            began, cpu = time.monotonic(), engine.cpu_seconds()
            made, end = 0, time.monotonic() + PATIENCE
            while made < CREATES and time.monotonic() < end:
                time.sleep(LOOK_AGAIN)
                found = odoo.count(READINGS)
                if found > made:
                    made, end = found, time.monotonic() + PATIENCE
            seconds = time.monotonic() - began
            unique = odoo.count(f"(SELECT DISTINCT x_uid FROM {READINGS}) AS one")
            return {
                "rate": made / seconds,
                "wrong": CREATES - unique + made - unique,
                "odoo_us": (sum(odoo.cpu_seconds()) - before) / CREATES * 1e6,
                "engine_us": (engine.cpu_seconds() - cpu) / CREATES * 1e6,
            }


def _engine(side: FlowEngine, directory: Path, odoo: OdooServer, broker_port: int) -> Process:
    flows = directory / "flows"
    flows.mkdir()
    (flows / "odoo.flow.json").write_text((FLOWS / "odoo.flow.json").read_text())
    resources = json.loads((FLOWS / "resources.json").read_text())
    resources["resources"]["main"]["config"]["port"] = broker_port
    resources["resources"]["registry"] = {"type": "iiot-registry"}
    names = {"base_url": "BASE_URL", "database": "DATABASE", "login": "LOGIN", "api_key": "API_KEY"}
    config = {name: f"${{ODOO_{variable}}}" for name, variable in names.items()}
    resources["resources"]["odoo"] = {"type": "odoo-server", "config": config}
    (flows / "resources.json").write_text(json.dumps(resources))
    port = free_port()
    engine = side.run(flows, directory, port, odoo.environment)
    try:
        wait_for_port(port, seconds=30)
    except TimeoutError as error:
        engine.stop()
        raise RunError(f"the engine does not start:\n{engine.said()}") from error
    return engine


async def _fill(store: Path) -> None:
    """Put records into the outbox, as they wait there after a night without Odoo."""
    opened = await Store.open(f"sqlite:///{store}")
    try:
        for first in range(0, CREATES, PORTION):
            entries = [
                Entry("odoo", "make", encode_fields({"payload": _reading(number)}))
                for number in range(first, first + PORTION)
            ]
            stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            opened.outbox.put_nowait(entries, lambda _, stored=stored: stored.set_result(None))  # type: ignore[misc]
            await stored
    finally:
        await opened.close()


def _reading(number: int) -> dict[str, Any]:
    return {"x_uid": f"r{number:06d}", "x_value": number / 10, "x_equipment": number % DEVICES}


def _until_right(odoo: OdooServer, wanted: dict[int, int]) -> int:
    """Wait until each record has its newest number, and return how many have not in the end."""
    end = time.monotonic() + PATIENCE
    while True:
        found = odoo.newest("x_id")
        wrong: int = sum(found.get(record) != number for record, number in wanted.items())
        if not wrong or time.monotonic() > end:
            return wrong
        time.sleep(LOOK_AGAIN)
