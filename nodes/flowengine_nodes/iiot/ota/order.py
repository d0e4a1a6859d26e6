"""What callers ask for, as they write it."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from pydantic import AliasChoices, ValidationError, model_validator

from flowengine.node import Field, Message, StrictConfig
from flowengine_nodes.iiot.commands.request import BadRequestError
from flowengine_nodes.iiot.registry.device import DeviceId
from flowengine_nodes.iiot.registry.rollout import RolloutPlan
from flowengine_nodes.iiot.registry.update import UpdatePolicy

M = TypeVar("M", bound=StrictConfig)


class UpdateOrder(StrictConfig):
    """Update a device."""

    device: DeviceId = Field(
        description="Id of the device; `device_id` does as well.", validation_alias=AliasChoices("device", "device_id")
    )
    firmware: str = Field(
        "",
        description="Id of the firmware; `firmware_id` does as well.",
        validation_alias=AliasChoices("firmware", "firmware_id"),
    )
    version: str = Field("", description="Instead of that: the newest firmware of this version that fits the device.")
    policy: UpdatePolicy = Field(UpdatePolicy(), description="How patient the update is.")
    again: bool = Field(False, description="Update the device even if it has the version.")
    idempotency_key: str | None = Field(
        None, min_length=1, max_length=200, description="A request that comes again with it is not carried out again."
    )

    @model_validator(mode="after")
    def _names_firmware(self) -> Self:
        if bool(self.firmware) == bool(self.version):
            raise ValueError("name either the firmware or its version")
        return self


class RolloutOrder(RolloutPlan):
    """Begin a rollout."""

    idempotency_key: str | None = Field(
        None, min_length=1, max_length=200, description="A request that comes again with it is not carried out again."
    )

    def as_plan(self) -> RolloutPlan:
        """Return the plan alone."""
        return RolloutPlan.model_validate(self.model_dump(exclude={"idempotency_key"}))


def read_order(model: type[M], message: Message) -> M:
    """Read what a message asks for; a header ``Idempotency-Key`` counts as well.

    Raises:
        BadRequestError: With the first thing that is wrong, and its place.
    """
    if not isinstance(message.payload, Mapping):
        raise BadRequestError("body", "a JSON object is expected")
    asked: dict[str, Any] = dict(message.payload)
    headers = message.get("headers")
    key = headers.get("idempotency-key") if isinstance(headers, dict) else None
    if key:
        asked.setdefault("idempotency_key", key)
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadRequestError(".".join(map(str, first["loc"])) or "body", first["msg"]) from error


def named(message: Message, field: str) -> str:
    """Return the id of what a message is about: its own field, or the one of its payload.

    Args:
        message: The message.
        field: "update" or "rollout".
    """
    payload = message.payload if isinstance(message.payload, Mapping) else {}
    found = message.get(field) or payload.get(field)
    return found if isinstance(found, str) else ""


def key_of(message: Message) -> str:
    """Return the idempotency key by which a message names what was asked for; empty if it does not."""
    payload = message.payload if isinstance(message.payload, Mapping) else {}
    found = payload.get("idempotency_key")
    return found if isinstance(found, str) else ""


def family(who: str) -> str:
    """Return whose requests a caller may name by their keys: his own, or those of all users of his system.

    Args:
        who: Who asks, such as ``odoo:anna``.
    """
    system, colon, _ = who.partition(":")
    return system + colon


def caller(message: Message, source: str) -> str:
    """Return who asks: the message's ``principal``, or where it came in."""
    principal = message.get("principal")
    return principal if isinstance(principal, str) and principal else source
