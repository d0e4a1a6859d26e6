"""What the engine offers to nodes beside their own world: links between flows, and the HTTP server."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from flowengine.errors import NodeError
from flowengine.message import Message

T = TypeVar("T")


class Links(Protocol):
    """Named entrances that other nodes, of any flow, send to."""

    def open(self, name: str, receive: Callable[[Message], None]) -> None:
        """Open an entrance.

        Raises:
            NodeError: Another node has opened this name.
        """

    def close(self, name: str) -> None:
        """Close an entrance."""

    def send(self, name: str, message: Message) -> None:
        """Send a message to an entrance; it arrives after the current call.

        Raises:
            TransientError: Nobody has opened this name.
        """


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as the server hands it to a node.

    Args:
        method: Upper-case method.
        path: The path that was asked for.
        parameters: Values of the path's ``{names}``.
        query: Query values; a list where a name came more than once.
        headers: Header values by lower-case name.
        body: The body's bytes; empty where the route takes them as they arrive.
        client: Address of the other side.
        chunks: The body as it arrives, for a route that asked for that. It raises :class:`BodyTooLargeError`, and
            :class:`BrokenOffError` when the client goes before it has sent everything.
    """

    method: str
    path: str
    parameters: Mapping[str, str]
    query: Mapping[str, str | list[str]]
    headers: Mapping[str, str]
    body: bytes
    client: str = ""
    chunks: AsyncGenerator[bytes, None] | None = None


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer.

    Args:
        status: Status code.
        body: Its bytes.
        headers: Header values by name.
        chunks: The body in parts, each asked for when the client has taken those before it, instead of ``body``. It is
            closed when all is sent or the client has gone. ``headers`` then has the length, if it is known.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: AsyncGenerator[bytes, None] | None = None


class BodyTooLargeError(NodeError):
    """A request's body is larger than its route takes.

    Args:
        most: How many bytes it takes.
        path: The path that was asked for.
    """

    code = "body-too-large"

    def __init__(self, most: int, path: str) -> None:
        super().__init__(f"the body is larger than the {most} bytes that {path} takes")
        self.most = most
        self.path = path


class BrokenOffError(NodeError):
    """A client has gone before it had sent all of its request."""

    code = "client-gone"

    def __init__(self) -> None:
        super().__init__("the client has gone before it had sent everything")


class Requests(Protocol):
    """HTTP requests of this engine that wait for an answer: how a node answers what another has taken.

    A message carries the request's id, which is text and may be stored; a request itself lives as long as its client.
    """

    def open(self, answer: Callable[[HttpResponse], None]) -> str:
        """Wait for an answer.

        Args:
            answer: Takes it; called once at most.

        Returns:
            The request's id, which nobody can guess.
        """
        ...

    def answer(self, id: str, response: HttpResponse) -> bool:
        """Answer a request.

        Returns:
            Whether somebody waited for it; not when the request was closed, because it took too long or its client
            has gone.

        Raises:
            NodeError: It is answered already (``already-answered``), or is no request of this process
                (``unknown-request``).
        """
        ...

    def close(self, id: str) -> None:
        """Wait no more: nobody is there to take an answer. Harmless when the request is answered."""


RESERVED_PATHS = ("/admin", "/editor", "/health", "/ready", "/metrics", "/openapi.json")
"""Beginnings of paths that are the server's own; so is ``/`` itself."""


class Routes(Protocol):
    """Paths of the HTTP server that nodes answer for."""

    def add(
        self,
        method: str,
        path: str,
        handler: Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]],
        *,
        max_body: int,
        description: Mapping[str, Any] | None = None,
        in_chunks: bool = False,
    ) -> None:
        """Answer for a method and a path such as ``/api/v1/device/{id}/status``.

        Args:
            method: Upper-case method.
            path: Path with ``{names}`` for levels that vary.
            handler: Answers a request.
            max_body: Largest body taken, in bytes; a larger one is answered with 413.
            description: OpenAPI operation, for the document that the server makes.
            in_chunks: Whether the handler takes the body as it arrives. Such a handler is not cancelled when the
                client goes: reading on tells it.

        Raises:
            NodeError: Another node answers for it.
        """

    def remove(self, method: str, path: str) -> None:
        """Answer for it no more."""


class Database(Protocol):
    """The store's database, for a config node that keeps tables of its own.

    Work is a plain function of a SQLAlchemy ``Connection`` that is inside a transaction. It may run more than once,
    when an attempt was rolled back, and in another thread, so it touches nothing but the connection.

    Attributes:
        place: File or address, without the password, for errors.
        shared: Whether other processes may change it: not if it is in memory.
    """

    place: str
    shared: bool

    async def write(self, work: Callable[[Any], T]) -> T:
        """Run work in a transaction, committed with those of others, and return its answer when it is on disk.

        Raises:
            FlowEngineError: It is not on disk.
        """
        ...

    async def read(self, work: Callable[[Any], T]) -> T:
        """Run work that only reads.

        Raises:
            FlowEngineError: The database failed.
        """
        ...

    def audit(self, connection: Any, who: str, what: str, subject: str, detail: Any = None) -> None:
        """Add a record to the audit trail, in the transaction of some work: both are there, or neither.

        Args:
            connection: What the work was given.
            who: User, token, device or part of the system.
            what: The action, as a word: "pair", "command".
            subject: What it was done to.
            detail: JSON: facts, and the result.
        """

    def audit_many(self, connection: Any, who: str, done: Sequence[tuple[str, str, Any]]) -> None:
        """Add many records to the audit trail at once, in the transaction of some work.

        Args:
            connection: What the work was given.
            who: User, token, device or part of the system.
            done: The action, what it was done to, and the detail, of each.
        """
