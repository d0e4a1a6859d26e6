"""A folder of files that are named by their digests."""

import asyncio
import hashlib
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple, TypeVar

from flowengine.node import NodeError, TransientError
from flowengine_nodes.iiot.ota.byte_ranges import Part

T = TypeVar("T")
PORTION: Final = 256 * 1024
"""Bytes that are read or written at a time; more of a file is never in memory."""
_INCOMING: Final = ".incoming-"
_FORGOTTEN_SECONDS: Final = 86_400.0


class DigestMismatchError(NodeError):
    """A file is not the one that was announced.

    Args:
        announced: Digest that it was to have.
        found: Digest that it has.
    """

    code = "wrong-digest"

    def __init__(self, announced: str, found: str) -> None:
        super().__init__(f"the file has the SHA-256 {found}, not {announced} as announced; send it again")
        self.announced = announced
        self.found = found


class FirmwareFolderError(TransientError):
    """The folder of firmware cannot be used.

    Args:
        folder: The folder.
        why: What the system said.
    """

    code = "firmware-folder"

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(f"the firmware folder {folder} cannot be used: {why}")
        self.folder = folder
        self.why = why


class StoredFile(NamedTuple):
    """A file that was stored.

    Args:
        sha256: Its digest, in hexadecimal.
        size: Its bytes.
    """

    sha256: str
    size: int


class FirmwareFiles:
    """Files by digest: what is there is whole, and never changes.

    Args:
        folder: The folder; made when the first file is stored.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Return where the file with a digest is, if it is there."""
        return self._folder / sha256[:2] / sha256

    async def has(self, sha256: str, size: int) -> bool:
        """Tell whether a file is there, with all of its bytes."""
        return await self._in_thread(lambda: _size(self.path(sha256)) == size)

    async def store(self, chunks: AsyncIterable[bytes], announced: str = "") -> StoredFile:
        """Store a file while it arrives.

        It is written under another name, and gets its own when all of it is on disk.

        Args:
            chunks: Its bytes.
            announced: Digest that it is to have; empty if that is not known.

        Raises:
            DigestMismatchError: It has another one; nothing is stored.
            FirmwareFolderError: It cannot be written.
        """
        incoming = self._folder / f"{_INCOMING}{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        file = await self._in_thread(lambda: _begin(incoming))
        try:
            async for portion in _portions(chunks):
                await self._in_thread(lambda: _append(file, digest, portion))  # noqa: B023 - awaited at once
            found = StoredFile(digest.hexdigest(), file.tell())
            if announced and announced.lower() != found.sha256:
                raise DigestMismatchError(announced, found.sha256)
            await self._in_thread(lambda: _finish(file, incoming, self.path(found.sha256)))
        finally:
            file.close()
            incoming.unlink(missing_ok=True)
        return found

    async def read(self, sha256: str, part: Part) -> AsyncGenerator[bytes, None]:
        """Yield a part of a file, a portion at a time.

        Raises:
            FirmwareFolderError: It cannot be read.
        """
        file = await self._in_thread(lambda: self.path(sha256).open("rb", buffering=0))
        try:
            at = part.first
            while at <= part.last:
                wanted = min(PORTION, part.last + 1 - at)
                portion = await self._in_thread(lambda: os.pread(file.fileno(), wanted, at))  # noqa: B023 - likewise
                if not portion:
                    raise FirmwareFolderError(self._folder, f"the file {sha256} has become shorter")
                at += len(portion)
                yield portion
        finally:
            file.close()

    async def verify(self, sha256: str) -> bool:
        """Tell whether a file still has its digest."""

        def check() -> bool:
            with self.path(sha256).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256

        return await self._in_thread(check)

    async def remove(self, sha256: str) -> None:
        """Remove a file; harmless if it is not there."""
        await self._in_thread(lambda: self.path(sha256).unlink(missing_ok=True))

    async def sweep(self, now: float) -> int:
        """Remove what a process that died has left half written; return how many files there were.

        Args:
            now: In seconds since 1970.
        """

        def work() -> int:
            left = [path for path in self._folder.glob(f"{_INCOMING}*") if now - _changed(path) > _FORGOTTEN_SECONDS]
            for path in left:
                path.unlink(missing_ok=True)
            return len(left)

        return await self._in_thread(work)

    def _in_thread(self, work: Callable[[], T]) -> Awaitable[T]:
        return asyncio.to_thread(self._translated, work)

    def _translated(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except OSError as error:
            raise FirmwareFolderError(self._folder, error.strerror or str(error)) from error


def _begin(incoming: Path) -> IO[bytes]:
    incoming.parent.mkdir(parents=True, exist_ok=True)
    return incoming.open("xb", buffering=0)


def _append(file: IO[bytes], digest: "hashlib._Hash", portion: bytes) -> None:
    digest.update(portion)
    view = memoryview(portion)
    while view:
        view = view[file.write(view) :]


def _finish(file: IO[bytes], incoming: Path, path: Path) -> None:
    os.fsync(file.fileno())
    path.parent.mkdir(exist_ok=True)
    incoming.replace(path)
    for folder in (path.parent, path.parent.parent):
        # A name is durable only with its folder.
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _size(path: Path) -> int | None:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return None


def _changed(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return float("inf")


async def _portions(chunks: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
    """Gather small chunks: each portion costs a change of threads."""
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= PORTION:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
