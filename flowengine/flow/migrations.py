"""The version of the document format, and the way from older versions to the current one."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flowengine.errors import FlowEngineError
from flowengine.flow.document import FORMAT_VERSION

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns a document of one version into the next version; gets a copy of the top level that it may change."""

MIGRATIONS: Final[Mapping[int, Migration]] = {}
"""Version to the migration that leads away from it."""


class FormatVersionError(FlowEngineError):
    """A document's format version is missing, is no version, or cannot be read by this program.

    Args:
        version: What the document says, or None if it says nothing.
        current: The newest version that can be read.
    """

    code = "format-version"

    def __init__(self, version: Any, current: int) -> None:
        super().__init__(version, current)
        self.version = version
        self.current = current

    def __str__(self) -> str:
        if self.version is None:
            return f'the format version is missing; begin the document with "flowengine": {self.current}'
        if isinstance(self.version, int) and self.version > self.current:
            newest = f"this program reads up to {self.current}; install a newer flowengine"
            return f"the document has format version {self.version}, and {newest}"
        return f"{self.version!r} is no format version; the current one is {self.current}"


def migrate(
    value: dict[str, Any],
    *,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = FORMAT_VERSION,
) -> dict[str, Any]:
    """Bring a document to the current version; one that is current is returned as it is.

    Raises:
        FormatVersionError: There is no way from its version to the current one.
    """
    version = value.get("flowengine")
    if isinstance(version, bool) or not isinstance(version, int):
        raise FormatVersionError(version, current)
    while version != current:
        migration = migrations.get(version)
        if migration is None:
            raise FormatVersionError(version, current)
        version += 1
        value = {**migration(dict(value)), "flowengine": version}
    return value
