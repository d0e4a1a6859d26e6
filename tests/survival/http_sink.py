"""An HTTP server that takes numbered messages, and misbehaves as a test wishes."""

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from tests.mosquitto import free_port
from tests.survival.arrivals import Arrivals


@dataclass(frozen=True)
class Reply:
    """How to answer a request.

    Args:
        raw: All bytes of the answer; ``None`` for none at all.
        taken: Whether the message counts as arrived.
        after: Seconds before the answer.
    """

    raw: bytes | None
    taken: bool = False
    after: float = 0.0


def answer(status: int, *headers: str, body: bytes = b"{}", taken: bool = False, after: float = 0.0) -> Reply:
    lines = [f"HTTP/1.1 {status} As told", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return Reply("\r\n".join([*lines, "", ""]).encode() + body, taken, after)


TAKEN: Final = answer(200, taken=True)
HANG: Final = Reply(None)
NO_HTTP: Final = Reply(b"\x00\xff this is no HTTP\r\n\r\n")
Behaviour = Callable[[str, int], Reply]


class HttpSink:
    """Answer ``POST /<device>`` with a JSON object that holds ``sequence``, from entry to exit of ``async with``.

    Attributes:
        arrivals: What was taken.
        behave: Says how to answer a device's message.
        requests: How many requests came, by device.
        times: When each request of a device came, in seconds of the loop's clock.
    """

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self.behave: Behaviour = always(TAKEN)
        self.requests: Counter[str] = Counter()
        self.times: dict[str, list[float]] = {}
        self.port = free_port()
        self._stopping = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.vanish()

    async def listen(self) -> None:
        """Begin to listen, or begin again."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, limit=1 << 20)

    async def vanish(self) -> None:
        """Close the port and all connections."""
        if self._server is not None:
            self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:"))
            document = json.loads(await reader.readexactly(length))
            device = head.split(" ", 2)[1].removeprefix("/")
            self.requests[device] += 1
            self.times.setdefault(device, []).append(asyncio.get_running_loop().time())
            number = document.get("sequence", 0) if isinstance(document, dict) else 0
            reply = self.behave(device, number)
            if reply.after:
                await asyncio.sleep(reply.after)
            if reply.taken:
                self.arrivals.add(device, number)
            if reply.raw is None:
                # A sender that gives up closes the connection.
                await reader.read(1)
                return
            writer.write(reply.raw)
            await writer.drain()


def always(reply: Reply) -> Behaviour:
    def behave(_device: str, _number: int) -> Reply:
        return reply

    return behave
