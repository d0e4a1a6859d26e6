"""How long a command waits before it is sent again."""


def waits_between(attempts: int, initial: float, maximum: float) -> tuple[float, ...]:
    """Return the seconds to wait after each attempt but the last, doubled each time.

    Args:
        attempts: How often a command is sent at most.
        initial: Wait after the first attempt.
        maximum: Longest wait.
    """
    return tuple(min(initial * 2**attempt, maximum) for attempt in range(attempts - 1))
