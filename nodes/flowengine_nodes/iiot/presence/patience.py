"""How long nobody has had a chance to be heard."""


class Patience:
    """Tell how long devices could have been heard without a break.

    Silence proves nothing while nobody listens: after a start, while the broker is away, and when the clock jumps.

    Args:
        wall: Time now, in seconds since 1970.
        monotonic: Time now on a clock that never jumps, in seconds.
    """

    def __init__(self, wall: float, monotonic: float) -> None:
        self._since = monotonic
        self._shift = wall - monotonic

    def look(self, wall: float, monotonic: float, *, deaf: bool, jump: float = 5.0) -> None:
        """Take note of the present.

        Args:
            wall: Time now, in seconds since 1970.
            monotonic: Time now on a clock that never jumps.
            deaf: Whether nothing can be heard now.
            jump: Seconds by which the clocks may part before it is a jump.
        """
        shift = wall - monotonic
        if deaf or abs(shift - self._shift) > jump:
            self._since = monotonic
        self._shift = shift

    def lasts(self, seconds: float, monotonic: float) -> bool:
        """Tell whether devices could have been heard for so long."""
        return monotonic - self._since >= seconds
