"""Room on the disk that is kept back, so that a store whose disk is full can still be emptied."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 24 * 1024 * 1024
_SHARE: Final = 4
_SHORTAGES: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Reserve:
    """A file beside a database that takes up room until that is needed.

    To send what waits and remove it, an SQLite database has to write first: into its write-ahead log, and from there
    into its own file. Without room for that, a full store stays full.

    Args:
        database: File of the database.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file = Path(f"{database}-reserve")

    @property
    def size(self) -> int:
        """Bytes to keep back: a quarter of what there is for this store, and no more than it takes."""
        ours = (self._database, Path(f"{self._database}-wal"), self._file)
        return min(MOST_BYTES, (self.free + sum(_allocated(file) for file in ours)) // _SHARE)

    @property
    def free(self) -> int:
        """Bytes that this user may still write on the disk."""
        disk = os.statvfs(self._database.parent)
        return disk.f_bavail * disk.f_frsize

    def take(self) -> bool:
        """Keep room back; return whether there is as much as there should be."""
        size = self.size
        try:
            with self._file.open("ab") as file:
                # A hole would keep nothing back.
                os.posix_fallocate(file.fileno(), 0, max(size, 1))
        except OSError as error:
            self.give()
            # Where the system knows no such thing, there is no reserve; that is no shortage.
            return error.errno not in _SHORTAGES
        return True

    def give(self) -> None:
        """Let the room be used; harmless when there is none."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def _allocated(file: Path) -> int:
    try:
        return file.stat().st_blocks * 512
    except OSError:
        return 0
