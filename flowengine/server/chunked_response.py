"""An answer whose body is made while it is sent."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

PATIENCE: Final = 60.0
"""Seconds in which a client must take the next part of a body; one that takes nothing for so long is left."""


class ChunkedResponse(Response):
    """Send a body part by part, never faster than the client takes it.

    Args:
        chunks: The parts; closed in any case, so that nothing stays open for a client that has gone.
        status: Status code.
        headers: Header values by name; without a length among them, the end of the body is marked in the stream.
        patience: Seconds in which the client must take the next part.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        status: int,
        headers: Mapping[str, str],
        *,
        patience: float = PATIENCE,
    ) -> None:
        self.status_code = status
        self.background = None
        self.init_headers(headers)
        self._chunks = chunks
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, unless the client goes."""
        async with aclosing(self._chunks):
            sending = asyncio.create_task(self._send(send), name="send a body")
            gone = asyncio.create_task(_gone(receive), name="watch the client")
            try:
                await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
                sending.cancel()
                await asyncio.gather(gone, sending, return_exceptions=True)
        if not sending.cancelled() and (error := sending.exception()) is not None:
            raise error

    async def _send(self, send: Send) -> None:
        async def patiently(message: Message) -> None:
            async with asyncio.timeout(self._patience):
                await send(message)

        try:
            await patiently({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for chunk in self._chunks:
                await patiently({"type": "http.response.body", "body": chunk, "more_body": True})
                # A server whose client has gone takes everything without waiting: the watcher must get its turn.
                await asyncio.sleep(0)
            await patiently({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # The server closes the connection of an answer that was not completed.
            return


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
