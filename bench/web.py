"""The HTTP server that the flows call: answers every POST with its own body.

A process of its own: ``python -m bench.web --port 8080``, driven by `bench.worker`.
"""

import argparse
import asyncio
import re
from typing import Any, cast

from bench.worker import Order, serve

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


class Echo(asyncio.Protocol):
    """Serve one kept-alive connection; bodies must say their length."""

    connections = 0
    requests = 0

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        Echo.connections += 1

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (head := self._rest.find(b"\r\n\r\n")) >= 0:
            said = CONTENT_LENGTH.search(self._rest, 0, head)
            end = head + 4 + (int(said[1]) if said else 0)
            if len(self._rest) < end:
                return
            body, self._rest = self._rest[head + 4 : end], self._rest[end:]
            Echo.requests += 1
            self._transport.write(ANSWER % (len(body), body))


async def prepare(port: int) -> dict[str, Order]:
    await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=1024)

    async def count() -> dict[str, Any]:
        return {"connections": Echo.connections, "requests": Echo.requests}

    return {"count": count}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    serve(lambda: prepare(options.port))


if __name__ == "__main__":
    main()
