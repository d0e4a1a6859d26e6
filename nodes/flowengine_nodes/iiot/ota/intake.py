"""How firmware comes in: its file into the folder, what is known of it into the registry, signed."""

import asyncio
import re
from collections.abc import AsyncIterable, Sequence
from dataclasses import replace
from typing import Final

from flowengine.node import NodeError
from flowengine_nodes.iiot.ota.firmware_files import FirmwareFiles
from flowengine_nodes.iiot.ota.version import VERSION_PATTERN
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware, Firmwares

_HARDWARE: Final = re.compile(r"^[^,\x00-\x1f]{1,100}$")


class FirmwareFormatError(NodeError):
    """Something that is said of a firmware cannot be so.

    Args:
        field: What.
        value: What was said.
        rule: How it must be.
    """

    code = "bad-firmware"

    def __init__(self, field: str, value: str, rule: str) -> None:
        super().__init__(f'the {field} "{value}" {rule}', detail={"location": field})
        self.field = field
        self.value = value
        self.rule = rule


class UntrustedFirmwareError(NodeError):
    """None of the trusted keys has signed a firmware.

    Args:
        firmware: Its id.
    """

    code = "untrusted-firmware"

    def __init__(self, firmware: str) -> None:
        super().__init__(f'the firmware "{firmware}" is not signed by a trusted key')
        self.firmware = firmware


class FirmwareIntake:
    """Take firmware in.

    Args:
        firmwares: Where the records go.
        files: Where the files go.
        signing_key: Private key in PEM that signs what is not signed yet; empty for none.
        trusted_keys: Public keys in PEM, one of which must have signed; empty to take all.
    """

    def __init__(
        self, firmwares: Firmwares, files: FirmwareFiles, signing_key: str = "", trusted_keys: Sequence[str] = ()
    ) -> None:
        self._firmwares = firmwares
        self._files = files
        self._signing_key = signing_key
        self._trusted_keys = trusted_keys

    async def add(
        self, draft: Firmware, chunks: AsyncIterable[bytes] | None, announced: str, who: str
    ) -> tuple[Firmware, bool]:
        """Store a firmware; the same one again is taken for the first.

        Args:
            draft: What is known of it; without an id, the version is its id. Digest and size come from the file.
            chunks: The bytes of the file; ``None`` if it stays elsewhere, at the draft's URL.
            announced: Digest that the file is to have, in hexadecimal; empty if that is not known.
            who: For the audit trail.

        Returns:
            The firmware, and whether it is new.

        Raises:
            FirmwareFormatError: Something of it cannot be so.
            DigestMismatchError: The file is another one.
            DuplicateRecordError: Another firmware has the id.
            UntrustedFirmwareError: No trusted key has signed it.
        """
        draft = replace(draft, id=draft.id or draft.version)
        check_draft(draft)
        if chunks is None:
            return await self._record(replace(draft, sha256=announced.lower()), who)
        stored = await self._files.store(chunks, announced)
        try:
            return await self._record(replace(draft, sha256=stored.sha256, size=stored.size), who)
        except NodeError:
            if not await self._firmwares.with_file(stored.sha256):
                await self._files.remove(stored.sha256)
            raise

    async def bring(self, firmware: Firmware, chunks: AsyncIterable[bytes]) -> None:
        """Store the file of a firmware that is known already.

        Args:
            firmware: The firmware.
            chunks: The bytes of its file.

        Raises:
            DigestMismatchError: The file is another one.
            FirmwareFolderError: It cannot be written.
        """
        await self._files.store(chunks, firmware.sha256)

    async def lacks(self, firmware: Firmware) -> bool:
        """Tell whether the file of a firmware should be here, and is not."""
        return not firmware.url and not await self._files.has(firmware.sha256, firmware.size)

    async def signed(self, firmware: Firmware) -> Firmware:
        """Return a firmware, signed if it was not and there is a key for that.

        Raises:
            UntrustedFirmwareError: No trusted key has signed it.
        """
        if not (self._signing_key or self._trusted_keys):
            return firmware
        # In a thread, since the library of signatures may have to be loaded.
        return await asyncio.to_thread(self._signed, firmware)

    def _signed(self, firmware: Firmware) -> Firmware:
        from flowengine_nodes.iiot.ota.signing import (  # noqa: PLC0415 - 7 MB that only those who sign need
            is_signed,
            sign,
        )

        if self._signing_key and not firmware.signature:
            signature, key_id = sign(firmware, self._signing_key)
            firmware = replace(firmware, signature=signature, key_id=key_id)
        if self._trusted_keys and not any(is_signed(firmware, key) for key in self._trusted_keys):
            raise UntrustedFirmwareError(firmware.id)
        return firmware

    async def remove(self, id: str, who: str) -> Firmware:
        """Remove a firmware, and its file where no other one has it.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: An update or a rollout that has not ended needs it.
        """
        removed = await self._firmwares.remove(id, who)
        if not removed.url and not await self._firmwares.with_file(removed.sha256):
            await self._files.remove(removed.sha256)
        return removed

    async def _record(self, firmware: Firmware, who: str) -> tuple[Firmware, bool]:
        known = await self._known(firmware.id)
        if known is not None:
            if (known.sha256, known.version, known.url) != (firmware.sha256, firmware.version, firmware.url):
                raise DuplicateRecordError("firmware", "id", firmware.id)
            return known, False
        return await self._firmwares.add(await self.signed(firmware), who), True

    async def _known(self, id: str) -> Firmware | None:
        try:
            return await self._firmwares.get(id)
        except UnknownRecordError:
            return None


def check_draft(draft: Firmware) -> None:
    """Check what is said of a firmware.

    Raises:
        FirmwareFormatError: Something of it cannot be so.
    """
    rule = "must be letters, digits, '.', '_', '+' and '-', 64 at most"
    for field, text in (("version", draft.version), ("id", draft.id), ("min_version", draft.min_version)):
        if (text or field != "min_version") and re.match(VERSION_PATTERN, text) is None:
            raise FirmwareFormatError(field, text, rule)
    for text in draft.hardware:
        if _HARDWARE.match(text) is None:
            raise FirmwareFormatError("hardware", text, "must have 1 to 100 characters and no comma")
    if draft.url and re.match(r"^https?://\S+$", draft.url) is None:
        raise FirmwareFormatError("url", draft.url, "must begin with http:// or https://")
