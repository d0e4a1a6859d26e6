"""What is asked for: a command as callers write it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import AliasChoices, ValidationError

from flowengine.node import Duration, Field, NodeError, StrictConfig
from flowengine_nodes.iiot.registry.device import DeviceId

_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"


class CommandRequest(StrictConfig):
    """Ask a device to do something."""

    device: DeviceId = Field(
        description="Id of the device; `device_id` does as well.", validation_alias=AliasChoices("device", "device_id")
    )
    action: str = Field(min_length=1, max_length=100, pattern=_PRINTABLE, description="What to do.")
    params: dict[str, Any] = Field({}, description="The action's parameters.")
    idempotency_key: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=_PRINTABLE,
        description="Text that the caller chooses; a request that comes again with it is not carried out again.",
    )
    ttl: Duration | None = Field(
        None, gt=0, description="After this time nobody wants the command any more; empty for the node's setting."
    )
    response_timeout: Duration | None = Field(
        None, description="Time that the device has to answer; 0 if none is expected, empty for the node's setting."
    )
    supersede: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=_PRINTABLE,
        description="Of the commands of a device with the same name here, those that still wait give way to this one.",
    )

    @property
    def digest(self) -> str:
        """A text that is the same for the same request."""
        asked = self.model_dump(mode="json", exclude={"idempotency_key"})
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class BadRequestError(NodeError):
    """A request is none.

    Args:
        location: Where it is wrong.
        problem: What is wrong.
    """

    code = "bad-request"

    def __init__(self, location: str, problem: str) -> None:
        super().__init__(f"{location}: {problem}", detail={"location": location})
        self.location = location
        self.problem = problem


def read_request(payload: Any, device: Any = None, key: str | None = None) -> CommandRequest:
    """Read a request.

    Args:
        payload: What the caller wrote.
        device: The device, where something else than the payload says it.
        key: The idempotency key, likewise.

    Raises:
        BadRequestError: With the first thing that is wrong.
    """
    if not isinstance(payload, Mapping):
        raise BadRequestError("body", 'a command is an object such as {"device": "boiler-1", "action": "reset"}')
    try:
        orjson.dumps(payload)
    except TypeError as error:
        raise BadRequestError("body", f"it cannot be written as JSON: {error}") from error
    asked = dict(payload)
    if isinstance(device, str) and device:
        named = asked.pop("device", asked.pop("device_id", device))
        if named != device:
            raise BadRequestError("device", f'the body names another device than "{device}"')
        asked["device"] = device
    if key:
        asked.setdefault("idempotency_key", key)
    try:
        return CommandRequest.model_validate(asked)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadRequestError(".".join(map(str, first["loc"])) or "body", first["msg"]) from error
