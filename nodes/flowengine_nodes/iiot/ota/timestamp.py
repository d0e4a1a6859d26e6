"""Times as they leave the system."""

from datetime import UTC, datetime


def timestamp(at: float) -> str:
    """Return a time as ISO 8601 in UTC, to a millisecond.

    Args:
        at: In seconds since 1970.
    """
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def timestamp_or_none(at: float | None) -> str | None:
    """Return a time likewise, or ``None`` for one that has not come."""
    return None if at is None else timestamp(at)
