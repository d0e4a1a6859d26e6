"""What a flow test says a registry holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from flowengine.node import Duration, Field, NodeError, StrictConfig
from flowengine_nodes.iiot.pairing.token_text import read_token
from flowengine_nodes.iiot.registry.api_key import KeyText
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, DeviceId, Lifecycle, Presence
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.rollout import RolloutPlan
from flowengine_nodes.iiot.registry.updates import UpdateRequest

WHO = "flow test"


class HeldDevice(StrictConfig):
    """A device of a flow test."""

    id: DeviceId = Field(description="Unique id.")
    serial: str = Field("", description="Serial number; the id if empty.")
    profile: str = Field(description="Id of its profile.")
    lifecycle: Lifecycle = Field(Lifecycle.ACTIVE, description="Where it is in its life.")
    business: str = Field("", description="The Odoo record it stands for: model,id.")
    hardware: str = Field("", description="Hardware revision.")
    firmware: str = Field("", description="Version of its firmware.")
    groups: tuple[str, ...] = Field((), description="Groups it is in.")
    online: bool | None = Field(None, description="Whether it is online; empty if it was never heard of.")

    def as_device(self) -> Device:
        """Return the record.

        Raises:
            ValueError: The business object is not ``model,id``.
        """
        return Device(
            id=self.id,
            serial=self.serial or self.id,
            profile=self.profile,
            lifecycle=self.lifecycle,
            business=BusinessObject.parse(self.business) if self.business else None,
            hardware=self.hardware,
            firmware=self.firmware,
            groups=self.groups,
        )


class HeldToken(StrictConfig):
    """A token of a flow test, which chooses what is random elsewhere."""

    serial: str = Field(description="Serial number of the device it is for.")
    token: str = Field(description="The token; its last two symbols are a seal that the registry's key has made.")
    expires_in: Duration = Field("15m", description="How long it may be used.", validate_default=True)


class HeldFirmware(StrictConfig):
    """A firmware of a flow test, without its file."""

    id: str = Field("", description="Unique id; the version if empty.")
    version: str = Field(description="Version.")
    url: str = Field("", description="Where devices get it; empty for the store of files.")
    size: int = Field(1, ge=0, description="Bytes of the file.")
    sha256: str = Field("00" * 32, description="Digest of the file.")
    hardware: tuple[str, ...] = Field((), description="Hardware revisions it fits.")
    min_version: str = Field("", description="Oldest version that may be updated to it.")

    def as_firmware(self) -> Firmware:
        """Return the record."""
        return Firmware(
            id=self.id or self.version,
            version=self.version,
            url=self.url,
            size=self.size,
            sha256=self.sha256,
            hardware=self.hardware,
            min_version=self.min_version,
        )


class HeldUpdate(StrictConfig):
    """An update of a flow test, which has just been scheduled."""

    id: str = Field(description="Unique id.")
    device: str = Field(description="Id of the device.")
    firmware: str = Field(description="Id of the firmware.")


class HeldRollout(RolloutPlan):
    """A rollout of a flow test, which has just begun."""

    id: str = Field(description="Unique id.")


class HeldApiKey(StrictConfig):
    """An API key of a flow test, which chooses what is random elsewhere."""

    name: str = Field(description="Who holds it.")
    key: str = Field(description="The key: fek_, 12 hexadecimal digits, _ and 43 characters of A-Z, a-z, 0-9, - and _.")
    scopes: tuple[str, ...] = Field(description="What it opens.")


class Furnishing(StrictConfig):
    """Profiles, devices and what belongs to them."""

    profiles: tuple[Profile, ...] = Field((), description="Profiles.")
    devices: tuple[HeldDevice, ...] = Field((), description="Devices.")
    tokens: tuple[HeldToken, ...] = Field((), description="Tokens to pair with.")
    api_keys: tuple[HeldApiKey, ...] = Field((), description="Keys for the HTTP API.")
    firmware: tuple[HeldFirmware, ...] = Field((), description="Firmware.")
    updates: tuple[HeldUpdate, ...] = Field((), description="Updates.")
    rollouts: tuple[HeldRollout, ...] = Field((), description="Rollouts.")
    automations: tuple[AutomationRule, ...] = Field((), description="Automation rules.")


async def furnish(registry: Registry[Any], given: Mapping[str, Any]) -> None:
    """Put into a registry what a flow test says it holds.

    Args:
        registry: One that is empty.
        given: A :class:`Furnishing`.

    Raises:
        NodeError: It is none.
    """
    try:
        furnishing = Furnishing.model_validate(given)
        devices = [held.as_device() for held in furnishing.devices]
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"]))
        raise NodeError(f"{place}: {problem['msg']}", code="furnishing") from error
    except ValueError as error:
        raise NodeError(f"{error} is no business object; write model,id", code="furnishing") from error
    await _furnish_devices(registry, furnishing, devices)
    await _furnish_secrets(registry, furnishing)
    await _furnish_firmware(registry, furnishing)
    for rule in furnishing.automations:
        await registry.automations.save(rule, WHO)


async def _furnish_devices(registry: Registry[Any], furnishing: Furnishing, devices: Sequence[Device]) -> None:
    for profile in furnishing.profiles:
        await registry.profiles.save(profile, WHO)
    for device in devices:
        await registry.devices.add(device, WHO)
    # Long ago, so that whatever a test says comes later.
    await registry.devices.note(
        [Presence(device=one.id, online=one.online, since=0.0) for one in furnishing.devices if one.online is not None]
    )


async def _furnish_secrets(registry: Registry[Any], furnishing: Furnishing) -> None:
    for held in furnishing.tokens:
        symbols = read_token(held.token)
        if symbols is None:
            raise NodeError(f"{held.token} has not the form of a token", code="furnishing")
        await registry.tokens.issue(held.serial, held.expires_in, WHO, symbols=symbols)
    for one in furnishing.api_keys:
        text = KeyText.parse(one.key)
        if text is None:
            raise NodeError(f"{one.key} has not the form of an API key", code="furnishing")
        await registry.api_keys.add(one.name, one.scopes, None, WHO, text=text)


async def _furnish_firmware(registry: Registry[Any], furnishing: Furnishing) -> None:
    for firmware in furnishing.firmware:
        await registry.firmware.add(firmware.as_firmware(), WHO)
    for update in furnishing.updates:
        await registry.updates.request(UpdateRequest(id=update.id, device=update.device, firmware=update.firmware), WHO)
    for rollout in furnishing.rollouts:
        plan = RolloutPlan.model_validate(rollout.model_dump(exclude={"id"}))
        await registry.rollouts.start(plan, WHO, id=rollout.id)
