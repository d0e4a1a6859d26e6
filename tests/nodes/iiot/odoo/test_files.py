"""Files of firmware on their way from Odoo into a store."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.odoo.files import AGAIN
from flowengine_nodes.iiot.odoo_registry import OdooRegistry
from flowengine_nodes.iiot.ota.firmware_files import FirmwareFiles
from flowengine_nodes.iiot.ota.intake import FirmwareIntake
from flowengine_nodes.iiot.ota.signing import is_signed, new_key, public_key
from flowengine_nodes.iiot.registry.firmware import Firmware
from tests.nodes.iiot.odoo.test_mirror import status
from tests.nodes.iiot.odoo_site import Wire
from tests.odoo_server import Odoo

pytestmark = [pytest.mark.odoo, pytest.mark.timeout(240)]
CONTENT = b"firmware " * 50_000
Ask = Callable[..., Any]


async def make_firmware(registry: OdooRegistry, ask: Ask, content: bytes = CONTENT, **values: Any) -> Firmware:
    """Upload and release firmware in Odoo, and return what is known of it here."""
    file = base64.b64encode(content).decode()
    made = await ask("iiot.firmware", "create", {"code": "f", "version": "2.0.0", "file": file, **values})
    await ask("iiot.firmware", "action_release", [made])
    await registry.refresh()
    return await registry.firmware.get("f")


def intake_of(registry: OdooRegistry, folder: Path, **keys: Any) -> FirmwareIntake:
    return FirmwareIntake(registry.firmware, FirmwareFiles(folder), **keys)


async def until_there(intake: FirmwareIntake, firmware: Firmware) -> None:
    async with asyncio.timeout(30):
        while await intake.lacks(firmware):  # noqa: ASYNC110 - Odoo and threads bring it about
            await asyncio.sleep(0.02)


async def test_file_is_brought_and_signed_by_the_store(registry: OdooRegistry, ask: Ask, tmp_path: Path) -> None:
    key = new_key()
    intake = intake_of(registry, tmp_path / "files", signing_key=key)
    registry.take_files(intake)
    firmware = await make_firmware(registry, ask)
    await until_there(intake, firmware)
    signed = await registry.firmware.get("f")
    assert is_signed(signed, public_key(key))
    # What Odoo says next does not take the signature away.
    (made,) = await ask("iiot.firmware", "search", [])
    await ask("iiot.firmware", "write", [made], {"notes": "Better"})
    await registry.refresh()
    found = await registry.firmware.get("f")
    assert (found.notes, found.signature) == ("Better", signed.signature)


async def test_file_that_is_another_one_is_not_kept(
    registry: OdooRegistry, ask: Ask, odoo: Odoo, tmp_path: Path
) -> None:
    firmware = await make_firmware(registry, ask)
    odoo.cluster.sql(f"UPDATE iiot_firmware SET sha256 = '{'ab' * 32}' WHERE code = 'f'", odoo.database)
    (made,) = await ask("iiot.firmware", "search", [])
    await ask("iiot.firmware", "write", [made], {"notes": "Changed"})
    await registry.refresh()
    assert (await registry.firmware.get("f")).sha256 == "ab" * 32
    registry.take_files(intake_of(registry, tmp_path / "files"))
    async with asyncio.timeout(30):
        while "has the SHA-256" not in status(registry):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert firmware.sha256 in status(registry)


async def test_file_that_breaks_off_is_brought_later(
    registry: OdooRegistry, ask: Ask, wire: Wire, clock: VirtualClock, tmp_path: Path
) -> None:
    firmware = await make_firmware(registry, ask)
    wire.lose_answers()
    intake = intake_of(registry, tmp_path / "files")
    registry.take_files(intake)
    async with asyncio.timeout(30):
        while "/iiot/firmware/f/content" not in status(registry):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    assert await intake.lacks(firmware)
    wire.mend()
    await clock.advance(AGAIN)
    await until_there(intake, firmware)
    assert status(registry) == "Status(text='0 devices', level='ok')"


async def test_file_that_no_trusted_key_has_signed_is_not_brought(
    registry: OdooRegistry, ask: Ask, tmp_path: Path
) -> None:
    firmware = await make_firmware(registry, ask)
    intake = intake_of(registry, tmp_path / "files", trusted_keys=(public_key(new_key()),))
    registry.take_files(intake)
    async with asyncio.timeout(30):
        while "not signed by a trusted key" not in status(registry):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)
    assert await intake.lacks(firmware)
