"""The editor: its files as they were built, from this checkout and nowhere else."""

import asyncio
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from flowengine.server.compression import compressed, takes_gzip
from flowengine.server.problem_response import ApiError

FOLDER: Final = Path(__file__).parent / "static"
PAGE: Final = "index.html"

# What the page may do: run our own files, and talk to the engine it came from (Content Security Policy Level 3).
# Styles may be written on single elements: the canvas places its nodes so.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Names of files stay the same from one version to the next: ask each time whether it is still this one.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it is sent: as it is, and compressed."""

    changed: int
    tag: str
    plain: bytes
    small: bytes


_read: Final[dict[Path, _File]] = {}


async def _file(path: Path) -> _File:
    changed = (await asyncio.to_thread(path.stat)).st_mtime_ns
    known = _read.get(path)
    if known is None or known.changed != changed:
        plain = await asyncio.to_thread(path.read_bytes)
        tag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'
        known = _read[path] = _File(changed, tag, plain, await compressed(plain))
    return known


async def _page(request: Request) -> Response:
    name = request.path_params.get("file") or PAGE
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()) or not path.is_file():
        raise ApiError(404, "not-found", f"the editor has no file {name}", request.url.path)
    file = await _file(path)
    headers = {**_HEADERS, "ETag": file.tag, "Vary": "Accept-Encoding"}
    if file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if not takes_gzip(request):
        return Response(file.plain, media_type=kind, headers=headers)
    return Response(file.small, media_type=kind, headers={**headers, "Content-Encoding": "gzip"})


async def _to_page(request: Request) -> Response:
    return RedirectResponse("/editor/")


ROUTES: Final = (
    Route("/editor", _to_page, methods=["GET", "HEAD"]),
    Route("/editor/{file:path}", _page, methods=["GET", "HEAD"]),
)
"""Everybody may load the editor; what it shows, it asks the admin API for."""
