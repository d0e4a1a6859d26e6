"""When a message is tried again."""

import random

from flowengine.errors import TransientError
from flowengine.flow.document import RetryPolicy
from flowengine.message import Message


class RetriedMessage(Message):
    """A message on its second try or later.

    Args:
        message: The message as it first came.
        attempt: Which try this is.
    """

    __slots__ = ("attempt",)

    def __init__(self, message: Message, attempt: int) -> None:
        super().__init__(message.fields, message.delivery)
        self.attempt = attempt


def attempt_of(message: Message) -> int:
    """Return which try of its node a message is on, from 1."""
    return message.attempt if isinstance(message, RetriedMessage) else 1


def wait_before_retry(policy: RetryPolicy, error: BaseException, attempt: int, chance: random.Random) -> float | None:
    """Return the seconds to wait before the next try, or ``None`` when there is none.

    Args:
        policy: How often and how far apart.
        error: What went wrong; only a :class:`~flowengine.errors.TransientError` is worth another try.
        attempt: Tries so far.
        chance: Source of the jitter.
    """
    if not isinstance(error, TransientError) or attempt >= policy.attempts:
        return None
    wait = min(policy.maximum, policy.initial * 2.0 ** min(attempt - 1, 60))
    if policy.jitter:
        wait *= chance.uniform(0.5, 1)
    # The other side's own wish is a floor: to come earlier is to be refused again.
    return max(wait, error.retry_after or 0.0)
