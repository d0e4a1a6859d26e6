"""A device as the registry knows it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import StringConstraints

ID_PATTERN = r"^[^\s/+#$\x00-\x1f][^/+#\x00-\x1f]{0,127}$"
"""A device's id is one level of a topic (MQTT 5.0 §4.7), so it has no ``/``, ``+`` or ``#``."""

DeviceId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


def is_device_id(text: str) -> bool:
    """Tell whether a text can be the id of a device."""
    return re.match(ID_PATTERN, text) is not None


class Lifecycle(StrEnum):
    """Where a device is in its life.

    ``draft``: known, not paired. ``paired``: has its credentials, has not reported yet. ``active``: reports.
    ``suspended``: may not take part for now. ``retired``: never again.
    """

    DRAFT = "draft"
    PAIRED = "paired"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    RETIRED = "retired"

    @property
    def takes_part(self) -> bool:
        """Whether telemetry and commands of such a device are worked on."""
        return self in {Lifecycle.DRAFT, Lifecycle.PAIRED, Lifecycle.ACTIVE}


class BusinessObject(NamedTuple):
    """The Odoo record that a device stands for.

    Args:
        model: Such as ``maintenance.equipment``.
        id: The record's id.
    """

    model: str
    id: int

    @classmethod
    def parse(cls, text: str) -> "BusinessObject":
        """Read ``model,id``, as Odoo writes a reference.

        Raises:
            ValueError: It is not of this form.
        """
        model, comma, id = text.partition(",")
        if not (comma and model and id.isdecimal()):
            raise ValueError(text)
        return cls(model, int(id))

    def __str__(self) -> str:
        return f"{self.model},{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device: who it is and what it is bound to. What it last said is a :class:`Presence`.

    Args:
        id: Unique id, as in topics.
        serial: Serial number, unique too; what the device shows when it pairs.
        name: For people.
        profile: Id of its profile.
        lifecycle: Where it is in its life.
        business: The Odoo record it stands for.
        hardware: Hardware revision, for firmware that fits only some.
        firmware: Version it last reported.
        groups: Names by which rollouts and automation choose devices.
        created_at: In seconds since 1970.
        updated_at: Likewise.
    """

    id: str
    serial: str
    profile: str
    name: str = ""
    lifecycle: Lifecycle = Lifecycle.DRAFT
    business: BusinessObject | None = None
    hardware: str = ""
    firmware: str = ""
    groups: tuple[str, ...] = ()
    created_at: float = 0.0
    updated_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """When a device was last heard of. It is written behind, so the last seconds may be lost in a crash.

    Args:
        device: Its id.
        online: Whether it is connected, as far as known; ``None`` if it was never heard of.
        since: Since when it is online or offline.
        seen_at: When it last sent anything.
        telemetry_at: When it last sent telemetry.
        telemetry: What it sent then, decoded.
    """

    device: str
    online: bool | None = None
    since: float | None = None
    seen_at: float | None = None
    telemetry_at: float | None = None
    telemetry: Any = None
