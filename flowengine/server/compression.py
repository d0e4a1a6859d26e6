"""Answers made small for the way, for whoever takes them so (RFC 9110 §12.5.3)."""

import asyncio
import gzip
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_LEAST: Final = 16 * 1024
"""Bytes below which it is not worth the work."""

_LEVEL: Final = 5


def takes_gzip(request: Request) -> bool:
    """Say whether an answer may be sent with gzip."""
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        coding, *parameters = (part.strip() for part in offer.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(name.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for name in parameters)
    return False


async def compressed(data: bytes) -> bytes:
    """Compress beside the loop, in which flows run."""
    return await asyncio.to_thread(gzip.compress, data, _LEVEL, mtime=0)


async def json_response(request: Request, data: bytes) -> Response:
    """Answer with JSON, compressed if it is large and the other side takes it."""
    if len(data) < _LEAST or not takes_gzip(request):
        return Response(data, media_type="application/json")
    headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(await compressed(data), media_type="application/json", headers=headers)
