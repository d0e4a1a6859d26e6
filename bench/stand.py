"""The test stand: a broker, a load, and one side running one job between them."""

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.broker import Mosquitto
from bench.job import Job, Kind
from bench.process import Process, free_port
from bench.side import Side
from bench.worker import Worker

WINDOW = 1_000
WARM_UP = 5_000
START_SECONDS = 60.0
PROBE_SECONDS = 2.0
PATIENCE = 10.0


class RunError(Exception):
    """An engine did not do its job; the figures of the run would mean nothing."""


@dataclass(frozen=True)
class Run:
    """What one run of messages took.

    Args:
        cpu_us: CPU time of the engine's processes a message, in microseconds.
        rate: Messages a second, from the first sent to the last received.
        p50_us: Median time from sending to receiving, in microseconds.
        p99_us: The time that 99 of 100 messages stay under, in microseconds.
        lost: Messages that did not come out.
        duplicates: Messages that came out once more.
    """

    cpu_us: float
    rate: float
    p50_us: float
    p99_us: float
    lost: int
    duplicates: int


class Stand:
    """Set up everything for one side and one job; torn down on leaving the context.

    Args:
        work: Directory for temporary files.
        side: The engine under test.
        kind: Kind of job; see `Job`, as for `qos`, `length` and `prompt`.
        topics: Number of topics that telemetry comes on.
        alone: Use the fake broker instead of Mosquitto.
    """

    def __init__(
        self,
        work: Path,
        side: Side,
        *,
        kind: Kind = "map",
        qos: int = 1,
        version: int = 5,
        length: int = 1,
        topics: int = 100,
        alone: bool = False,
        prompt: bool = False,
    ) -> None:
        self.side = side
        self.port = free_port()
        self._work = work
        self._topics = topics
        self._alone = alone
        self._details: dict[str, Any] = {
            "kind": kind,
            "qos": qos,
            "version": version,
            "length": length,
            "prompt": prompt,
        }

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            directory = Path(parts.enter_context(tempfile.TemporaryDirectory(dir=self._work)))
            broker_port = free_port() if self._alone else parts.enter_context(Mosquitto(directory)).port
            web_port = free_port()
            parts.enter_context(Worker("bench.web", "--port", str(web_port))).ask("ready")
            self.job = Job(broker_port=broker_port, web_port=web_port, devices=self._topics, **self._details)
            self.load = parts.enter_context(Worker(*self._load(broker_port)))
            self.load.ask("ready")
            self.engine: Process = parts.enter_context(self.side.start(self.job, directory, self.port))
            self._parts = parts.pop_all()
        return self

    def _load(self, port: int) -> tuple[str, ...]:
        module = "bench.fake_broker" if self._alone else "bench.load"
        qos = str(self._details["qos"])
        return (module, "--port", str(port), "--qos", qos, "--topics", str(self._topics))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.__exit__(kind, error, trace)

    def first_message(self) -> float:
        """Wait until a message comes out; returns the seconds since the engine was started.

        Raises:
            RunError: None did.
        """
        end = time.monotonic() + START_SECONDS
        while self.engine.running() and time.monotonic() < end:
            first: int | None = self.load.ask("probe", seconds=PROBE_SECONDS)["first_ns"]
            if first is not None:
                return (first - self.engine.started_ns) / 1e9
        raise RunError(f"{self.side.name} let no message through; it said:\n{self.engine.said()}")

    def warm(self, *, count: int = WARM_UP, window: int = WINDOW) -> None:
        """Wait for the first message, then let some through that are not measured."""
        self.first_message()
        self.run(count=count, window=window)

    def begin(self, *, count: int, window: int = WINDOW, rate: float | None = None, check: bool = True) -> None:
        """Begin to send messages; `finish` waits for them."""
        self._count = count
        expected = self.side.check(self.job) if check else None
        self._cpu = self.engine.cpu_seconds()
        self.load.begin("run", count=count, window=window, rate=rate, check=expected, patience=PATIENCE)

    def finish(self) -> Run:
        """Wait for the messages that `begin` sent.

        Raises:
            RunError: Some came out wrong.
        """
        result = self.load.answer()
        cpu = self.engine.cpu_seconds() - self._cpu
        if result["wrong"]:
            raise RunError(f"{self.side.name} got {result['wrong']} of {self._count} messages wrong")
        return Run(
            cpu_us=cpu / self._count * 1e6,
            rate=self._count / result["seconds"],
            p50_us=result["p50_us"],
            p99_us=result["p99_us"],
            lost=result["lost"],
            duplicates=result["duplicates"],
        )

    def run(self, *, count: int, window: int = WINDOW, rate: float | None = None) -> Run:
        """Send messages through the flow and measure.

        Raises:
            RunError: Some were lost or came out wrong.
        """
        self.begin(count=count, window=window, rate=rate)
        run = self.finish()
        if run.lost:
            raise RunError(f"{self.side.name} lost {run.lost} of {count} messages")
        return run
