"""Where a stored message came from: what the store keeps beside it, so that its trace goes on behind the store."""

from typing import Final, NamedTuple, Self

from flowengine.message import Delivery, TraceContext
from flowengine.runtime.trace import TraceRecorder

# No id has it, nor any header.
_SEPARATOR: Final = "\x1f"


class Provenance(NamedTuple):
    """What is known of the source message of one that was stored.

    Attributes:
        id: Its id.
        is_traced: Whether its way was recorded.
        context: The trace among systems that it came with, if it came with one.
    """

    id: str
    is_traced: bool = False
    context: TraceContext | None = None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read what :func:`encode_provenance` wrote."""
        id, *rest = data.decode(errors="replace").split(_SEPARATOR)
        if len(rest) != 3:
            return cls(id)
        return cls(id, bool(rest[0]), TraceContext.parse(rest[1], rest[2]))

    def give(self, delivery: Delivery, recorder: TraceRecorder, flow: str, place: str) -> None:
        """Let a delivery behind the store go on with the traces of the one before it.

        Args:
            delivery: The delivery.
            recorder: Records the ways of messages.
            flow: Id of the flow.
            place: Where the message was stored.
        """
        delivery.context = self.context
        if self.is_traced:
            recorder.go_on(flow, place, delivery)


def encode_provenance(delivery: Delivery) -> bytes:
    """Return what to keep of a message's delivery: its id alone where there is no more to say."""
    context, trace = delivery.context, delivery.trace
    if context is None and trace is None:
        return delivery.id.encode()
    parent, state = ("", "") if context is None else (context.traceparent, context.state)
    return _SEPARATOR.join((delivery.id, "" if trace is None else "traced", parent, state)).encode()
