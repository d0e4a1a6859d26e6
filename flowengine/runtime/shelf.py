"""Durable messages that a node holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from flowengine.message import Account, Delivery, Message, Outcome, decode_fields, encode_fields
from flowengine.node import Clock
from flowengine.node.context import Shelved
from flowengine.runtime.insistence import Insistence
from flowengine.runtime.provenance import Provenance, encode_provenance
from flowengine.storage import ShelfEntry, Store


@dataclass(slots=True)
class ShelvedMessage:
    """A message on the shelf.

    Args:
        id: Its row.
        fields: Its fields.
        key: Group it belongs to.
        due: Time the node remembers with it, in seconds since 1970.
        tag: JSON the node remembers with it.
        source: What is known of the message it came as.
    """

    id: str
    fields: dict[str, Any]
    key: str = ""
    due: float | None = None
    tag: Any = None
    source: Provenance = field(default_factory=partial(Provenance, ""))


class ShelfDelivery(Delivery):
    """The delivery of what a node made of shelved messages; they leave the store when it closes.

    Args:
        shelved: Those messages.
        shelf: Their shelf.
    """

    __slots__ = ("_shelf", "_shelved")

    def __init__(self, shelved: Sequence[ShelvedMessage], shelf: "NodeShelf") -> None:
        super().__init__(id=shelved[0].source.id if shelved else None)
        self.context = next((one.source.context for one in shelved if one.source.context is not None), None)
        self._shelved = shelved
        self._shelf = shelf

    def _close(self) -> None:
        if self.outcome is Outcome.DROPPED:
            self._shelf.account.dropped_later[self.reason] += len(self._shelved)
        if self._shelved:
            self._shelf.remove(self._shelved)


class NodeShelf:
    """The shelf of one node. It stays when a deploy replaces the node, and knows what is on its way.

    Args:
        store: Where it is durable.
        flow: Id of the flow.
        node: Id of the node.
        clock: Tells how long messages wait, and times the tries when the store is in trouble.
        account: Counts what the node gives up.
    """

    def __init__(self, store: Store, flow: str, node: str, clock: Clock, account: Account) -> None:
        self.account = account
        self._shelf = store.shelf
        self._flow = flow
        self._node = node
        self._clock = clock
        self._taken: set[str] = set()

    def put(self, message: Message, *, key: str = "", due: float | None = None, tag: Any = None) -> ShelvedMessage:
        """Store a message and let go of its delivery once it is durable.

        Raises:
            UnencodableMessageError: The message holds what cannot be stored.
        """
        source = encode_provenance(message.delivery)
        entry = ShelfEntry(
            flow=self._flow,
            node=self._node,
            message=encode_fields(message.fields),
            key=key,
            due_at=due,
            meta=orjson.dumps([source.decode(), tag, self._clock.time()]),
        )
        shelved = ShelvedMessage("", message.fields, key, due, tag, Provenance.parse(source))
        message.delivery.hold()

        def write(done: Any) -> None:
            # A second try gets a row of its own; the one before was not stored.
            shelved.id = self._shelf.put_nowait(entry, done)

        Insistence(write, message.delivery.release, self._clock, self._what).begin()
        return shelved

    async def load(self, *, key: str | None = None, most: int | None = None) -> list[ShelvedMessage]:
        """Return what is stored, oldest first; what is on its way already is not among it."""
        limit = None if most is None else most + len(self._taken)
        rows = await self._shelf.load(self._flow, self._node, key=key, limit=limit)
        loaded: list[ShelvedMessage] = []
        for row in rows:
            if row.id in self._taken or len(loaded) == most:
                continue
            text, tag, put_at = orjson.loads(row.meta)
            source = Provenance.parse(text.encode())
            due = self._in_time(row.due_at, put_at)
            loaded.append(ShelvedMessage(row.id, decode_fields(row.message), row.key, due, tag, source))
        return loaded

    async def counts(self) -> Mapping[str, int]:
        """Return how many messages are stored, by group; what is on its way already is among them."""
        return await self._shelf.counts(self._flow, self._node)

    def take(self, shelved: Sequence[Shelved]) -> Delivery:
        """Return a delivery for the message made of these; they leave the store when it closes."""
        mine = [one for one in shelved if isinstance(one, ShelvedMessage)]
        self._taken.update(one.id for one in mine)
        return ShelfDelivery(mine, self)

    def put_back(self, shelved: Sequence[Shelved]) -> None:
        """Let :meth:`load` return messages again that were taken."""
        self._taken.difference_update(one.id for one in shelved if isinstance(one, ShelvedMessage))

    def remove(self, shelved: Sequence[ShelvedMessage]) -> None:
        """Take messages off the shelf."""
        ids = [one.id for one in shelved]
        gone = partial(self._taken.difference_update, ids)
        Insistence(partial(self._shelf.remove_nowait, ids), gone, self._clock, self._what).begin()

    def _in_time(self, due: float | None, put_at: float) -> float | None:
        # If the clock was set back since, a message still waits for no longer than it was told to.
        return due if due is None else due - max(put_at - self._clock.time(), 0)

    @property
    def _what(self) -> str:
        return f"the shelf of {self._flow}/{self._node}"
