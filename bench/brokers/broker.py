"""The brokers, each in a process of its own."""

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

PATIENCE = 5.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.005)


MOSQUITTO = "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\npersistence false\n"
RUMQTTD = """
id = 0
[router]
id = 0
max_connections = 10000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10
{listeners}
"""


RUMQTTD_LISTENER = """
[{version}.1]
name = "{version}"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 0
[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = 268435455
max_inflight_count = 100
dynamic_filters = true
"""


AMQTT = """
import asyncio
from amqtt.broker import Broker
async def main():
    plugins = {{"amqtt.plugins.authentication.AnonymousAuthPlugin": {{"allow_anonymous": True}}}}
    listeners = {{"default": {{"type": "tcp", "bind": "127.0.0.1:{port}"}}}}
    broker = Broker({{"listeners": listeners, "plugins": plugins}})
    await broker.start()
    await asyncio.Event().wait()
asyncio.run(main())
"""


class Broker:
    """One broker under test, in a process of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.port = free_port()
        # rumqttd serves the two versions of the protocol on two ports.
        self.port311 = free_port() if name == "iotcore" else self.port
        self.folder = Path(tempfile.mkdtemp(prefix="brokers-"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        config = self.folder / "config.toml"
        if self.name == "mosquitto":
            config.write_text(MOSQUITTO.format(port=self.port))
            program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin")
            assert program
            return [program, "-c", str(config)]
        if self.name == "amqtt":
            return [sys.executable, "-c", AMQTT.format(port=self.port)]
        ports = {"v5": self.port, "v4": self.port311}
        listeners = "".join(RUMQTTD_LISTENER.format(version=key, port=port) for key, port in ports.items())
        config.write_text(RUMQTTD.format(listeners=listeners))
        run = f"from iotcore.iotcore import IotCoreBroker as B; B(config_path={str(config)!r}).run_forever()"
        return [sys.executable, "-c", run]

    def __enter__(self) -> Self:
        log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        try:
            for port in {self.port, self.port311}:
                until(lambda port=port: self.accepts(port), f"{self.name} starts", 10)
        except AssertionError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def accepts(self, port: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return True
        return False

    def memory(self) -> float:
        """Return the resident memory of the broker's process in MB."""
        assert self.process
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


def installed() -> Iterator[str]:
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin"):
        yield "mosquitto"
    for name in ("iotcore", "amqtt"):
        if importlib.util.find_spec(name):
            yield name
