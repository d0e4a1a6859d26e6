"""What rules remember of devices, for the message path: ahead of the store, and not trusted where that is in doubt."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from flowengine_nodes.iiot.automation.watch import FRESH, Seen, Watch

Key = tuple[str, str]
"""Ids of a rule and of a device."""


class Memory:
    """Foresee what the store will remember when the messages that are at work are done.

    Attributes:
        watches: What is remembered, by rule and device.
    """

    def __init__(self) -> None:
        self.watches: Mapping[Key, Watch] = {}
        self._ahead: dict[Key, Watch] = {}
        self._unsure: set[Key] = set()
        self._at_work: Counter[str] = Counter()
        self._moved: set[str] = set()

    @property
    def is_unsure(self) -> bool:
        """Whether something may be remembered other than it is stored, so that it has to be recalled."""
        return bool(self._unsure)

    def moves(self, key: Key, look: Callable[[Watch], Seen]) -> bool:
        """Tell whether a look changes what is remembered, or may do so, and remember the change at once.

        The next reading may come before this one is stored.

        Args:
            key: Rule and device.
            look: What becomes of what is remembered.
        """
        before = self._ahead.get(key, FRESH)
        after = look(before).watch
        if after is before:
            return key in self._unsure
        self._ahead[key] = after
        self._moved.add(key[1])
        return True

    def retry(self, key: Key, at: float) -> None:
        """Remember that a command was refused, unless a later reading has ended what it was for.

        Args:
            key: Rule and device.
            at: When it is tried again, in seconds since 1970.
        """
        watch = self._ahead.get(key, FRESH)
        if watch.is_fired and watch.retry_at is None:
            self._ahead[key] = replace(watch, retry_at=at)

    @contextmanager
    def at_work(self, device: str, rules: Iterable[str]) -> Iterator[None]:
        """Store what was foreseen of a device inside ``with``; where that fails, nobody knows what is stored."""
        try:
            yield
        except BaseException:
            self._unsure.update((rule, device) for rule in rules)
            raise
        finally:
            self._at_work[device] -= 1
            if not self._at_work[device]:
                del self._at_work[device]

    def begin(self, device: str) -> None:
        """Note that a message of a device is about to be at work."""
        self._at_work[device] += 1
        self._moved.add(device)

    async def recall(self, read: Callable[[], Awaitable[Mapping[Key, Watch]]]) -> None:
        """Take over what is stored, but of devices that move meanwhile: for these, memory is ahead of it."""
        self._moved = set(self._at_work)
        self.watches = stored = await read()
        ahead = {key: watch for key, watch in self._ahead.items() if key[1] in self._moved}
        self._ahead = {key: watch for key, watch in stored.items() if key[1] not in self._moved} | ahead
        self._unsure = {key for key in self._unsure if key[1] in self._moved}
