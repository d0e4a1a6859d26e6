"""Leave a sink alone while it does not answer."""

from flowengine.flow.document import RetryPolicy
from flowengine.node import Clock


class Breaker:
    """Open after some failures in a row, let one message try now and then, close when it gets through.

    Failures while it is open are the sink's outage and not the message's fault: they count against no message.

    Args:
        policy: Waits between tries; it opens one try before a message of its own would be given up.
        clock: Times the waits.

    Attributes:
        failures: Failures since the last success, without those of tries that ended while it was left alone.
    """

    def __init__(self, policy: RetryPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._opens_at = max(1, min(3, policy.attempts - 1))
        self._next_try = 0.0
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Whether the sink is left alone."""
        return self.failures >= self._opens_at

    @property
    def wait(self) -> float:
        """Seconds until the next try may be made."""
        return max(0.0, self._next_try - self._clock.monotonic()) if self.is_open else 0.0

    def succeeded(self) -> None:
        """Close: the sink has answered."""
        self.failures = 0

    def failed(self, retry_after: float | None) -> None:
        """Count a failure.

        Args:
            retry_after: Seconds the sink asked us to wait, where it did.
        """
        if self.wait:
            # A try that began before it opened: many end at one moment, and tell no more than the first of them.
            self._next_try = max(self._next_try, self._clock.monotonic() + (retry_after or 0.0))
            return
        self.failures += 1
        if self.is_open:
            doubled = self._policy.initial * 2.0 ** min(self.failures - self._opens_at, 30)
            wait = max(min(doubled, self._policy.maximum), retry_after or 0.0)
            self._next_try = self._clock.monotonic() + wait
