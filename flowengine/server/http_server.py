"""The HTTP server, with the application in it."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn

from flowengine.server.access import Access
from flowengine.server.app import make_app
from flowengine.server.backend import Backend

LARGEST_FRAME: Final = 64 * 1024
"""Bytes of the largest message taken over a WebSocket; what is sent may be larger."""


class HttpServer(uvicorn.Server):
    """A server that leaves the signals to the service: it must go on while the flows drain.

    Args:
        backend: What it works on.
        access: Who may come in.

    Attributes:
        listens: Set as soon as it takes connections.
    """

    def __init__(self, backend: Backend, access: Access) -> None:
        config = uvicorn.Config(
            make_app(backend, access),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
            ws_max_size=LARGEST_FRAME,
        )
        super().__init__(config)
        # A WebSocket that was refused in order is logged by uvicorn as if nobody had answered it.
        logging.getLogger("uvicorn.error").addFilter(_is_no_refusal)
        self.listens = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.listens.set()


def _is_no_refusal(record: logging.LogRecord) -> bool:
    return record.msg != "ASGI callable returned without completing handshake."
