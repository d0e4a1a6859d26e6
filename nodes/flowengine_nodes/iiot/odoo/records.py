"""A page of changes as Odoo tells it, taken apart into records that can be taken over."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from flowengine.flow.fault import faults
from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.device import Device, Lifecycle
from flowengine_nodes.iiot.registry.device_document import BusinessText
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.tokens import TokenState
from flowengine_nodes.iiot.registry.wanted_update import WantedUpdate

M = TypeVar("M", bound=BaseModel)

KINDS: Final = ("profile", "device", "token", "firmware", "rule", "update")
"""What is copied, in the order in which it is put in: nothing before what it refers to."""

_LISTS: Final = {
    "profile": "profiles",
    "device": "devices",
    "token": "tokens",
    "firmware": "firmware",
    "rule": "rules",
    "update": "updates",
}


class Item(NamedTuple):
    """Something that has changed.

    Args:
        kind: One of :data:`KINDS`.
        id: Its id.
        document: What it is now; ``None`` if it is gone.
    """

    kind: str
    id: str
    document: Mapping[str, Any] | None


class Page(NamedTuple):
    """A part of what has changed.

    Args:
        cursor: Where the next page begins.
        more: Whether there is one.
        full: Whether it is a part of all that there is, wherever it was to begin.
        items: What has changed.
    """

    cursor: Any
    more: bool
    full: bool
    items: list[Item]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Page":
        """Read a page; what is not known to this version is left out."""
        named = list(_named(told))
        present = {(item.kind, item.id) for item in named}
        gone = (Item(str(one["kind"]), str(one["id"]), None) for one in told.get("removed", ()))
        return cls(
            cursor=told["cursor"],
            more=bool(told["more"]),
            full=bool(told["full"]),
            items=[*named, *(item for item in gone if item.kind in KINDS and (item.kind, item.id) not in present)],
        )


def _named(told: Mapping[str, Any]) -> Iterator[Item]:
    for kind, name in _LISTS.items():
        for document in told.get(name, ()):
            # An order for an update is known by its idempotency key.
            yield Item(kind, str(document["id" if kind != "update" else "idempotency_key"]), document)


class BadDocumentError(NodeError):
    """A record of Odoo is none here.

    Args:
        kind: What it is.
        id: Its id.
        place: Where in it something is wrong.
        why: What is wrong there.
    """

    code = "bad-document"

    def __init__(self, kind: str, id: str, place: str, why: str) -> None:
        super().__init__(f"{place}: {why}" if place else why)
        self.kind = kind
        self.id = id
        self.place = place
        self.why = why


class _DeviceDocument(BaseModel):
    id: str
    serial: str
    profile: str
    name: str = ""
    lifecycle: Lifecycle
    business: BusinessText = None
    hardware: str = ""
    firmware: str = ""
    groups: tuple[str, ...] = ()


class TokenRow(BaseModel):
    """A token as both sides keep it.

    Attributes:
        id: Its id.
        device: Id of its device.
        serial: Serial number that the device had when it was made.
        digest: Keyed hash of its symbols.
        key: Id of the key.
        state: What has become of it.
        misses: How often it was shown with another serial number.
        created_at: In seconds since 1970.
        expires_at: Likewise.
        used_at: Likewise; ``None`` if it was not used.
        request: Mark of the request that used it.
    """

    id: str
    device: str
    serial: str
    digest: str
    key: str
    state: TokenState
    misses: int = 0
    created_at: float
    expires_at: float
    used_at: float | None = None
    request: str = ""


def read_profile(item: Item) -> Profile:
    """Return the profile of an item.

    Raises:
        BadDocumentError: It is none.
    """
    return _read(item, Profile)


def read_rule(item: Item) -> AutomationRule:
    """Return the automation rule of an item.

    Raises:
        BadDocumentError: It is none.
    """
    return _read(item, AutomationRule)


def read_device(item: Item) -> Device:
    """Return the device of an item.

    Raises:
        BadDocumentError: It is none.
    """
    return Device(**dict(_read(item, _DeviceDocument)))


def read_token(item: Item) -> TokenRow:
    """Return the token of an item.

    Raises:
        BadDocumentError: It is none.
    """
    return _read(item, TokenRow)


def read_update(item: Item) -> WantedUpdate:
    """Return the order of an item.

    Raises:
        BadDocumentError: It is none.
    """
    return _read(item, WantedUpdate)


def read_firmware(item: Item) -> Firmware:
    """Return the firmware of an item.

    Raises:
        BadDocumentError: It is none.
    """
    found = _read(item, RootModel[Firmware]).root
    return replace(found, sha256=found.sha256.lower())


def device_document(device: Device) -> dict[str, Any]:
    """Return a device as Odoo is told of it."""
    return {
        "id": device.id,
        "serial": device.serial,
        "profile": device.profile,
        "name": device.name,
        "lifecycle": device.lifecycle.value,
        "business": None if device.business is None else str(device.business),
        "hardware": device.hardware,
        "firmware": device.firmware,
        "groups": list(device.groups),
    }


def firmware_document(firmware: Firmware) -> dict[str, Any]:
    """Return a firmware as Odoo is told of it."""
    return {
        "id": firmware.id,
        "version": firmware.version,
        "size": firmware.size,
        "sha256": firmware.sha256,
        "url": firmware.url,
        "signature": firmware.signature,
        "key_id": firmware.key_id,
        "hardware": list(firmware.hardware),
        "min_version": firmware.min_version,
        "notes": firmware.notes,
        "created_at": firmware.created_at,
    }


def _read(item: Item, model: type[M]) -> M:
    try:
        return model.model_validate(item.document)
    except ValidationError as error:
        first = faults(error, model)[0]
        raise BadDocumentError(item.kind, item.id, ".".join(map(str, first.path)), first.message) from error
