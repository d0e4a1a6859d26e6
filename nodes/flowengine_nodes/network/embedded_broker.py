"""An MQTT broker of our own, for a demo or a first try; docs/decisions/0002-embedded-broker.md says which."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from flowengine.errors import FlowEngineError
from flowengine_nodes.network.listening import listen

START_SECONDS = 10.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.02

# The child asks Linux to end it together with us, however we end, and keeps the wish over exec.
_END_WITH_PARENT = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit()
"""

_RUN_MOSQUITTO = _END_WITH_PARENT + "os.execv(sys.argv[2], [sys.argv[2], '-c', sys.argv[3]])"

_RUN_RUMQTTD = f"""{_END_WITH_PARENT}
from iotcore.iotcore import IotCoreBroker
IotCoreBroker(config_path=sys.argv[2]).run_forever()
"""

# "user" only matters to an engine that is root: a Mosquitto that becomes another user no longer ends with its
# parent. max_queued_messages 0, no limit, makes some versions drop everything (fixed in 2.0.17 and 2.0.22).
_MOSQUITTO = """\
user root
listener {port} {host}
allow_anonymous true
persistence false
set_tcp_nodelay true
max_inflight_messages 1000
max_queued_messages 10000000
log_dest stderr
log_type error
log_type warning
"""

# A segment is kept whole in memory, acknowledged or not: at most 200 MB for each topic filter.
_RUMQTTD = """\
id = 0

[router]
id = 0
max_connections = 10000
max_outgoing_packet_count = 200
max_segment_size = 20971520
max_segment_count = 10
"""

_RUMQTTD_LISTENER = """
[{version}.1]
name = "{version}"
listen = "{host}:{port}"
next_connection_delay_ms = 0

[{version}.1.connections]
connection_timeout_ms = 60000
max_payload_size = 268435455
max_inflight_count = 100
dynamic_filters = true
"""


class BrokerKind(StrEnum):
    """The brokers that can be embedded."""

    MOSQUITTO = "mosquitto"
    RUMQTTD = "rumqttd"


class EmbeddedBrokerError(FlowEngineError):
    """The embedded broker cannot run."""

    code: ClassVar[str] = "embedded-broker"


class NoEmbeddedBrokerError(EmbeddedBrokerError):
    """There is no broker on this machine that could be embedded."""

    code = "no-embedded-broker"

    def __str__(self) -> str:
        return (
            "There is no MQTT broker here to run. Install Mosquitto (Debian: apt-get install mosquitto) or "
            "pip install 'flowengine-iiot[demo]'."
        )


class EmbeddedBrokerEndedError(EmbeddedBrokerError):
    """The broker's process ended by itself, or never listened.

    Args:
        kind: Which broker.
        exit_code: Its exit code; None when it runs but does not listen.
        log: The end of what it printed.
    """

    code = "embedded-broker-ended"

    def __init__(self, kind: BrokerKind, exit_code: int | None, log: str) -> None:
        super().__init__(kind, exit_code, log)
        self.kind = kind
        self.exit_code = exit_code
        self.log = log

    def __str__(self) -> str:
        end = "does not listen" if self.exit_code is None else f"ended with exit code {self.exit_code}"
        said = f" It said: {self.log}" if self.log else ""
        return f"The embedded broker ({self.kind}) {end}.{said}"


class EmbeddedBroker:
    """Run a broker as a child process from entry to exit of an ``async with``.

    It keeps sessions and messages in memory: they survive clients, not the broker. Anybody who reaches the
    address may use it, so the address is this machine's own unless another is given.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        kind: Which broker; None takes Mosquitto where it is installed, else rumqttd (package iotcore).
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, kind: BrokerKind | None = None) -> None:
        self.host = host
        self._wanted_port = port
        self._wanted_kind = kind
        self._kind: BrokerKind | None = None
        self._port = 0
        self._port_311 = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: Process | None = None

    @property
    def kind(self) -> BrokerKind:
        """Which broker runs."""
        assert self._kind is not None, "the broker has not been started"
        return self._kind

    @property
    def port(self) -> int:
        """Where MQTT 5 is spoken."""
        return self._port

    @property
    def port_311(self) -> int:
        """Where MQTT 3.1.1 is spoken: the same port with Mosquitto, another with rumqttd."""
        return self._port_311

    @property
    def pid(self) -> int:
        """Process id of the broker."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    async def wait_ended(self) -> None:
        """Wait for the broker to end by itself, which it should never do.

        Raises:
            EmbeddedBrokerEndedError: It did.
        """
        assert self._process is not None, "the broker is not running"
        code = await self._process.wait()
        raise EmbeddedBrokerEndedError(self.kind, code, self._last_words())

    async def __aenter__(self) -> Self:
        """Start the broker and wait until it accepts connections.

        Raises:
            NoEmbeddedBrokerError: Neither broker is installed.
            CannotListenError: The port is taken, or the address is not this machine's.
            EmbeddedBrokerEndedError: It did not start.
        """
        self._kind = self._wanted_kind or _installed_kind()
        self._port = _claim(self.host, self._wanted_port)
        self._port_311 = self._port if self._kind is BrokerKind.MOSQUITTO else _claim(self.host, 0)
        self._folder = tempfile.TemporaryDirectory(prefix="flowengine-broker-")
        try:
            await self._start(Path(self._folder.name))
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self, folder: Path) -> None:
        config = folder / "broker.toml"
        config.write_text(self._configuration())
        script, *arguments = self._command(config)
        with self._log(folder).open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                script,
                str(os.getpid()),
                *arguments,
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the engine, which needs its broker until it has drained.
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                for port in {self._port, self._port_311}:
                    await self._wait_listening(port)
        except TimeoutError:
            raise EmbeddedBrokerEndedError(self.kind, None, self._last_words()) from None

    def _configuration(self) -> str:
        if self._kind is BrokerKind.MOSQUITTO:
            return _MOSQUITTO.format(host=self.host, port=self._port)
        # rumqttd serves each version of the protocol on a port of its own.
        ports = {"v5": self._port, "v4": self._port_311}
        return _RUMQTTD + "".join(
            _RUMQTTD_LISTENER.format(version=version, host=self.host, port=port) for version, port in ports.items()
        )

    def _command(self, config: Path) -> tuple[str, ...]:
        if self._kind is BrokerKind.MOSQUITTO:
            return _RUN_MOSQUITTO, _mosquitto() or "mosquitto", str(config)
        return _RUN_RUMQTTD, str(config)

    async def _wait_listening(self, port: int) -> None:
        assert self._process is not None
        while True:
            if self._process.returncode is not None:
                raise EmbeddedBrokerEndedError(self.kind, self._process.returncode, self._last_words())
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(self.host, port)
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _last_words(self) -> str:
        assert self._folder is not None
        lines = self._log(Path(self._folder.name)).read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])

    @staticmethod
    def _log(folder: Path) -> Path:
        return folder / "broker.log"


def installed_kinds() -> list[BrokerKind]:
    """Return the brokers that can be embedded here, the preferred one first."""
    kinds = []
    if _mosquitto():
        kinds.append(BrokerKind.MOSQUITTO)
    if importlib.util.find_spec("iotcore"):
        kinds.append(BrokerKind.RUMQTTD)
    return kinds


def _installed_kind() -> BrokerKind:
    for kind in installed_kinds():
        return kind
    raise NoEmbeddedBrokerError


def _mosquitto() -> str | None:
    # Debian keeps it in a directory that is not on every user's PATH.
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))


def _claim(host: str, port: int) -> int:
    """Return the port, or a free one for 0, after listening there once for proof."""
    with listen("The embedded broker", host, port) as proof:
        claimed: int = proof.getsockname()[1]
        return claimed
