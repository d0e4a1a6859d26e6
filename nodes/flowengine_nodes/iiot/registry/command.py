"""A command to a device, and the states that it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from flowengine.node import NodeError


class CommandState(StrEnum):
    """How far a command has come.

    ``queued``: waits for its turn, its device or its next attempt. ``sent``: on its way to the broker. ``delivered``:
    the broker has it. ``acknowledged``: the device has begun. ``succeeded``, ``failed``: what the device said at the
    end. ``timed_out``: delivered, and the device has not answered in time. ``expired``: its time was over before it was
    ever sent. ``superseded``: a newer one has taken its place before it was sent. ``unknown``: it may have reached the
    device, and nobody will tell.
    """

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"

    @property
    def is_end(self) -> bool:
        """Whether nothing more is done about the command; a late answer may still correct some of these."""
        return self in END_STATES

    @property
    def sources(self) -> tuple["CommandState", ...]:
        """The states from which this one is reached."""
        return tuple(state for state, targets in TRANSITIONS.items() if self in targets)


_Q, _SENT, _D, _A = CommandState.QUEUED, CommandState.SENT, CommandState.DELIVERED, CommandState.ACKNOWLEDGED
_OK, _FAILED, _T = CommandState.SUCCEEDED, CommandState.FAILED, CommandState.TIMED_OUT
_E, _SUPERSEDED, _U = CommandState.EXPIRED, CommandState.SUPERSEDED, CommandState.UNKNOWN

TRANSITIONS: Final[Mapping[CommandState, frozenset[CommandState]]] = {
    # An answer to an earlier attempt may come while the next one waits.
    _Q: frozenset({_SENT, _A, _OK, _FAILED, _E, _SUPERSEDED, _U}),
    # Back when the attempt has failed, or nobody knows after a crash whether it has.
    _SENT: frozenset({_Q, _D, _A, _OK, _FAILED, _U}),
    _D: frozenset({_A, _OK, _FAILED, _T, _U}),
    # Again and again, while the device reports progress.
    _A: frozenset({_A, _OK, _FAILED, _T}),
    _OK: frozenset(),
    _FAILED: frozenset(),
    # What the device says in the end is worth more than our guess.
    _T: frozenset({_OK, _FAILED}),
    _SUPERSEDED: frozenset({_OK, _FAILED}),
    _U: frozenset({_OK, _FAILED}),
    # It was never sent.
    _E: frozenset(),
}
"""Every step that a command can take."""

END_STATES: Final = frozenset({_OK, _FAILED, _T, _E, _SUPERSEDED, _U})
ANSWERABLE: Final = (_SENT, _D, _A)
"""States in which a device may be at work on a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to a device.

    Args:
        id: Random; what the device answers with.
        device: Whom it is for.
        action: What to do.
        params: The action's parameters, as they were asked for.
        payload: The message, JSON text as its template made it.
        who: Who asked for it.
        source: How it came in: "api", "automation".
        key: The caller's idempotency key.
        digest: Of what was asked for: the same key with another digest is refused.
        supersede: Of all commands of a device with the same name here, only the newest is sent.
        response_timeout: Seconds that the device has to answer, again after each progress report; 0 if no answer is
            expected.
        created_at: When it was asked for, in seconds since 1970, as all times here.
        expires_at: When nobody wants it any more.
        state: How far it has come.
        attempts: How often it was sent, or begun to be.
        next_at: When it may be sent next.
        deadline: When its state ends by itself; ``None`` if it does not.
        sent_at: When it was sent last.
        delivered_at: When the broker took it.
        acknowledged_at: When the device said last that it is at work.
        ended_at: When it came to its end.
        code: Word code of what went wrong, or of why it ended.
        result: What the device answered last.
        revision: Raised by every change.
    """

    id: str
    device: str
    action: str
    params: Mapping[str, Any]
    payload: str
    who: str
    source: str = ""
    key: str | None = None
    digest: str = ""
    supersede: str | None = None
    response_timeout: float
    created_at: float
    expires_at: float
    state: CommandState = CommandState.QUEUED
    attempts: int = 0
    next_at: float = 0.0
    deadline: float | None = None
    sent_at: float | None = None
    delivered_at: float | None = None
    acknowledged_at: float | None = None
    ended_at: float | None = None
    code: str = ""
    result: Any = None
    revision: int = 1

    def describe(self) -> dict[str, Any]:
        """Return the command as JSON for those outside."""
        return {
            "id": self.id,
            "device": self.device,
            "action": self.action,
            "params": dict(self.params),
            "message": orjson.loads(self.payload),
            "state": self.state.value,
            "attempts": self.attempts,
            "who": self.who,
            "source": self.source,
            "idempotency_key": self.key,
            "supersede": self.supersede,
            "response_timeout": self.response_timeout,
            "created_at": _written(self.created_at),
            "expires_at": _written(self.expires_at),
            "sent_at": _written(self.sent_at),
            "delivered_at": _written(self.delivered_at),
            "acknowledged_at": _written(self.acknowledged_at),
            "ended_at": _written(self.ended_at),
            "code": self.code,
            "result": self.result,
        }


class IdempotencyConflictError(NodeError):
    """The caller has used an idempotency key before, for something else.

    Args:
        key: The key.
        id: Id of the command that has it.
    """

    code = "idempotency-conflict"

    def __init__(self, key: str, id: str) -> None:
        super().__init__(
            f'the idempotency key "{key}" belongs to the command {id}, which asks for something else; '
            "use a new key for a new command",
            detail={"location": "idempotency_key", "command": id},
        )
        self.key = key
        self.id = id


class QueueLimitError(NodeError):
    """Too many commands of a device wait to be sent.

    Args:
        device: Its id.
        limit: How many may wait.
    """

    code = "too-many-commands"

    def __init__(self, device: str, limit: int) -> None:
        super().__init__(
            f'{limit} commands wait for the device "{device}" already; try again when some are gone',
            detail={"location": "device"},
        )
        self.device = device
        self.limit = limit


def _written(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
