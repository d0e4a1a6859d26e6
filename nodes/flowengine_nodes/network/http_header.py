"""Headers: lines that no value can break, and what some of them mean."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from flowengine.node import NodeError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# A server that asks for a longer wait would have a message wait where nobody looks for it.
_LONGEST_WAIT = 3600.0


def header_value(name: str, value: Any) -> str:
    """Return a value as it stands in a header.

    Args:
        name: The header's name.
        value: Text or a number.

    Raises:
        NodeError: The name is no name of a header, or the value would end its line (RFC 9110 §5.5).
    """
    if not _NAME.fullmatch(name):
        raise NodeError(f"{name!r} cannot be the name of a header", code="invalid-header")
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise NodeError(f"the header {name} must be text or a number", code="invalid-header")
    text = str(value)
    if _FORBIDDEN.search(text):
        raise NodeError(f"the header {name} holds a line break or another control character", code="invalid-header")
    return text


def retry_after(header: str, now: float) -> float | None:
    """Return the seconds that a header ``Retry-After`` asks to wait, or ``None`` where it asks for nothing sensible.

    Args:
        header: Seconds, or an HTTP date (RFC 9110 §10.2.3).
        now: The time, in seconds since 1970.
    """
    if header.isascii() and header.isdigit():
        return min(float(header[:9]), _LONGEST_WAIT)
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return min(max(date.timestamp() - now, 0.0), _LONGEST_WAIT)
