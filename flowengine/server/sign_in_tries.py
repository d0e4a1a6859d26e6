"""Count wrong sign-ins, so that passwords cannot be guessed in numbers."""

from collections import OrderedDict
from typing import Final

from flowengine.node import Clock

WINDOW: Final = 300.0
"""Seconds after which counting begins anew."""
PER_PAIR: Final = 5
"""Wrong tries in the name of one user from one address."""
PER_ADDRESS: Final = 30
"""Wrong tries from one address, in whatever names."""
PER_USER: Final = 100
"""Wrong tries in the name of one user, from wherever: many, as others can use them up."""
_CAPACITY: Final = 10_000


class SignInTries:
    """Wrong tries of the last minutes, in this process; the oldest are forgotten first.

    Args:
        clock: Measures the minutes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def wait(self, user: str, address: str) -> float:
        """Return the seconds until somebody may try; 0 for now.

        Args:
            user: Who they say they are.
            address: Where they are.
        """
        now = self._clock.monotonic()
        ends = [0.0]
        for key, most in _limits(user, address):
            began, tries = self._windows.get(key, (0.0, 0))
            if tries >= most:
                ends.append(began + WINDOW - now)
        return max(ends)

    def count(self, user: str, address: str) -> None:
        """Count a try before it is known whether it is right: others come while a password is hashed.

        Args:
            user: Who they say they are.
            address: Where they are.
        """
        now = self._clock.monotonic()
        for key, _ in _limits(user, address):
            began, tries = self._windows.pop(key, (now, 0))
            self._windows[key] = (began, tries + 1) if now < began + WINDOW else (now, 1)
            if len(self._windows) > _CAPACITY:
                self._windows.popitem(last=False)

    def forget(self, user: str, address: str) -> None:
        """Forget the wrong tries of somebody who has come in.

        Args:
            user: Who they are.
            address: Where they are.
        """
        for key, _ in _limits(user, address):
            began, tries = self._windows.get(key, (0.0, 0))
            if key[0] and key[1]:
                self._windows.pop(key, None)
            elif tries > 0:
                self._windows[key] = (began, tries - 1)


def _limits(user: str, address: str) -> tuple[tuple[tuple[str, str], int], ...]:
    return ((user, address), PER_PAIR), (("", address), PER_ADDRESS), ((user, ""), PER_USER)
