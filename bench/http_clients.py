"""Compare HTTP clients on one job: post a small JSON body, read the answer, at most so many bytes of it.

    python -m bench.http_clients                  all that are installed here
    python -m bench.http_clients aiohttp httpx    only these

Each client runs in a process of its own, in turn, for several rounds, against `bench.web` on loopback. CPU is that of
the client's whole process, threads included. See docs/decisions/0003-http-client.md.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

from bench.telemetry import BODY

Post = Callable[[bytes], Awaitable[bytes]]
MOST = 1 << 20
HEADERS = {"Content-Type": "application/json"}
PAYLOAD = BODY % (1, 2, b"dev-000001", 20.5)
ROUNDS = 5
IN_FLIGHT = (1, 8, 50)


@asynccontextmanager
async def httpx_client(url: str) -> AsyncIterator[Post]:
    import httpx  # noqa: PLC0415 - each process loads only the client that it measures

    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:

        async def post(body: bytes) -> bytes:
            async with client.stream("POST", url, content=body, headers=HEADERS) as answer:
                taken = bytearray()
                async for chunk in answer.aiter_bytes():
                    taken += chunk
                    if len(taken) > MOST:
                        raise ValueError("too large")
                return bytes(taken)

        yield post


@asynccontextmanager
async def aiohttp_client(url: str) -> AsyncIterator[Post]:
    import aiohttp  # noqa: PLC0415 - likewise
    from yarl import URL  # noqa: PLC0415 - likewise

    target = URL(url)
    connector = aiohttp.TCPConnector(limit=100)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def post(body: bytes) -> bytes:
            async with session.request("POST", target, data=body, headers=HEADERS, allow_redirects=False) as answer:
                taken = await answer.content.read(MOST)
                while not answer.content.at_eof():
                    more = await answer.content.read(MOST)
                    taken += more
                    if len(taken) > MOST:
                        raise ValueError("too large")
                return taken

        yield post


@asynccontextmanager
async def pyreqwest_client(url: str) -> AsyncIterator[Post]:
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - likewise

    async with ClientBuilder().no_proxy().follow_redirects(False).max_connections(100).build() as client:

        async def post(body: bytes) -> bytes:
            async with client.post(url).headers(HEADERS).body_bytes(body).build_streamed() as answer:
                taken = bytearray()
                while (chunk := await answer.body_reader.read_chunk()) is not None:
                    taken += chunk
                    if len(taken) > MOST:
                        raise ValueError("too large")
                return bytes(taken)

        yield post


@asynccontextmanager
async def pyreqwest_whole_client(url: str) -> AsyncIterator[Post]:
    """Read bodies at one go, without a limit on their size."""
    from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - likewise

    async with ClientBuilder().no_proxy().follow_redirects(False).max_connections(100).build() as client:

        async def post(body: bytes) -> bytes:
            answer = await client.post(url).headers(HEADERS).body_bytes(body).build().send()
            return bytes(await answer.bytes())

        yield post


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._rest = b""
        self.waiting: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head = self._rest.find(b"\r\n\r\n")
        if head < 0:
            return
        length = int(self._rest[self._rest.index(b"Content-Length: ") + 16 : head].split(b"\r")[0])
        if len(self._rest) >= head + 4 + length and self.waiting is not None:
            self.waiting.set_result(self._rest[head + 4 :])
            self._rest = b""


@asynccontextmanager
async def floor_client(url: str) -> AsyncIterator[Post]:
    """Do only what every client on asyncio must: write, wait, find the end of the answer."""
    loop = asyncio.get_running_loop()
    host, _, port = url.removeprefix("http://").strip("/").partition(":")
    idle: list[_Connection] = []

    async def post(body: bytes) -> bytes:
        if idle:
            connection = idle.pop()
        else:
            _, connection = await loop.create_connection(_Connection, host, int(port))
        connection.waiting = loop.create_future()
        connection.transport.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        answer = await connection.waiting
        idle.append(connection)
        return answer

    yield post
    for connection in idle:
        connection.transport.close()


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[Post]]] = {
    "floor": floor_client,
    "pyreqwest": pyreqwest_client,
    "pyreqwest-whole": pyreqwest_whole_client,
    "aiohttp": aiohttp_client,
    "httpx": httpx_client,
}


async def measure(name: str, url: str, count: int, in_flight: int) -> dict[str, float]:
    took: list[float] = []
    async with CLIENTS[name](url) as post:

        async def work(number: int) -> None:
            for _ in range(number):
                began = time.perf_counter()
                answer = await post(PAYLOAD)
                took.append(time.perf_counter() - began)
                if answer != PAYLOAD:
                    raise AssertionError(f"{name} got {answer!r}")

        await asyncio.gather(*(work(20) for _ in range(in_flight)))
        took.clear()
        cpu, began = time.process_time(), time.perf_counter()
        await asyncio.gather(*(work(count // in_flight) for _ in range(in_flight)))
        cpu, seconds = time.process_time() - cpu, time.perf_counter() - began
    took.sort()
    return {
        "cpu_us": cpu / len(took) * 1e6,
        "rate": len(took) / seconds,
        "p50_us": took[len(took) // 2] * 1e6,
        "p99_us": took[len(took) * 99 // 100] * 1e6,
    }


def one(name: str, url: str, count: int, in_flight: int) -> None:
    import uvloop  # noqa: PLC0415 - only the measured processes need it

    print(json.dumps(uvloop.run(measure(name, url, count, in_flight))))


def is_installed(name: str) -> bool:
    return name == "floor" or importlib.util.find_spec(name.partition("-")[0]) is not None


def compare(names: list[str], rounds: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.web", "--port", str(port)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        runs: dict[tuple[str, int], list[dict[str, float]]] = {}
        for _ in range(rounds):
            for name in names:
                for in_flight in IN_FLIGHT:
                    count = 600 if name == "httpx" else 4_000
                    arguments = [
                        sys.executable,
                        "-m",
                        "bench.http_clients",
                        "--one",
                        name,
                        url,
                        str(count),
                        str(in_flight),
                    ]
                    output = subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout
                    runs.setdefault((name, in_flight), []).append(json.loads(output))
    finally:
        server.kill()
        server.wait()
    python = sys.version.split()[0]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {python}, medians of {rounds} rounds\n")
    print("| client | in flight | CPU µs a request | requests/s | p50 µs | p99 µs |")
    print("|---|---|---|---|---|---|")
    for (name, in_flight), found in runs.items():
        figures = [statistics.median(run[key] for run in found) for key in ("cpu_us", "rate", "p50_us", "p99_us")]
        print(f"| {name} | {in_flight} |" + "".join(f" {figure:,.0f} |" for figure in figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help=f"one of {', '.join(CLIENTS)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, url, count, in_flight = options.one
        one(name, url, int(count), int(in_flight))
    else:
        compare(options.clients or [name for name in CLIENTS if is_installed(name)], options.rounds)


if __name__ == "__main__":
    main()
