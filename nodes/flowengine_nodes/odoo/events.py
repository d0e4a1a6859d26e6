"""Events that Odoo signs: what they look like, and whether they are Odoo's."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson
from pydantic import BaseModel, ValidationError
from pydantic import Field as ModelField

from flowengine.node import NodeError

TIMESTAMP_HEADER: Final = "x-iiot-timestamp"
SIGNATURE_HEADER: Final = "x-iiot-signature"
SKEW: Final = 300.0
"""Seconds that the clocks of Odoo and the engine may differ."""
MOST_EVENTS: Final = 10_000


class Event(BaseModel):
    """One event.

    Attributes:
        id: Its id, by which it is known when it comes again.
        type: What it is, such as ``command``.
        at: When it happened, as Odoo says it.
        data: What it says.
    """

    id: str = ModelField(min_length=1, max_length=200)
    type: str = ModelField(min_length=1, max_length=100)
    at: str = ""
    data: dict[str, Any] = {}

    @property
    def who(self) -> str:
        """Who caused it, as audit trails name them."""
        who = self.data.get("who")
        return who if isinstance(who, str) and who else "odoo"


class Events(BaseModel):
    """The body of one request.

    Attributes:
        database: Name of Odoo's database.
        events: The events, in the order they happened.
    """

    database: str = ""
    events: list[Event] = ModelField(max_length=MOST_EVENTS)


class Refusal(NamedTuple):
    """Why a request is not taken.

    Args:
        status: HTTP status.
        code: Word code.
        message: The sentence.
    """

    status: int
    code: str
    message: str


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Return what Odoo puts into the header ``X-IIoT-Signature``.

    Args:
        key: The shared key.
        timestamp: The header ``X-IIoT-Timestamp``: seconds since 1970.
        body: The body, as it is sent.
    """
    signed = hmac.new(key.encode(), b"v1:" + timestamp.encode() + b":" + body, sha256)
    return f"v1={signed.hexdigest()}"


def check(keys: Sequence[str], headers: Mapping[str, str], body: bytes, now: float) -> Refusal | None:
    """Return why a request cannot be believed to be Odoo's, ``None`` where it is.

    Args:
        keys: The shared keys, any of which will do.
        headers: Values by lower-case name.
        body: The body.
        now: The time, in seconds since 1970.
    """
    if not keys:
        return Refusal(401, "no-key", "this node has no key, so it can believe nobody; set 'keys'")
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    given = headers.get(SIGNATURE_HEADER, "").encode()
    # All keys are tried, so that the time tells nothing of which one was right.
    matches = [hmac.compare_digest(signature(key, timestamp, body).encode(), given) for key in keys]
    if not any(matches):
        return Refusal(401, "bad-signature", "the signature is missing or was made with another key")
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(now - int(timestamp)) > SKEW:
        return Refusal(401, "bad-timestamp", f"the request is older or newer than {SKEW:g} s; compare both clocks")
    return None


def parse(body: bytes) -> Events:
    """Return the events of a body.

    Raises:
        NodeError: It is none (``bad-body``).
    """
    try:
        return Events.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise NodeError(f"the body is no JSON: {error}", code="bad-body") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise NodeError(f"{place}: {first['msg']}", code="bad-body") from None
