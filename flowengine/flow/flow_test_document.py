"""The document of a flow's tests: cases that say what is given to a flow and what has to come of it."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator

from flowengine.flow.document import Document, DocumentPart
from flowengine.flow.duration import Duration
from flowengine.flow.identifier import PORT_PATTERN, Identifier, NodePath, PlaceText, VariableName

_ENDS: Final = r"^(acknowledged|open|(failed|dropped)(: ?[a-z0-9-]+)?)$"
_KINDS: Final = {
    "from": frozenset({"from", "message", "as"}),
    "into": frozenset({"into", "message", "as"}),
    "request": frozenset({"request", "as"}),
    "duplicate": frozenset({"duplicate", "as"}),
    "advance": frozenset({"advance"}),
    "fault": frozenset({"fault", "times", "error", "code", "after", "retry_after", "taken"}),
    "recover": frozenset({"recover"}),
    "restart": frozenset({"restart"}),
    "expect": frozenset({"expect"}),
}
"""What each kind of event consists of; the first field names the kind."""


def _moment(text: str) -> str:
    try:
        has_offset = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        has_offset = False
    if not has_offset:
        raise ValueError(f'"{text}" is no time with an offset; write for example 2026-01-01T06:00:00Z')
    return text


def _end(text: str) -> str:
    if not re.fullmatch(_ENDS, text):
        raise ValueError(f'"{text}" is no end; write acknowledged, failed, dropped, "failed: code" or open')
    return text


EndText = Annotated[str, AfterValidator(_end), WithJsonSchema({"type": "string", "pattern": _ENDS})]


class LetterExpectation(DocumentPart):
    """A message that was given up."""

    node: NodePath | None = Field(default=None, description="Node that failed; any if left out.")
    code: str | None = Field(default=None, description="Word code of the error; any if left out.")
    error: Any = Field(default=None, description="The error's sentence, or a matcher for it.")
    message: dict[str, Any] = Field(default={}, description="Fields of the message as the node got it.")


class StateValues(DocumentPart):
    """Values that nodes and flows remember."""

    nodes: dict[NodePath, dict[str, Any]] = Field(default={}, description="Values of nodes, by id and name.")
    flow: dict[str, Any] = Field(default={}, description="Values of the flow, by name.")
    all: dict[str, Any] = Field(default={}, description="Values of all flows, by name.")


class ResponseExpectation(DocumentPart):
    """What an HTTP request was answered."""

    status: Any = Field(default=None, description="Status code, or a matcher for it.")
    headers: dict[str, Any] = Field(default={}, description="Header values by lower-case name.")
    body: Any = Field(default=None, description="The body: read as JSON where it is JSON, else as text.")


class Expectation(DocumentPart):
    """What has to be true at a moment of a case; what is not named is not looked at."""

    messages: dict[PlaceText, list[dict[str, Any]]] = Field(
        default={},
        description="Messages since the beginning, in order: at 'node', what came to it, or for a node that talks to "
        "the outside, what the outside has taken from it; at 'node.port', what left by the port. [] for none.",
    )
    order: dict[PlaceText, str] = Field(
        default={},
        description="Where messages need not be in order: 'any', or the JSONPath of a key, to keep order per key.",
    )
    counts: dict[PlaceText, Annotated[int, Field(ge=0)]] = Field(
        default={}, description="How many messages, where their content does not matter."
    )
    tries: dict[NodePath, Annotated[int, Field(ge=0)]] = Field(
        default={}, description="How often a node has turned to the outside, tries that failed included."
    )
    ends: dict[str, EndText] = Field(
        default={},
        description="How messages that the case gave have ended, by their 'as': acknowledged, failed, dropped (both "
        "with ': code', if you like), or open for one that is not acknowledged yet.",
    )
    dead_letters: list[LetterExpectation] | None = Field(
        default=None, description="All messages given up, oldest first; at the end of a case, none if left out."
    )
    outbox: dict[NodePath, list[dict[str, Any]]] = Field(
        default={}, description="Messages that wait in the outbox of a node, oldest first."
    )
    state: StateValues = Field(default=StateValues(), description="Values remembered; those named are looked at.")
    statuses: dict[NodePath, Any] = Field(default={}, description="Words that nodes show, or matchers for them.")
    responses: dict[str, ResponseExpectation] = Field(
        default={}, description="Answers to HTTP requests, by the 'as' of the request."
    )
    in_flight: Annotated[int, Field(ge=0)] | None = Field(
        default=None,
        description="Messages not ended yet, those of the flow's own sources too; at the end of a case, as many as "
        "'ends' calls open if left out.",
    )

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        asked = self.model_dump(exclude_defaults=True).keys() - {"order"}
        return not asked


class RequestDocument(DocumentPart):
    """An HTTP request to a node of the flow that answers a path."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    path: str = Field(pattern=r"^/", description="Path, with the query if there is one.")
    headers: dict[str, str] = Field(default={}, description="Header values by name.")
    body: Any = Field(default=None, description="A text as it is; anything else as JSON; nothing for null.")


class GivenEvent(DocumentPart):
    """One thing that happens to the flow; the field that it begins with says what.

    Messages that follow one another arrive together; before anything else happens, the flow comes to rest.
    """

    model_config = ConfigDict(
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_extra={"oneOf": [{"required": [kind]} for kind in _KINDS]},
    )

    from_: PlaceText | None = Field(
        default=None,
        alias="from",
        description="A message comes from outside through this source; 'node.port' where it has several ports.",
    )
    into: NodePath | None = Field(default=None, description="A message enters this node.")
    request: RequestDocument | None = Field(default=None, description="An HTTP request comes in.")
    duplicate: str | None = Field(
        default=None, description="A message given before, by its 'as', comes again, marked as the source would."
    )
    message: dict[str, Any] = Field(default={}, description="Fields of the message.")
    as_: str | None = Field(default=None, alias="as", min_length=1, description="Name of the message in this case.")
    advance: Duration | None = Field(default=None, description="Time passes.")
    fault: NodePath | None = Field(default=None, description="From now on the outside fails this node.")
    times: int | None = Field(default=None, ge=1, description="How often it fails; always, if left out.")
    error: Literal["transient", "permanent", "none"] = Field(
        default="transient",
        description="Whether trying again could help; none for an outside that is only slow ('after').",
    )
    code: str | None = Field(default=None, min_length=1, description="Word code of the error.")
    after: Duration = Field(default=0.0, description="How long the outside takes before it fails.")
    retry_after: Duration | None = Field(default=None, description="How long the outside asks to be left alone.")
    taken: bool = Field(default=False, description="Whether it took the message nevertheless: an answer that was lost.")
    recover: NodePath | None = Field(default=None, description="The outside no longer fails this node.")
    restart: Literal[True] | None = Field(
        default=None,
        description="The engine stops at once and starts again; what was not acknowledged is given again.",
    )
    expect: Expectation | None = Field(default=None, description="What has to be true at this moment.")

    @property
    def kind(self) -> str:
        """The field that says what happens."""
        return next(name for name in _names(self) if name in _KINDS)

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        names = _names(self)
        kinds = [name for name in names if name in _KINDS]
        if len(kinds) != 1:
            listed = ", ".join(_KINDS)
            found = f"it has {' and '.join(kinds)}" if kinds else "it has none"
            raise ValueError(f"an event is exactly one of {listed}; {found}")
        foreign = [name for name in names if name not in _KINDS[kinds[0]]]
        if foreign:
            raise ValueError(f"'{foreign[0]}' does not go with '{kinds[0]}'")
        if self.error == "none" and self.after == 0:
            raise ValueError("a fault with the error 'none' needs 'after': how long the outside takes")
        return self


class AnswerDocument(DocumentPart):
    """What the outside answers to a node that asks it something."""

    message: dict[str, Any] = Field(default={}, description="Fields that the answer puts into the message.")
    port: Annotated[str, StringConstraints(pattern=PORT_PATTERN)] | None = Field(
        default=None, description="Port that it leaves by; the only one if left out."
    )
    times: int | None = Field(default=1, ge=1, description="How many messages get it; null for all from then on.")


class CaseDocument(DocumentPart):
    """One test of a flow: what is given to it, and what has to come of that."""

    name: str = Field(min_length=1, description="What the flow does, as the end of 'The flow …'.")
    description: str = Field(default="", description="Markdown, shown in the editor.")
    start: Annotated[str, AfterValidator(_moment)] = Field(
        default="2026-01-01T00:00:00Z", description="What the clock shows when the case begins."
    )
    env: dict[VariableName, str] = Field(default={}, description="Variables that the flow sees in this case.")
    state: StateValues = Field(default=StateValues(), description="Values remembered from before.")
    resources: dict[Identifier, dict[str, Any]] = Field(
        default={}, description="What resources hold at the beginning, by id, instead of what the document says."
    )
    answers: dict[NodePath, list[AnswerDocument]] = Field(
        default={}, description="What the outside answers to the nodes that ask it, message by message."
    )
    given: list[GivenEvent] = Field(default=[], description="What happens, in order.")
    expect: Expectation = Field(description="What has to be true at the end.")


class FlowTestDocument(Document):
    """Tests of a flow. Kept in ``flows/<id>.flow-test.json``."""

    description: str = Field(default="", description="Markdown, shown in the editor.")
    env: dict[VariableName, str] = Field(
        default={}, description="Variables that the flow sees in all cases; it sees no others."
    )
    resources: dict[Identifier, dict[str, Any]] = Field(
        default={}, description="What resources hold at the beginning of each case, by id: a registry's devices, say."
    )
    cases: list[CaseDocument] = Field(min_length=1, description="The tests.")


def _names(part: DocumentPart) -> list[str]:
    """Return the fields that were given, by their names in the document."""
    fields = type(part).model_fields
    return [fields[name].alias or name for name in fields if name in part.model_fields_set]
