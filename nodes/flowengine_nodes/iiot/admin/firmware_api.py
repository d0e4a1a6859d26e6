"""Firmware: listed, taken in, removed."""

from typing import Final

from pydantic import Field

from flowengine.server.access import Role
from flowengine.server.endpoint import MIB, Call, Chunks, Endpoint
from flowengine.server.model import Answer
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, firmware_store_of, refusing, registry_of
from flowengine_nodes.iiot.registry.firmware import Firmware


class FirmwareShown(Answer):
    """One version of firmware."""

    id: str
    version: str
    size: int
    sha256: str
    url: str
    """Where devices get it, if it is elsewhere."""
    signed: bool
    hardware: list[str]
    """Hardware revisions it fits; empty for all."""
    min_version: str
    notes: str
    created_at: float


class FirmwareList(Answer):
    """All firmware, newest first."""

    firmware: list[FirmwareShown]


class FirmwareQuery(RegistryQuery):
    """What is said of a file of firmware."""

    version: str = Field(default="", max_length=64)
    """Version that a device reports once it runs it; empty for the id."""
    hardware: str = ""
    """Hardware revisions that it fits, with commas between; empty for all."""
    min_version: str = ""
    """Oldest version that may be updated to it directly."""
    notes: str = Field(default="", max_length=2_000)
    sha256: str = Field(default="", pattern="^([0-9A-Fa-f]{64})?$")
    """Digest that the file is to have; empty if that is not known."""


async def list_firmware(call: Call, query: RegistryQuery) -> FirmwareList:
    """List all firmware, newest first."""
    return FirmwareList(firmware=[_shown(one) for one in await registry_of(call, query).firmware.list()])


@refusing
async def upload_firmware(call: Call, firmware: str, query: FirmwareQuery, chunks: Chunks) -> FirmwareShown:
    """Take a file of firmware in while it arrives; the same one again is taken for the first."""
    hardware = tuple(one.strip() for one in query.hardware.split(",") if one.strip())
    draft = Firmware(
        id=firmware,
        version=query.version or firmware,
        size=0,
        sha256="",
        hardware=hardware,
        min_version=query.min_version,
        notes=query.notes,
    )
    added, _ = await firmware_store_of(call, query).intake.add(draft, chunks, query.sha256, asker(call))
    return _shown(added)


@refusing
async def remove_firmware(call: Call, firmware: str, query: RegistryQuery) -> None:
    """Remove firmware that nothing needs any more, and its file."""
    await firmware_store_of(call, query).intake.remove(firmware, asker(call))


def _shown(one: Firmware) -> FirmwareShown:
    return FirmwareShown(
        id=one.id,
        version=one.version,
        size=one.size,
        sha256=one.sha256,
        url=one.url,
        signed=bool(one.signature),
        hardware=list(one.hardware),
        min_version=one.min_version,
        notes=one.notes,
        created_at=one.created_at,
    )


LARGEST: Final = 4_096 * MIB
_ALL: Final = "/admin/api/iiot/firmware"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_firmware, "List firmware"),
    Endpoint("PUT", f"{_ALL}/{{firmware}}", upload_firmware, "Upload firmware", role=Role.OPERATOR, max_body=LARGEST),
    Endpoint("DELETE", f"{_ALL}/{{firmware}}", remove_firmware, "Remove firmware", role=Role.OPERATOR),
)
