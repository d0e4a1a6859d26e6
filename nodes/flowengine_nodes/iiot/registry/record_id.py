"""Ids of records that the system makes."""

import secrets


def new_id(now: float) -> str:
    """Return an id that nobody has, greater than all that were made a millisecond before.

    Args:
        now: In seconds since 1970.
    """
    return f"{int(now * 1000):012x}{secrets.token_hex(6)}"
