"""A device as people write it: in a file, or in the options of a command."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from flowengine.flow.identifier import Identifier
from flowengine.node import Field, StrictConfig
from flowengine_nodes.iiot.registry.device import BusinessObject, Device, Lifecycle

LONGEST: Final = 200


def _line(text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise PydanticCustomError("bad-value", "must be one line of at most {longest} characters", {"longest": LONGEST})
    return text


def _group(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("bad-value", "must not be empty")
    return text


def _business(value: Any) -> BusinessObject | None:
    if isinstance(value, BusinessObject) or value is None:
        return value
    try:
        return BusinessObject.parse(value)
    except (ValueError, AttributeError):
        raise PydanticCustomError("bad-value", 'must be "model,id", such as "maintenance.equipment,42"') from None


Line = Annotated[str, AfterValidator(_line)]
BusinessText = Annotated[
    BusinessObject | None,
    PlainValidator(_business),
    PlainSerializer(str, when_used="unless-none"),
    WithJsonSchema({"type": "string", "pattern": r"^[^,]+,\d+$"}),
]


class DeviceEntry(StrictConfig):
    """What is known of a device beside its id and its profile."""

    serial: Line = Field("", description="Serial number; the id if it is empty.")
    name: Line = Field("", description="Name for people.")
    lifecycle: Literal["active", "suspended", "retired"] | None = Field(
        None,
        description="Where it is in its life, if people decide that and not the pairing: `active` for a device that "
        "needs no pairing.",
    )
    business: BusinessText = Field(None, description="The Odoo record it stands for, as `model,id`.")
    hardware: Line = Field("", description="Hardware revision, for firmware that fits only some.")
    groups: tuple[Annotated[Line, AfterValidator(_group)], ...] = Field(
        (), description="Names by which rollouts and automation choose devices."
    )

    @classmethod
    def of(cls, device: Device) -> "DeviceEntry":
        """Return what a file says of a device: what people decide, not what it reports."""
        said = {Lifecycle.SUSPENDED: "suspended", Lifecycle.RETIRED: "retired"}
        return cls(
            serial="" if device.serial == device.id else device.serial,
            name=device.name,
            lifecycle=said.get(device.lifecycle),  # type: ignore[arg-type]  # one of the three words, or none
            business=device.business,
            hardware=device.hardware,
            groups=device.groups,
        )

    def values(self, id: str, profile: Identifier) -> dict[str, Any]:
        """Return the fields of a device that a file decides, all but ``lifecycle``.

        Args:
            id: Id of the device.
            profile: Id of its profile.
        """
        return {
            "serial": self.serial or id,
            "profile": profile,
            "name": self.name,
            "business": self.business,
            "hardware": self.hardware,
            "groups": self.groups,
        }
