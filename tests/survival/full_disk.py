"""A disk that has no room, and gets some."""

import contextlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

ROOM = 2 << 20


class Disk(Protocol):
    """A small disk.

    Attributes:
        path: Where it is.
    """

    path: Path

    def apply(self, pid: int) -> None:
        """Let it be as small for a process as it is meant to be."""

    def enlarge(self, pid: int) -> None:
        """Make room, for a process that runs; 0 when none does."""


class SmallTmpfs:
    """A file system of its own, which only root can make."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def apply(self, pid: int) -> None:
        """Do nothing: it is small for everybody."""

    def enlarge(self, pid: int) -> None:
        _mount("-o", f"remount,size={ROOM * 100}", self.path)


class LimitedFiles:
    """A limit on the size of files: the system refuses to let a file grow, as with a quota."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def apply(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))

    def enlarge(self, pid: int) -> None:
        if pid:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextlib.contextmanager
def small_disk(kind: str, path: Path) -> Iterator[Disk]:
    """Make a small disk of a kind that ``kinds`` names."""
    path.mkdir()
    if kind == "limit":
        yield LimitedFiles(path)
        return
    _mount("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", path)
    try:
        yield SmallTmpfs(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def kinds() -> list[str]:
    """Return what kinds of small disks this user can make."""
    found = ["limit"]
    if os.geteuid() == 0:
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(subprocess.CalledProcessError):
            _mount("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", Path(folder))
            subprocess.run(["umount", folder], check=True)
            found.append("tmpfs")
    return found


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
