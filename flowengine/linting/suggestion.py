"""What a mistyped name was perhaps meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_MOST: int = 1_000


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """Return a hint with the known name that a mistyped one is nearest to, or ``None`` if none is near.

    Args:
        name: What was written.
        names: What could have been; of a great many, only the first of about the same length are looked at.
    """
    alike = (one for one in names if abs(len(one) - len(name)) <= max(2, len(name) // 3))
    near = get_close_matches(name, islice(alike, _MOST), n=1)
    return f'did you mean "{near[0]}"?' if near else None
