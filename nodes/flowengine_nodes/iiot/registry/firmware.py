"""Firmware: what a device may be updated to, and where such records are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Firmware:
    """One version of firmware. It never changes: another file is another record.

    Args:
        id: Unique id, part of a URL's path.
        version: Version that a device reports once it runs it.
        size: Bytes of the file.
        sha256: Digest of the file, in hexadecimal; by it the file is found in the store of files.
        url: Where devices get it, if it is elsewhere; empty for the store of files.
        signature: Ed25519 signature (RFC 8032) of the release statement, in Base64; empty if it was not signed.
        key_id: Which key signed it.
        hardware: Hardware revisions it fits; empty for all.
        min_version: Oldest version that may be updated to it directly; empty for any.
        notes: For people.
        created_at: In seconds since 1970.
    """

    id: str
    version: str
    size: int
    sha256: str
    url: str = ""
    signature: str = ""
    key_id: str = ""
    hardware: tuple[str, ...] = ()
    min_version: str = ""
    notes: str = ""
    created_at: float = 0.0


class Firmwares(Protocol):
    """All firmware."""

    async def get(self, id: str) -> Firmware:
        """Return a firmware.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def list(self) -> Sequence[Firmware]:
        """Return all firmware, newest first."""
        ...

    async def find(self, version: str, hardware: str) -> Firmware | None:
        """Return the newest firmware of a version that fits a hardware revision, or ``None``."""
        ...

    async def with_file(self, sha256: str) -> Sequence[Firmware]:
        """Return the firmware that have this file."""
        ...

    async def add(self, firmware: Firmware, who: str) -> Firmware:
        """Store a new firmware.

        Raises:
            DuplicateRecordError: Its id is taken.
        """
        ...

    async def remove(self, id: str, who: str) -> Firmware:
        """Remove a firmware and return what it was.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: An update or a rollout that has not ended needs it.
        """
        ...
