"""What commands are told of a device."""

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from flowengine.errors import FlowEngineError
from flowengine.flow.fault import faults
from flowengine_nodes.iiot.registry.device_document import DeviceEntry

Profile = Annotated[str, typer.Option(help="Id of its profile.")]
Serial = Annotated[str | None, typer.Option(help="Serial number, which it shows when it pairs; the id if not given.")]
Name = Annotated[str | None, typer.Option(help="Name for people.")]
Business = Annotated[
    str | None, typer.Option(metavar="MODEL,ID", help="The Odoo record it stands for: maintenance.equipment,42.")
]
Hardware = Annotated[str | None, typer.Option(help="Hardware revision.")]
Groups = Annotated[
    list[str] | None, typer.Option("--group", help="Group it is in; may be repeated. They replace those it had.")
]


class DeviceValueError(FlowEngineError):
    """An option has a value that a device cannot have.

    Args:
        field: The option, without its hyphens.
        reason: What is wrong with it.
    """

    code = "bad-device-value"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"--{self.field}: {self.reason}"


def given_values(
    profile: str | None,
    serial: str | None,
    name: str | None,
    business: str | None,
    hardware: str | None,
    groups: list[str] | None,
) -> dict[str, Any]:
    """Return fields of a device by name: those that were given.

    Raises:
        DeviceValueError: One cannot be so.
    """
    # An empty group is the way to be in none.
    named = None if groups is None else [one for one in groups if one]
    options = {"serial": serial, "name": name, "business": business or None, "hardware": hardware, "groups": named}
    given = {field: value for field, value in options.items() if value is not None}
    try:
        entry = DeviceEntry.model_validate(given)
    except ValidationError as error:
        first = faults(error, DeviceEntry)[0]
        field = str(first.path[0])
        raise DeviceValueError("group" if field == "groups" else field, first.message) from None
    values = {field: getattr(entry, field) for field in given}
    if business == "":
        values["business"] = None
    if profile is not None:
        values["profile"] = profile
    if values.get("serial") == "":
        raise DeviceValueError("serial", "must not be empty")
    return values
