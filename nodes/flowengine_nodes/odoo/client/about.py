"""What a server is: its version, and whether the addon is there."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

_SAAS: Final = re.compile(r"(?:saas[~-])?(\d+)")


class About(NamedTuple):
    """What a server is.

    Args:
        version: Its version as it says it, such as ``19.0``; empty where it was not asked.
        series: Its major version, such as 19.
        addon: Version of the addon *industrial_iot*, ``?`` where it does not say; empty where it is not installed, or
            not for this user.
        database: Id of the database as the addon tells it; empty without it.
    """

    version: str
    series: int
    addon: str = ""
    database: str = ""


def series_of(version: str, info: Sequence[Any] = ()) -> int:
    """Return the major version, 0 where it cannot be told.

    Args:
        version: Such as ``17.0``, ``saas~18.2`` or ``19.0-20260101``.
        info: The same taken apart, such as ``[17, 0, 0, "final", 0, ""]``; the first may be ``"saas~18"``.
    """
    for text in (str(info[0]) if info else "", version):
        found = _SAAS.match(text)
        if found:
            return int(found[1])
    return 0
