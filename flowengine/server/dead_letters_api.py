"""Dead letters: shown, mended, replayed, dropped."""

from typing import Any, Literal

import orjson
from pydantic import Field

from flowengine.message import decode_fields, encode_fields, excerpt
from flowengine.runtime.provenance import Provenance
from flowengine.server.access import Role
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.model import Answer, Body, Query, RowId
from flowengine.server.problem_response import ApiError
from flowengine.server.stored_message import read_message
from flowengine.storage import DeadLetter, LetterFilter, MissingDeadLetterError


class LetterSummary(Answer):
    """A message that was given up."""

    id: int
    flow: str
    node: str
    origin: Literal["flow", "outbox"]
    """Where a replay goes: into the flow at the node, or into the node's outbox."""
    code: str
    """Word code of the error."""
    error: str
    message_id: str
    key: str
    """Ordering key in the outbox."""
    attempts: int
    """How often it was tried."""
    created_at: float
    """When the message was accepted, in seconds since 1970."""
    failed_at: float
    """When it was given up."""
    replays: int
    """How often it was taken to be replayed; what left it then may have arrived."""
    taken: bool
    """Whether it is being replayed now."""
    excerpt: Any
    """The message, cut to a size."""


class LetterList(Answer):
    """Dead letters, newest first."""

    letters: list[LetterSummary]
    next: int | None
    """The `before` of the next page; null at the end."""
    total: int
    """How many there are that match."""


class LetterDetail(LetterSummary):
    """All about a dead letter."""

    detail: Any
    """What the error said for programs."""
    message: dict[str, Any] | None
    """The message as it is stored: what is not JSON is marked with `$flowengine`, and can be edited so.
    Null if it is too large to be edited here."""


class Kind(Answer):
    """How many dead letters there are of one kind."""

    flow: str
    node: str
    code: str
    letters: int


class Kinds(Answer):
    """Dead letters by flow, node and code."""

    kinds: list[Kind]


class LetterQuery(Query):
    """Which letters."""

    flow: str | None = None
    node: str | None = None
    code: str | None = None
    search: str | None = None
    """Text in the message (exact case) or the error (any case)."""
    before: RowId | None = None
    """Only letters before this one: the `next` of the page before."""
    limit: int = Field(default=50, ge=1, le=500)
    size: int = Field(default=500, ge=20, le=100_000)
    """Most characters shown of a message."""


class Which(Body):
    """Which letters; what is left out does not matter, but something must be said."""

    ids: list[RowId] | None = Field(default=None, max_length=1_000)
    flow: str | None = None
    node: str | None = None
    code: str | None = None
    search: str | None = None
    all: bool = False
    """Every letter there is."""

    def filter(self) -> LetterFilter:
        """Return the filter.

        Raises:
            ApiError: It says nothing: that would be every letter, by a slip.
        """
        chosen = LetterFilter(self.flow, self.node, self.code, self.search, self.ids)
        if chosen == LetterFilter() and not self.all:
            message = 'say which letters: ids, flow, node, code or search; {"all": true} for every one'
            raise ApiError(422, "missing-filter", message, "all")
        return chosen


class ReplayLetters(Which):
    """Which letters to replay."""

    limit: int = Field(default=100, ge=1, le=1_000)
    """How many at most, oldest first."""
    wait: float = Field(default=5.0, ge=0, le=60)
    """Longest time to wait until they have ended, in seconds; they go on without the caller."""


class EditLetter(Body):
    """Another message for a letter."""

    message: dict[str, Any]


class ShownRefusal(Answer):
    """A letter that was not replayed; it is as it was."""

    id: int
    code: str
    message: str


class Replayed(Answer):
    """What became of the letters."""

    requeued: int
    """Put back into an outbox."""
    settled: int
    """Gone through the flow."""
    dropped: int
    """Given up on purpose by a node or a policy."""
    failed: int
    """Failed again; the message is a new letter."""
    pending: int
    """Still on their way."""
    refused: list[ShownRefusal]
    remaining: int
    """Letters that match now, those on their way included."""


class Dropped(Answer):
    """How many letters were removed."""

    count: int


async def list_letters(call: Call, query: LetterQuery) -> LetterList:
    """List dead letters, newest first."""
    await call.backend.replay.sweep()
    letters = call.backend.store.dead_letters
    which = LetterFilter(query.flow, query.node, query.code, query.search)
    found = await letters.list(which, before=query.before, limit=query.limit)
    return LetterList(
        letters=[LetterSummary(**_facts(letter, query.size)) for letter in found],
        next=found[-1].id if len(found) == query.limit else None,
        total=await letters.count(which),
    )


async def list_kinds(call: Call) -> Kinds:
    """Count dead letters by flow, node and code."""
    counts = await call.backend.store.dead_letters.counts()
    return Kinds(kinds=[Kind(**one._asdict()) for one in counts])


async def get_letter(call: Call, id: int) -> LetterDetail:
    """Return all about a dead letter."""
    return _detail(await _known(call, id))


async def edit_letter(call: Call, id: int, body: EditLetter) -> LetterDetail:
    """Change the message of a letter before it is replayed."""
    try:
        stored = encode_fields(decode_fields(orjson.dumps(body.message)))
    except (ValueError, TypeError) as error:
        raise ApiError(422, "bad-message", f"the message cannot be stored so: {error}", "message") from None
    if orjson.loads(stored) != body.message:
        message = "the message cannot be stored so: a value that is marked with $flowengine does not fit its mark"
        raise ApiError(422, "bad-message", message, "message")
    await _known(call, id)
    try:
        await call.backend.store.dead_letters.edit(id, stored)
    except MissingDeadLetterError as error:
        raise ApiError(409, error.code, str(error), str(id)) from None
    return _detail(await _known(call, id))


async def replay_letters(call: Call, body: ReplayLetters) -> Replayed:
    """Try letters again, oldest first.

    A letter goes only when its message is safe elsewhere: settled by its flow, or in the outbox. One that fails again
    is replaced by a new letter.
    """
    which = body.filter()
    report = await call.backend.replay.replay(which, limit=body.limit, wait=body.wait)
    counts = {
        "requeued": report.requeued,
        "settled": report.settled,
        "dropped": report.dropped,
        "failed": report.failed,
        "pending": report.pending,
    }
    call.facts |= {**_chosen(body), **counts, "refused": len(report.refused)}
    return Replayed(
        **counts,
        refused=[ShownRefusal(id=one.id, code=one.code, message=one.message) for one in report.refused],
        remaining=await call.backend.store.dead_letters.count(which),
    )


async def drop_letters(call: Call, body: Which) -> Dropped:
    """Remove letters for good."""
    count = await call.backend.store.dead_letters.drop(body.filter())
    call.facts |= {**_chosen(body), "count": count}
    return Dropped(count=count)


async def _known(call: Call, id: int) -> DeadLetter:
    letter = await call.backend.store.dead_letters.get(id)
    if letter is None:
        raise ApiError(404, "unknown-dead-letter", f"there is no dead letter {id}; it was replayed or dropped", str(id))
    return letter


def _chosen(which: Which) -> dict[str, Any]:
    return which.model_dump(exclude_defaults=True, exclude={"limit", "wait"})


def _facts(letter: DeadLetter, size: int) -> dict[str, Any]:
    return {
        "id": letter.id,
        "flow": letter.flow,
        "node": letter.node,
        "origin": letter.origin,
        "code": letter.error_code,
        "error": letter.error_text,
        "message_id": letter.source_id or Provenance.parse(letter.meta).id,
        "key": letter.key,
        "attempts": letter.attempts,
        "created_at": letter.created_at,
        "failed_at": letter.failed_at,
        "replays": letter.replays,
        "taken": letter.taken,
        "excerpt": excerpt(read_message(letter.message), size),
    }


def _detail(letter: DeadLetter) -> LetterDetail:
    message = None
    if len(letter.message) <= MIB:
        try:
            message = orjson.loads(letter.message)
        except orjson.JSONDecodeError:
            message = None
    return LetterDetail(
        **_facts(letter, 2_000),
        detail=letter.error_detail,
        message=message if isinstance(message, dict) else None,
    )


_ALL = "/admin/api/dead-letters"
ENDPOINTS = (
    Endpoint("GET", _ALL, list_letters, "List dead letters"),
    Endpoint("GET", f"{_ALL}/kinds", list_kinds, "Count dead letters by kind"),
    Endpoint(
        "POST", f"{_ALL}/replay", replay_letters, "Replay dead letters", role=Role.OPERATOR, audit="replay-letters"
    ),
    Endpoint("POST", f"{_ALL}/drop", drop_letters, "Drop dead letters", role=Role.OPERATOR, audit="drop-letters"),
    Endpoint("GET", f"{_ALL}/{{id}}", get_letter, "Show a dead letter"),
    Endpoint(
        "PUT",
        f"{_ALL}/{{id}}",
        edit_letter,
        "Edit a dead letter",
        role=Role.OPERATOR,
        audit="edit-letter",
        max_body=2 * MIB,
    ),
)
