"""A server that answers exactly what a test tells it to, broken answers too."""

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


@dataclass
class Taken:
    """A request that the server has read."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Write an answer; ``_`` in a header's name stands for ``-``."""
    lines = [f"HTTP/1.1 {status} Reason", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def json_answer(value: Any, status: int = 200) -> bytes:
    return answer(status, orjson.dumps(value), Content_Type="application/json")


class HttpServer:
    """Answer each request with the next of ``answers``, the last one for ever.

    An answer is bytes to send, ``None`` to say nothing and keep the connection, or a function that does as it likes
    with the connection, which is closed after it.
    """

    def __init__(self, *answers: bytes | Script | None, tls: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers) or [answer()]
        self.taken: list[Taken] = []
        self.connections = 0
        self._tls = tls
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.taken.append(Taken(method, target, headers, body))
        script = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(script):
            await script(reader, writer)
            return False
        writer.write(script or b"")
        return True


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close without a word."""


def breaking_off(sent: bytes) -> Script:
    """Send the beginning of an answer and close."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    return script


def endless(head: bytes, chunk: bytes) -> Script:
    """Send an answer that never ends, as fast as it is taken."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()

    return script


def dripping(head: bytes, chunk: bytes, pause: float) -> Script:
    """Send an answer that never ends, a little at a time."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(pause)

    return script
