"""W3C trace context: which trace, among the systems of a plant, a message belongs to."""

import hashlib
import random
import re
from typing import Final, NamedTuple, Self

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
_SAMPLED: Final = 0x01
# As much as a system has to pass on at least (W3C Trace Context §3.3.1.5).
_STATE: Final = re.compile(r"[\x20-\x7e]{0,512}")
# Later versions may add parts, which are not ours to understand (W3C Trace Context §3.2.2, §4.3).
_PARENT: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)


class TraceContext(NamedTuple):
    """The place of a message in a trace.

    Attributes:
        trace_id: The trace, 32 hexadecimal digits.
        span_id: What caused the message, 16 hexadecimal digits.
        is_sampled: Whether the cause was recorded.
        state: What other systems add, passed on as it came.
    """

    trace_id: str
    span_id: str
    is_sampled: bool = False
    state: str = ""

    @classmethod
    def parse(cls, traceparent: str | None, tracestate: str | None = None) -> Self | None:
        """Return what headers or user properties say; ``None`` where they say nothing, or nothing valid.

        Args:
            traceparent: The value of ``traceparent``.
            tracestate: The value of ``tracestate``.
        """
        if traceparent is None:
            return None
        match = _PARENT.fullmatch(traceparent.strip())
        if match is None or match["version"] == "ff" or (match["version"] == "00" and match["more"]):
            return None
        trace_id, span_id = match["trace"], match["span"]
        if not int(trace_id, 16) or not int(span_id, 16):
            return None
        state = (tracestate or "").strip()
        is_sampled = bool(int(match["flags"], 16) & _SAMPLED)
        return cls(trace_id, span_id, is_sampled, state if _STATE.fullmatch(state) else "")

    @classmethod
    def begin(cls, id: str, *, is_sampled: bool = False) -> Self:
        """Return the beginning of a trace, the same for each branch of a message and behind each store.

        Args:
            id: The message's id.
            is_sampled: Whether its way is recorded.
        """
        digest = hashlib.blake2b(id.encode("utf-8", "replace"), digest_size=24).hexdigest()
        return cls(digest[:32], digest[32:], is_sampled)

    def child(self) -> Self:
        """Return the context of something that the message causes: the same trace, a new span."""
        # Ids tell spans apart, they keep no secret; zero is no id.
        span = random.getrandbits(64) or 1
        return self._replace(span_id=f"{span:016x}")

    @property
    def traceparent(self) -> str:
        """The value of ``traceparent``."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.is_sampled else '00'}"

    @property
    def headers(self) -> dict[str, str]:
        """The headers or user properties that carry it."""
        carried = {TRACEPARENT: self.traceparent}
        return carried | {TRACESTATE: self.state} if self.state else carried
