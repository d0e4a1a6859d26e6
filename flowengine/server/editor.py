"""The editor: its files as they were built, from this checkout and nowhere else."""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

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


async def _page(request: Request) -> Response:
    name = request.path_params.get("file") or PAGE
    path = (FOLDER / name).resolve()
    if not path.is_relative_to(FOLDER.resolve()) or not path.is_file():
        raise ApiError(404, "not-found", f"the editor has no file {name}", request.url.path)
    return FileResponse(path, headers=_HEADERS)


async def _to_page(request: Request) -> Response:
    return RedirectResponse("/editor/")


ROUTES: Final = (
    Route("/editor", _to_page, methods=["GET", "HEAD"]),
    Route("/editor/{file:path}", _page, methods=["GET", "HEAD"]),
)
"""Everybody may load the editor; what it shows, it asks the admin API for."""
