"""How a request for a command becomes a command in the registry, wherever it comes from."""

import secrets
from typing import Any, Final, NamedTuple

from flowengine.node import NodeError
from flowengine_nodes.iiot.commands.rendering import check_command, render_command
from flowengine_nodes.iiot.commands.request import CommandRequest
from flowengine_nodes.iiot.registry.command import Command
from flowengine_nodes.iiot.registry.commands import Added
from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.registry import Registry

LONGEST_TTL: Final = 90 * 86_400.0
STATUS: Final = {
    "unknown-device": 404,
    "inactive-device": 409,
    "idempotency-conflict": 409,
    "too-many-commands": 429,
}
"""HTTP status of a refusal; 400 of all others."""


class InactiveDeviceError(NodeError):
    """A device takes no commands at this point of its life.

    Args:
        device: The device.
    """

    code = "inactive-device"

    def __init__(self, device: Device) -> None:
        super().__init__(
            f'the device "{device.id}" is {device.lifecycle.value} and takes no commands',
            detail={"location": "device"},
        )
        self.device = device


class Terms(NamedTuple):
    """What holds where a request says nothing else.

    Args:
        source: How requests come in, for the audit trail.
        ttl: Seconds after which nobody wants a command any more.
        response_timeout: Seconds that a device has to answer; 0 if no answer is expected.
        most_waiting: How many commands of one device may wait to be sent.
    """

    source: str
    ttl: float = 3_600.0
    response_timeout: float = 30.0
    most_waiting: int = 100


async def take_request(registry: Registry[Any], request: CommandRequest, who: str, terms: Terms, now: float) -> Added:
    """Check a request, write the device's message, and store both.

    Args:
        registry: Knows the devices and keeps the commands.
        request: What is asked for.
        who: Who asks.
        terms: What holds where the request says nothing.
        now: In seconds since 1970.

    Raises:
        NodeError: The request is refused; its code says why.
    """
    commands = registry.commands
    if request.idempotency_key is not None:
        # Whatever has changed since, the same request gets the same answer.
        older = await commands.find(who, request.idempotency_key)
        if older is not None and older.digest == request.digest:
            return Added(older, is_new=False)
    device = await registry.devices.get(request.device)
    if not device.lifecycle.takes_part:
        raise InactiveDeviceError(device)
    command = await _command(registry, request, device, who, terms, now)
    return await commands.add(command, most_waiting=terms.most_waiting)


async def _command(
    registry: Registry[Any], request: CommandRequest, device: Device, who: str, terms: Terms, now: float
) -> Command:
    profile = registry.roster.profile(device.profile) or await registry.profiles.get(device.profile)
    check_command(profile, request.action, request.params)
    id = secrets.token_hex(12)
    expires_at = now + (terms.ttl if request.ttl is None else min(request.ttl, LONGEST_TTL))
    return Command(
        id=id,
        device=device.id,
        action=request.action,
        params=request.params,
        payload=render_command(profile, device, request.action, request.params, id=id, at=now),
        who=who,
        source=terms.source,
        key=request.idempotency_key,
        digest=request.digest,
        supersede=request.supersede,
        response_timeout=terms.response_timeout if request.response_timeout is None else request.response_timeout,
        created_at=now,
        expires_at=expires_at,
        next_at=now,
        deadline=expires_at,
    )
