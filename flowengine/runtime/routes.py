"""The HTTP paths that nodes answer for."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flowengine.errors import NodeError
from flowengine.node import RESERVED_PATHS, HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]
_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path that a node answers for.

    Args:
        method: Upper-case method.
        path: Path with ``{names}``.
        handler: Answers a request.
        max_body: Largest body taken, in bytes.
        description: OpenAPI operation.
        in_chunks: Whether the handler takes the body as it arrives.
    """

    method: str
    path: str
    handler: Handler
    max_body: int
    description: Mapping[str, Any] = field(default_factory=dict)
    in_chunks: bool = False


class RouteTable:
    """Find the node that answers for a request.

    A path without ``{names}`` goes before one with them.
    """

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], tuple[re.Pattern[str], Route]] = {}
        self._leaving: dict[tuple[str, str], re.Pattern[str]] = {}
        self._moved = asyncio.Event()
        self._changes = 0

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """Take what is removed meanwhile for something that may come back: a deploy replaces nodes."""
        self._changes += 1
        try:
            yield
        finally:
            self._changes -= 1
            if not self._changes:
                self._leaving.clear()
            self._wake()

    async def returned(self, method: str, path: str) -> None:
        """Wait until a path that a deploy has just removed is there again, or is known not to come back."""
        while any(verb == method and pattern.fullmatch(path) for (verb, _), pattern in self._leaving.items()):
            await self._moved.wait()

    def __iter__(self) -> Any:
        return iter([route for _, route in self._routes.values()])

    def add(
        self,
        method: str,
        path: str,
        handler: Handler,
        *,
        max_body: int,
        description: Mapping[str, Any] | None = None,
        in_chunks: bool = False,
    ) -> None:
        """Answer for a method and a path.

        Raises:
            NodeError: Another node answers for it, or the path belongs to the server.
        """
        if path == "/" or path.startswith(RESERVED_PATHS):
            raise NodeError(f"the path {path} belongs to the server; choose another", code="reserved-path")
        shape = (method, _NAME.sub("{}", path))
        if shape in self._routes:
            raise NodeError(
                f"another node answers {method} {path}; give one of them another path", code="claimed-twice"
            )
        pattern = re.compile("".join(_part(part) for part in re.split(r"(\{\w+\})", path)))
        route = Route(method, path, handler, max_body, dict(description or {}), in_chunks)
        self._routes[shape] = (pattern, route)
        self._leaving.pop(shape, None)
        self._wake()

    def remove(self, method: str, path: str) -> None:
        """Answer for it no more."""
        shape = (method, _NAME.sub("{}", path))
        removed = self._routes.pop(shape, None)
        if removed is not None and self._changes:
            self._leaving[shape] = removed[0]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route for a request and the values of its path's names, or ``None``."""
        found = [
            (route, match.groupdict())
            for pattern, route in self._routes.values()
            if route.method == method and (match := pattern.fullmatch(path))
        ]
        return min(found, key=lambda one: len(one[1]), default=None)

    def methods(self, path: str) -> list[str]:
        """Return the methods that some node answers a path for."""
        return sorted({route.method for pattern, route in self._routes.values() if pattern.fullmatch(path)})

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()


def _part(part: str) -> str:
    name = _NAME.fullmatch(part)
    return f"(?P<{name[1]}>[^/]+)" if name else re.escape(part)
