"""How nodes that send messages out go on with their traces (W3C Trace Context)."""

from typing import Final, Literal, TypeAlias

from flowengine.node import Message

TraceMode: TypeAlias = Literal["pass", "begin", "none"]

TRACE_HELP: Final = (
    "Go on with the W3C trace that the message came with (pass), begin one where it came with none too (begin), or "
    "tell of no trace (none)."
)


def trace_headers(message: Message, mode: TraceMode) -> dict[str, str]:
    """Return the headers that go on with a message's trace, with a span of their own; none where there is no trace.

    Args:
        message: The message that is sent.
        mode: The node's setting.
    """
    if mode == "none" or (mode == "pass" and message.delivery.context is None):
        return {}
    return message.trace_context.child().headers
