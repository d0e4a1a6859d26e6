"""Messages that a node keeps for a while: in memory, with their source waiting, or in the store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flowengine.node import Message, Node
from flowengine.node.context import Shelved

_ORDER = count()


@dataclass(eq=False, slots=True)
class Kept:
    """A message that is kept.

    Attributes:
        fields: Its fields.
        due: Wall-clock time at which it is due, in seconds.
        key: Group it belongs to.
        order: Which came first.
    """

    fields: Mapping[str, Any]
    due: float
    key: str
    held: Message | Shelved
    order: int = field(default_factory=lambda: next(_ORDER))


class Keeper:
    """Keep messages for a node.

    Args:
        node: The node.
        durable: Keep them in the store: a message's source is answered as soon as it is there. Else they are in memory,
            and their source waits until they have left.

    Attributes:
        count: Messages that are kept now.
    """

    def __init__(self, node: Node[Any], *, durable: bool) -> None:
        self._node = node
        self._durable = durable
        self.count = 0

    def keep(self, message: Message, *, due: float = 0.0, key: str = "") -> Kept:
        """Keep a message."""
        held: Message | Shelved = message
        if self._durable:
            held = self._node.context.shelf.put(message, key=key, due=due)
        else:
            self._node.hold(message)
        self.count += 1
        return Kept(message.fields, due, key, held)

    def release(self, kept: Kept) -> Message:
        """Return a kept message to send or drop; the node then ends it with ``done``."""
        self.count -= 1
        if isinstance(kept.held, Message):
            return kept.held
        return Message(dict(kept.fields), self._node.context.shelf.take([kept.held]))

    def drop(self, kept: Kept, reason: str) -> None:
        """Give a kept message up."""
        message = self.release(kept)
        self._node.drop(message, reason)
        self._node.done(message)

    async def load(self) -> list[Kept]:
        """Return what an earlier run left in the store, oldest first."""
        if not self._durable:
            return []
        loaded = await self._node.context.shelf.load()
        self.count = len(loaded)
        return [Kept(shelved.fields, shelved.due or 0.0, shelved.key, shelved) for shelved in loaded]

    def hand_over(self, kept: Iterable[Kept]) -> list[Message]:
        """Return what only memory holds, oldest first, for the node's successor."""
        ordered = sorted(kept, key=lambda one: one.order)
        return [one.held for one in ordered if isinstance(one.held, Message)]
