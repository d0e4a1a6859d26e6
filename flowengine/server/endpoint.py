"""One operation of the API: from its declaration follow its checks, its answer and its description."""

import inspect
import re
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from flowengine.server.access import Identity, Role
from flowengine.server.backend import Backend
from flowengine.server.model import Answer, Body, Query

_CONVERTER: Final = re.compile(r":\w+\}")
MIB: Final = 1024 * 1024
Chunks = AsyncIterable[bytes]
"""The bytes of a body as they arrive; for what is too large to be held in memory."""
Handler = Callable[..., Awaitable[Answer | Response | None]]


@dataclass(slots=True)
class Call:
    """One request, as a handler sees it beside its parameters.

    Args:
        backend: What the API works on.
        who: Who asks; ``None`` where nobody was asked.
        request: The request itself, for those few who care how it came.

    Attributes:
        subject: What the audit trail says it was done to; the values of the path if not set.
        facts: What it says beside that.
    """

    backend: Backend
    who: Identity | None
    request: Request
    subject: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """Declare an operation.

    The handler's signature says the rest: ``body`` and ``query`` are the request's models, ``chunks`` is a body that is
    a file (:data:`Chunks`, sent as ``application/octet-stream``), the other parameters after the call are the names in
    the path, and what it returns is the answer's model (``None`` for no content).

    Args:
        method: Upper-case method.
        path: Path with ``{names}``.
        handler: Answers a call.
        summary: What it does, in one line.
        role: What it takes to ask for it; ``None`` for what everybody may.
        audit: Word for the audit trail; an operation that changes something has one, unless what it changes is
            audited where it is kept.
        max_body: Largest body taken, in bytes.
        media_type: Of an answer that is no JSON object of a model.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    role: Role | None = Role.VIEWER
    audit: str = ""
    max_body: int = MIB
    media_type: str = ""

    @cached_property
    def parameters(self) -> Mapping[str, type]:
        """The types of the names in the path."""
        return {name: kind for name, kind in self._annotations.items() if name not in {"body", "query", "chunks"}}

    @cached_property
    def body(self) -> type[Body] | None:
        """The model of the request's body."""
        return self._annotations.get("body")

    @property
    def takes_file(self) -> bool:
        """Whether the body is a file."""
        return "chunks" in self._annotations

    @cached_property
    def query(self) -> type[Query] | None:
        """The model of the request's query."""
        return self._annotations.get("query")

    @cached_property
    def answer(self) -> type[BaseModel] | None:
        """The model of the answer."""
        found = self._signature.return_annotation
        return found if inspect.isclass(found) and issubclass(found, BaseModel) else None

    @property
    def shown_path(self) -> str:
        """The path as people write it."""
        return _CONVERTER.sub("}", self.path)

    @property
    def section(self) -> str:
        """The part of the API that it belongs to: the first word after the common path."""
        _, is_ours, rest = self.path.partition("/admin/api/")
        return rest.partition("/")[0] if is_ours else "service"

    @property
    def description(self) -> str:
        """More about it: the handler's docstring without its first line."""
        return inspect.cleandoc(self.handler.__doc__ or "").partition("\n")[2].strip()

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.handler)

    @cached_property
    def _annotations(self) -> dict[str, Any]:
        # The first parameter is the call.
        return {name: one.annotation for name, one in list(self._signature.parameters.items())[1:]}
