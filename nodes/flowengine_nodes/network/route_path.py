"""Settings that hold a path of the HTTP server."""

import re
from typing import Annotated

from flowengine.errors import FlowEngineError
from flowengine.fields.compiled import Compiled
from flowengine.node import RESERVED_PATHS

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LEVEL = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]*")
# Whoever chooses the path could else choose who they are, too: "principal".
_OWN_FIELDS = frozenset(
    {
        "client",
        "error",
        "headers",
        "method",
        "parameters",
        "path",
        "payload",
        "principal",
        "query",
        "request_id",
        "topic",
    }
)


class RoutePathError(FlowEngineError):
    """A text is no path that a node can answer for.

    Args:
        text: The text.
        reason: What is wrong with it, and what to write instead.
    """

    code = "route-path"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"the path {self.text!r} {self.reason}"


class RoutePath:
    """A path with ``{names}`` for what varies.

    Args:
        text: The path as configured, such as ``/api/v1/device/{device}/status``.

    Attributes:
        names: Its names.
        shape: The path without the names; two nodes may not have the same.

    Raises:
        RoutePathError: It is no path, or not one that a node may have.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = tuple(_NAME.findall(text))
        self.shape = _NAME.sub("{}", text)
        if not text.startswith("/"):
            raise RoutePathError(text, "must begin with '/'")
        if text == "/" or text.startswith(RESERVED_PATHS):
            raise RoutePathError(text, "belongs to the server; choose another, such as /api/orders")
        if not all(_LEVEL.fullmatch(level) for level in _NAME.sub("", text).split("/")):
            raise RoutePathError(text, "holds a character that no path has; a part that varies is written {name}")
        for name in self.names:
            if self.names.count(name) > 1:
                raise RoutePathError(text, f"has {{{name}}} twice; give one of them another name")
            if name in _OWN_FIELDS:
                raise RoutePathError(text, f"has {{{name}}}, which would replace the message's own field '{name}'")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RoutePath) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


Route = Annotated[RoutePath, Compiled(RoutePath, RoutePath, "route")]
"""A path of the HTTP server; ``{name}`` matches one level, or a part of one."""
