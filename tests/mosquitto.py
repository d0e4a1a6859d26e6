"""A real Mosquitto for tests: started, killed, restarted on its port, paused and stopped at will."""

import asyncio
import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

START_SECONDS = 10.0


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Mosquitto:
    """One broker process on 127.0.0.1, in a directory of its own.

    Args:
        directory: Where its configuration, log and database live; made if missing.
        persistence: Keep sessions and messages over a restart. They are written after every change, so that
            even ``kill`` loses next to nothing, and for certain after ``persist``.
        max_inflight: Receive Maximum of the broker (its own default is 20; 0 means no limit).
        users: Password of each user; None lets anybody in.
        tls: Paths of the authority, the certificate and the key, in PEM; clients may show a certificate.
        require_certificate: With TLS, refuse clients that show none.
        websocket: Open a second listener, for WebSockets, on ``websocket_port``.
        extra: Further configuration lines.
    """

    def __init__(
        self,
        directory: Path,
        *,
        persistence: bool = False,
        max_inflight: int | None = None,
        users: Mapping[str, str] | None = None,
        tls: tuple[Path, Path, Path] | None = None,
        require_certificate: bool = False,
        websocket: bool = False,
        extra: Iterable[str] = (),
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.host = "127.0.0.1"
        self.port = free_port()
        self.websocket_port = free_port() if websocket else 0
        self.config = directory / "mosquitto.conf"
        self.log = directory / "mosquitto.log"
        self._database = directory / "mosquitto.db"
        self._process: subprocess.Popen[bytes] | None = None
        lines = ["per_listener_settings false", f"allow_anonymous {str(users is None).lower()}"]
        # As root it would become another user, who cannot read the directory.
        lines += [f"user {getpass.getuser()}", "max_queued_messages 0", "log_type all", "log_dest stderr"]
        if max_inflight is not None:
            lines.append(f"max_inflight_messages {max_inflight}")
        if persistence:
            lines += ["persistence true", f"persistence_location {directory}/"]
            lines += ["autosave_on_changes true", "autosave_interval 1"]
        if users is not None:
            lines.append(f"password_file {self._write_passwords(users)}")
        lines.append(f"listener {self.port} {self.host}")
        if tls is not None:
            authority, certificate, key = tls
            lines += [f"cafile {authority}", f"certfile {certificate}", f"keyfile {key}"]
            lines.append(f"require_certificate {str(require_certificate).lower()}")
        if websocket:
            lines += [f"listener {self.websocket_port} {self.host}", "protocol websockets"]
        self.config.write_text("\n".join([*lines, *extra, ""]))

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    async def start(self) -> None:
        """Start, or start again on the same port, and wait until it accepts connections.

        Raises:
            RuntimeError: It ended at once or does not listen in time; the sentence quotes its log.
        """
        assert self._process is None, "the broker is running already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                [_program(), "-c", str(self.config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while asyncio.get_running_loop().time() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(self.host, self.port)
                writer.close()
                await writer.wait_closed()
                return
            await asyncio.sleep(0.01)
        self.kill()
        raise RuntimeError(f"Mosquitto did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in good order (SIGTERM); it saves its database. Stopping twice is harmless."""
        self._end(signal.SIGTERM)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open and nothing answers."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on after ``pause``."""
        os.kill(self.pid, signal.SIGCONT)

    async def persist(self) -> None:
        """Make it write its database now, and wait until that has happened."""
        before = self._database.stat().st_mtime_ns if self._database.exists() else 0
        os.kill(self.pid, signal.SIGUSR1)
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not self._database.exists() or self._database.stat().st_mtime_ns == before:
            assert asyncio.get_running_loop().time() < deadline, "Mosquitto did not write its database"
            await asyncio.sleep(0.01)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(with_signal)
            process.send_signal(signal.SIGCONT)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _write_passwords(self, users: Mapping[str, str]) -> Path:
        path = self.directory / "passwords"
        path.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
        path.chmod(0o600)
        subprocess.run([_program("mosquitto_passwd"), "-U", str(path)], check=True, capture_output=True)
        return path


def _program(name: str = "mosquitto") -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
    assert found is not None, f"{name} is not installed: install the Debian package mosquitto"
    return found
