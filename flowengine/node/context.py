"""The world as a node sees it: everything outside reaches a node through its context."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from flowengine.message import Delivery, Message
from flowengine.node.clock import Clock
from flowengine.node.services import Database, Links, Requests, Routes

T = TypeVar("T")
NodeLogger = logging.LoggerAdapter[logging.Logger]
Scope = Literal["node", "flow", "global"]
Level = Literal["ok", "busy", "warning", "error", "idle"]


@dataclass(frozen=True, slots=True)
class Status:
    """What a node shows of itself in the editor.

    Args:
        text: A few words, such as ``connected``.
        level: What colour it has.
        is_value: Whether the text is a value that somebody sent, which no language changes.
    """

    text: str
    level: Level = "ok"
    is_value: bool = field(default=False, repr=False)


class State(Protocol):
    """Values that outlive a restart, in one scope. Values are JSON.

    Reading is a plain call because a scope's values are held in memory; a change is durable when its call returns.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value as this process last saw it."""
        ...

    def keys(self) -> list[str]:
        """Return the names of all values."""
        ...

    async def set(self, key: str, value: Any) -> None:
        """Store a value."""

    async def delete(self, key: str) -> None:
        """Remove a value; harmless where there is none."""

    async def update(self, key: str, function: Callable[[Any], Any], default: Any = None) -> Any:
        """Change a value atomically, across processes too.

        Args:
            key: Name of the value.
            function: Takes the old value, returns the new; may run more than once.
            default: The old value where there is none.

        Returns:
            The new value.
        """
        ...

    def set_later(self, key: str, value: Any) -> None:
        """Store a value without waiting: seen at once here, durable within a moment, and gathered with others."""


class Shelf(Protocol):
    """Durable messages that a node holds: a join's parts, a batch, a delayed message.

    A message that is put here is safe: its delivery may close. What leaves the shelf does so with a delivery of its
    own, which takes the row away only when it closes.
    """

    def put(self, message: Message, *, key: str = "", due: float | None = None, tag: Any = None) -> "Shelved":
        """Store a message and let go of its delivery once it is durable.

        Args:
            message: The message to keep. Its delivery is held until the store has it.
            key: Group the message belongs to.
            due: Wall-clock time that the node wants to remember with it, in seconds.
            tag: JSON that the node wants to find again beside the message.
        """
        ...

    async def load(self, *, key: str | None = None, most: int | None = None) -> "Sequence[Shelved]":
        """Return what is stored and not taken: what an earlier run left, say. Oldest first.

        Args:
            key: Of this group alone.
            most: So many at the most.
        """
        ...

    async def counts(self) -> Mapping[str, int]:
        """Return how many messages are stored, by group; what was taken and is on its way is among them."""
        ...

    def take(self, shelved: "Sequence[Shelved]") -> Delivery:
        """Return a delivery for the message made of these; they leave the store when it closes well."""
        ...

    def put_back(self, shelved: "Sequence[Shelved]") -> None:
        """Let :meth:`load` return messages again that were taken, and that nothing has come of."""


class Shelved(Protocol):
    """A message on the shelf."""

    fields: dict[str, Any]
    key: str
    due: float | None
    tag: Any


class Context(Protocol):
    """All that a node may reach.

    Attributes:
        flow: Id of the flow.
        node: Id of the node; inside a subflow ``instance/node``.
        clock: The only source of time.
        log: Logger that adds flow and node.
        state: Values of this node.
        flow_state: Values of this flow.
        global_state: Values of all flows.
        env: Variables as this node sees them: flow, then process.
        company: Ids of the nodes in the same group, for a node that listens; as :meth:`Listener.hears` is given them.
        shelf: Durable messages that this node holds.
        worker: Which of the processes that run the same flows this one is, from 0.
        shared: Whether there are others: a source then shares its messages with them.
        links: Named entrances that nodes of any flow send to.
        routes: Paths of the HTTP server that nodes answer for.
        requests: HTTP requests that wait for an answer.
        database: The store's database, for a config node that keeps tables of its own.
    """

    flow: str
    node: str
    clock: Clock
    log: NodeLogger
    state: State
    flow_state: State
    global_state: State
    env: Mapping[str, str]
    company: frozenset[str]
    shelf: Shelf
    worker: int
    shared: bool
    links: Links
    routes: Routes
    requests: Requests
    database: Database

    def resource(self, id: str, kind: type[T]) -> T:
        """Return the running config node that a field refers to.

        Args:
            id: The resource's id, as in ``resources.json``.
            kind: Class the resource must be an instance of.

        Raises:
            NodeError: There is none, it is of another class, or it could not start.
        """
        ...

    def status(self, text: str, level: Level = "ok", *, is_value: bool = False) -> None:
        """Show a few words beside the node in the editor, to status nodes and in the API.

        Args:
            text: The words, in English; the editor shows them in its language.
            level: What colour they have.
            is_value: Whether the text is a value that somebody sent, which no language changes.
        """

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        """Run a coroutine beside the node; cancelled when the node stops, an error in it is the node's."""
        ...

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Wait until no other process does what this node does, and keep the others out meanwhile.

        For work that must happen once, such as sending at a time of day.
        """
        ...

    async def ready(self) -> None:
        """Wait until the flow takes more messages; a source calls it before it takes one from outside."""

    def open_delivery(
        self,
        on_closed: Callable[[Delivery], None] | None = None,
        id: str | None = None,
    ) -> Delivery:
        """Open a delivery in the flow's books; whoever opens it releases it once."""
        ...

    @property
    def finish(self) -> Callable[[Message, BaseException | None], None]:
        """Ends a branch that the node held: well, or with an error that goes the way of all errors."""
        ...

    def publish(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell those who watch (the editor's debug panel, say); costs nothing when nobody does."""
