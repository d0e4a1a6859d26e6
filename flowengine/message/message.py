"""The message: fields that nobody changes in place, and the delivery that answers for them."""

from typing import Any

from flowengine.message.delivery import Delivery
from flowengine.message.trace_context import TraceContext


class Message:
    """Carry fields from node to node.

    A message is never changed: a node that changes one makes a new one, which shares what did not change. That is why
    fan-out needs no copies, and why a trace can keep what it saw by reference. ``fields`` is a plain ``dict`` because
    JSONPath, JSONata and Jinja2 read it as it is; treat it, and all that hangs below it, as read-only.

    Args:
        fields: The message's fields; ``payload`` and ``topic`` are the usual ones. Handed over: never changed after.
        delivery: The delivery that this message is a branch of.
    """

    __slots__ = ("delivery", "fields")

    def __init__(self, fields: dict[str, Any], delivery: Delivery) -> None:
        self.fields = fields
        self.delivery = delivery

    @property
    def id(self) -> str:
        """The id of the source message that this one descends from."""
        return self.delivery.id

    @property
    def trace_context(self) -> TraceContext:
        """The trace among systems that this message belongs to: the one it came with, or one of its own."""
        delivery = self.delivery
        return delivery.context or TraceContext.begin(delivery.id, is_sampled=delivery.trace is not None)

    @property
    def payload(self) -> Any:
        """The field ``payload``, or ``None``."""
        return self.fields.get("payload")

    @property
    def topic(self) -> Any:
        """The field ``topic``, or an empty string."""
        return self.fields.get("topic", "")

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, or a default where it is missing."""
        return self.fields.get(name, default)

    def replace(self, **fields: Any) -> "Message":
        """Return a message with some fields new and the others shared."""
        return Message({**self.fields, **fields}, self.delivery)

    def without(self, *names: str) -> "Message":
        """Return a message that lacks some fields."""
        return Message({name: value for name, value in self.fields.items() if name not in names}, self.delivery)

    def with_fields(self, fields: dict[str, Any]) -> "Message":
        """Return a message with these fields, handed over, instead of all of its own."""
        return Message(fields, self.delivery)

    def __repr__(self) -> str:
        return f"Message({self.fields!r})"
