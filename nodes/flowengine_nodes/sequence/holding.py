"""Messages that a sequence node holds until it makes something of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flowengine.node import Delivery, JointDelivery, Message, Node, NodeError
from flowengine.node.context import Shelved

_ORDER = count()


@dataclass(eq=False, slots=True)
class Part:
    """A message that is held.

    Attributes:
        fields: Its fields.
        key: Group it belongs to.
        due: Wall-clock time by which its group must be complete, in seconds; ``None`` for no such time.
        held: The message itself, with a hold on its delivery, or its place in the store.
        about: What the node knows of it.
        order: Which came first.
    """

    fields: dict[str, Any]
    key: str
    due: float | None
    held: Message | Shelved
    about: Any = None
    order: int = field(default_factory=lambda: next(_ORDER))


class Holding:
    """Hold messages for a node: in the store, where their sources are answered at once, or in memory.

    Args:
        node: The node.
        durable: Whether in the store.
        most: Messages held at a time.

    Attributes:
        count: Messages held now.
    """

    def __init__(self, node: Node[Any], *, durable: bool, most: int) -> None:
        self._node = node
        self._shelf = node.context.shelf
        self._durable = durable
        self._most = most
        self.count = 0

    def hold(self, message: Message, key: str, due: float | None = None) -> Part:
        """Hold a message.

        Raises:
            NodeError: So many are held that no more fit.
        """
        if self.count >= self._most:
            raise NodeError(f"{self.count} messages are held already; no more fit", code="too-many-messages")
        held: Message | Shelved = message
        if self._durable:
            held = self._shelf.put(message, key=key, due=due)
        else:
            self._node.hold(message)
        self.count += 1
        return Part(message.fields, key, due, held)

    def joined(self, parts: Sequence[Part], keep: Iterable[Part] = ()) -> Delivery:
        """Return a delivery that answers for parts together; they are held no more when it closes.

        Args:
            parts: The parts.
            keep: Those among them that stay held, because another message will be made of them too.
        """
        kept = set(keep)
        self.count -= len(parts) - len(kept)
        deliveries: list[Delivery] = []
        shelved: list[Shelved] = []
        for part in parts:
            if isinstance(part.held, Message):
                deliveries.append(part.held.delivery)
                if part in kept:
                    self._node.hold(part.held)
            elif part not in kept:
                shelved.append(part.held)
        if shelved:
            deliveries.append(self._shelf.take(shelved))
        return deliveries[0] if len(deliveries) == 1 else JointDelivery(deliveries)

    def give_up(self, part: Part, reason: str) -> None:
        """Let go of a part on purpose.

        Args:
            part: The part.
            reason: Word code that ``/metrics`` shows.
        """
        message = self._alone(part)
        self._node.drop(message, reason)
        self._node.done(message)

    def fail(self, part: Part, error: NodeError) -> None:
        """Let go of a part with an error, which goes the way of all errors."""
        self._node.done(self._alone(part), error)

    async def load(self) -> list[Part]:
        """Return what an earlier run left in the store, oldest first; even if messages are now held in memory."""
        loaded = await self._shelf.load()
        self.count = len(loaded)
        return [Part(shelved.fields, shelved.key, shelved.due, shelved) for shelved in loaded]

    def hand_over(self, parts: Iterable[Part]) -> list[Message]:
        """Return what only memory holds, oldest first, for the node's successor."""
        ordered = sorted(parts, key=lambda part: part.order)
        return [part.held for part in ordered if isinstance(part.held, Message)]

    def _alone(self, part: Part) -> Message:
        self.count -= 1
        if isinstance(part.held, Message):
            return part.held
        return Message(part.fields, self._shelf.take([part.held]))
