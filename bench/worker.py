"""A worker: a process of the benchmark's own that is told what to do, a line of JSON at a time."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import uvloop


class WorkerError(Exception):
    """A worker could not do what it was asked."""


class Worker:
    """Start `python -m MODULE ARGUMENTS` and talk to it."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def begin(self, do: str, **details: Any) -> None:
        """Give an order without waiting for its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to the last order.

        Raises:
            WorkerError: The worker stopped, or says that it failed.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise WorkerError(f"{self.module} stopped with exit code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.module}: {answer['error']}")
        return answer

    def ask(self, do: str, **details: Any) -> dict[str, Any]:
        self.begin(do, **details)
        return self.answer()


Order = Callable[..., Awaitable[dict[str, Any]]]


def serve(prepare: Callable[[], Awaitable[dict[str, Order]]]) -> None:
    """Be a worker: prepare, then carry out the orders read from standard input until it closes."""
    uvloop.run(_serve(prepare))


async def _ready() -> dict[str, Any]:
    """Answer the first order, which waits for the preparation."""
    return {}


async def _serve(prepare: Callable[[], Awaitable[dict[str, Order]]]) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    orders = {**await prepare(), "ready": _ready}
    while line := await lines.readline():
        order = json.loads(line)
        try:
            answer = await orders[order.pop("do")](**order)
        except (OSError, TimeoutError) as error:
            answer = {"error": str(error) or type(error).__name__}
        print(json.dumps(answer), flush=True)
