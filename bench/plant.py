"""All shipped flows between a broker, many simulated devices and what stands in for Odoo."""

import asyncio
import json
import resource
import shutil
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.broker import Mosquitto
from bench.engine import STORE, FlowEngine
from bench.process import Process, free_port
from bench.stand import START_SECONDS, RunError
from bench.worker import Worker
from flowengine.node import SystemClock
from flowengine.storage import Store
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.simulator.registration import enrol, names

SHIPPED = Path(__file__).parents[1] / "flows"
# Files that a process has open beside the connections of devices.
SPARE_FILES = 500


class Plant:
    """Set up everything, with the devices entered but not connected; torn down on leaving the context.

    Args:
        work: Directory for temporary files.
        side: The engine under test.
        devices: How many devices.
        interval: Seconds from one reading of a device to the next.
        failing: Share of updates that do not verify.
        silent: Share of updates of which a device says nothing.

    Attributes:
        engine: The engine's process.
        devices: The worker with the devices.
        odoo: The worker that stands in for Odoo.
    """

    engine: Process
    devices: Worker
    odoo: Worker

    def __init__(
        self,
        work: Path,
        side: FlowEngine,
        *,
        devices: int,
        interval: float,
        failing: float = 0.0,
        silent: float = 0.0,
    ) -> None:
        self._work = work
        self._side = side
        self._count = devices
        self._arguments = ("--interval", str(interval), "--failing", str(failing), "--silent", str(silent))
        self._port = free_port()

    def __enter__(self) -> Self:
        _allow_files(self._count + SPARE_FILES)
        with ExitStack() as parts:
            directory = Path(parts.enter_context(tempfile.TemporaryDirectory(dir=self._work)))
            flows = directory / "flows"
            flows.mkdir()
            for file in (SHIPPED / "resources.json", *SHIPPED.glob("*.flow.json")):
                shutil.copy(file, flows)
            self.store = f"sqlite:///{directory / STORE}"
            asyncio.run(_enter(self.store, self._count))
            broker = parts.enter_context(Mosquitto(directory))
            self.odoo = parts.enter_context(Worker("bench.odoo"))
            environment = {
                "MQTT_BROKER_HOST": "127.0.0.1",
                "MQTT_BROKER_PORT": str(broker.port),
                "ODOO_BASE_URL": self.odoo.ask("url")["url"],
                # It counts every message.
                "ODOO_COALESCE": "false",
                "FIRMWARE_DIR": str(directory / "firmware"),
                "FIRMWARE_BASE_URL": f"http://127.0.0.1:{self._port}/firmware",
            }
            self.engine = parts.enter_context(self._side.run(flows, directory, self._port, environment))
            self._wait_until_ready()
            arguments = ("--port", str(broker.port), "--devices", str(self._count), *self._arguments)
            self.devices = parts.enter_context(Worker("bench.devices", *arguments))
            self.devices.ask("ready")
            self._parts = parts.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.__exit__(kind, error, trace)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the engine's HTTP API; bytes are sent as they are, all else as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        url = f"http://127.0.0.1:{self._port}{path}"
        request = urllib.request.Request(url, data=data, headers={"Content-Type": kind}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.engine.running():
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/ready", timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise RunError(f"the engine was not ready:\n{self.engine.said()}")


def _allow_files(count: int) -> None:
    """Let this process and those that it starts open so many files.

    Raises:
        RunError: The system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise RunError(f"{count:,} open files are needed and {hard:,} are allowed: raise the limit with ulimit -Hn")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


async def _enter(store: str, count: int) -> None:
    opened = await Store.open(store)
    try:
        groups = EmbeddedGroups(opened.tables, SystemClock())
        await groups.migrate()
        await enrol(groups, names(count), pair=False)
    finally:
        await opened.close()
