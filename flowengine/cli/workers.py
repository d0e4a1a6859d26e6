"""Several processes that run the same flows."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import NamedTuple

from flowengine.cli.exit_code import ExitCode
from flowengine.errors import FlowEngineError
from flowengine.node import SystemClock

log = logging.getLogger("flowengine.workers")
WORKER = "FLOWENGINE_WORKER"
# A worker that dies at once must not be started again in a tight loop.
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
STEADY_SECONDS = 60.0


class WorkersStoreError(FlowEngineError):
    """Several workers were asked for with a store that they cannot share."""

    code = "workers-store"

    def __str__(self) -> str:
        return (
            "several workers share one PostgreSQL database: name it with --store postgresql://USER:PASSWORD@HOST/NAME"
        )


class WorkersPortError(FlowEngineError):
    """Several workers were asked for on a port of the system's choice."""

    code = "workers-port"

    def __str__(self) -> str:
        return "several workers listen on one port: name it with --port"


class Worker(NamedTuple):
    """One of several processes.

    Args:
        number: Which one, from 0.
        lifeline: File descriptor that comes to its end when the process that started it does.
    """

    number: int
    lifeline: int


def worker_of(variables: Mapping[str, str]) -> Worker | None:
    """Return which worker this process is, or ``None`` when it is the only one or starts the others.

    Args:
        variables: Variables of the process.
    """
    number, _, lifeline = variables.get(WORKER, "").partition(":")
    return Worker(int(number), int(lifeline)) if number.isdecimal() and lifeline.isdecimal() else None


def supervise(count: int, store: str, port: int) -> int:
    """Run workers until SIGTERM or SIGINT, and start again those that die.

    Args:
        count: How many.
        store: Address of the store.
        port: Port they share.

    Returns:
        The exit code: 0 if every worker stopped well.

    Raises:
        WorkersStoreError: The store cannot be shared.
        WorkersPortError: There is no port to share.
    """
    if not store.startswith("postgresql"):
        raise WorkersStoreError
    if port == 0:
        raise WorkersPortError
    stopping = threading.Event()
    # The other end stays open here, and closes with this process however it dies.
    lifeline, _held = os.pipe()
    kept = [_KeptWorker(Worker(number, lifeline), stopping) for number in range(count)]

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        for worker in kept:
            worker.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    for worker in kept:
        worker.start()
    for worker in kept:
        worker.join()
    return ExitCode.OK if all(worker.exit_code == 0 for worker in kept) else ExitCode.PROBLEMS


class _KeptWorker(threading.Thread):
    """Starts one worker, waits for its end, and starts it again."""

    def __init__(self, worker: Worker, stopping: threading.Event) -> None:
        super().__init__(name=f"worker {worker.number}")
        self._worker = worker
        self._stopping = stopping
        self._process: subprocess.Popen[bytes] | None = None
        self.exit_code = 0

    def run(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = _now()
            number, lifeline = self._worker
            variables = os.environ | {WORKER: f"{number}:{lifeline}"}
            self._process = subprocess.Popen(  # noqa: S603 - ourselves again
                sys.orig_argv, env=variables, pass_fds=[lifeline]
            )
            if self._stopping.is_set():
                self.terminate()
            self.exit_code = self._process.wait()
            if self._stopping.is_set():
                return
            wait = FIRST_WAIT if _now() - began > STEADY_SECONDS else min(wait * 2, LONGEST_WAIT)
            log.error("worker %d ended with %d; it starts again in %g s", number, self.exit_code, wait)
            self._stopping.wait(wait)

    def terminate(self) -> None:
        """Ask the worker to stop."""
        if self._process is not None:
            self._process.terminate()


def _now() -> float:
    return SystemClock().monotonic()
