"""What a dead letter is: the message, why it was given up, and what is needed to try it again."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self

import orjson

from flowengine.errors import FlowEngineError
from flowengine.message import excerpt

Origin = Literal["flow", "outbox"]
UNEXPECTED = "unexpected-error"


class Failure(NamedTuple):
    """Why a message was given up.

    Args:
        code: Stable word code.
        text: One sentence.
        detail: JSON object for a program to read.
    """

    code: str
    text: str
    detail: bytes = b"{}"

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """Describe an error.

        Args:
            error: Any error; one of ours tells its code and its detail.
        """
        code = error.code if isinstance(error, FlowEngineError) else UNEXPECTED
        facts = getattr(error, "detail", {})
        try:
            detail = orjson.dumps(facts, default=repr, option=orjson.OPT_NON_STR_KEYS)
        except TypeError:
            # Half a surrogate pair, or a number beyond 64 bits.
            detail = orjson.dumps({"repr": excerpt(facts)})
        return cls(code, str(error) or type(error).__name__, detail)


class NewLetter(NamedTuple):
    """A message to be given up.

    Args:
        flow: Flow it failed in.
        node: Node that failed.
        message: The message, encoded.
        failure: Why.
        origin: Where a replay goes: into the flow at the node, or into the node's outbox.
        source_id: Id of the message that it came from.
        attempts: How often it was tried.
        key: Ordering key, where it has one.
        meta: What the runtime keeps beside a message.
    """

    flow: str
    node: str
    message: bytes
    failure: Failure
    origin: Origin = "flow"
    source_id: str = ""
    attempts: int = 1
    key: str = ""
    meta: bytes = b""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up.

    Args:
        id: Its number; newer letters have larger ones.
        created_at: When the message was accepted, in seconds since 1970.
        failed_at: When it was given up.
        replays: How often it was taken to be replayed before now; what left it then may have arrived.
        taken: Whether it is being replayed now.
    """

    id: int
    flow: str
    node: str
    origin: Origin
    key: str
    message: bytes
    meta: bytes
    error_code: str
    error_text: str
    error_detail: Any
    source_id: str
    attempts: int
    created_at: float
    failed_at: float
    replays: int
    taken: bool


class LetterFilter(NamedTuple):
    """Which dead letters; what is ``None`` does not matter.

    Args:
        flow: Of this flow.
        node: Of this node.
        code: With this error code.
        search: With this text in the message (exact case) or in the error (any case).
        ids: With one of these numbers.
    """

    flow: str | None = None
    node: str | None = None
    code: str | None = None
    search: str | None = None
    ids: Collection[int] | None = None


class LetterCount(NamedTuple):
    """How many dead letters there are of one kind."""

    flow: str
    node: str
    code: str
    letters: int


ALL = LetterFilter()


def storable(text: str) -> str:
    """Return an error's text as both databases take it."""
    # PostgreSQL takes no NUL, neither database half a surrogate pair; no letter must be lost for its error
    # text.
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
