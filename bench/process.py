"""A process under test: started, measured with its children, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

PROC = Path("/proc")


def free_port() -> int:
    """Find a TCP port on the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, *, seconds: float = 10) -> None:
    """Wait until something accepts connections on a loopback port.

    Raises:
        TimeoutError: Nothing did in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port} after {seconds:g} s")


class Process:
    """Run a command in a session of its own, its output going to a log file.

    Args:
        command: The program and its arguments.
        log: File that takes what it prints.
        environment: Variables to add to the inherited ones.
        directory: Working directory; the current one if None.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.log = log
        self.started_ns = time.monotonic_ns()
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                cwd=directory,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ask the process to stop; after five seconds kill it and its children."""
        self._popen.terminate()
        try:
            self._popen.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def said(self) -> str:
        """Return the end of what the process has printed."""
        return self.log.read_text(errors="replace")[-2000:]

    def running(self) -> bool:
        return self._popen.poll() is None

    def tree(self) -> list[int]:
        """List the ids of the process and of all its living descendants."""
        found, to_see = [], [self._popen.pid]
        while to_see:
            identifier = to_see.pop()
            found.append(identifier)
            for children in PROC.glob(f"{identifier}/task/*/children"):
                to_see.extend(int(child) for child in children.read_text().split())
        return found

    def cpu_seconds(self) -> float:
        """Sum the CPU time, user and system, of all threads of the tree so far.

        Read from each process's own clock (clock_getcpuclockid): the same sum as utime and stime in
        /proc/PID/stat, in nanoseconds instead of ticks of ten milliseconds.
        """
        return sum(time.clock_gettime((~identifier << 3) | 2) for identifier in self.tree())

    def memory_mib(self) -> tuple[float, float]:
        """Sum the resident and the proportional set size of the tree, in MiB."""
        rss = pss = 0
        for identifier in self.tree():
            for line in (PROC / str(identifier) / "smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name == "Rss":
                    rss += int(value.split()[0])
                elif name == "Pss":
                    pss += int(value.split()[0])
        return rss / 1024, pss / 1024
