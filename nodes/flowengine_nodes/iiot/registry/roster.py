"""What the message path needs of devices and profiles, in memory: no message waits for a database."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.profile import Profile

LARGEST_TELEMETRY: Final = 64 * 1024
"""A payload that is larger, in bytes of JSON, is not kept as a device's last telemetry."""

MOST_TELEMETRY: Final = 32 * 1024 * 1024
"""Bytes of telemetry that may wait to be stored; what comes beyond them is only noted as heard."""


class Member(NamedTuple):
    """A device in the message path.

    Args:
        id: Its id.
        profile: Its profile.
        business: The Odoo record it stands for.
        takes_part: Whether its messages are worked on.
        serial: Its serial number, which rules of telemetry may name in a domain.
    """

    id: str
    profile: Profile
    business: BusinessObject | None
    takes_part: bool
    serial: str = ""


class Heard:
    """What was heard of a device and is not stored yet; ``None`` where there is nothing.

    Attributes:
        online: Whether it is connected.
        since: Since when, in seconds since 1970.
        seen_at: When it last sent anything.
        telemetry_at: When it last sent telemetry.
        telemetry: What it sent then, as JSON.
    """

    __slots__ = ("online", "seen_at", "since", "telemetry", "telemetry_at")

    def __init__(self) -> None:
        self.online: bool | None = None
        self.since: float | None = None
        self.seen_at: float | None = None
        self.telemetry_at: float | None = None
        self.telemetry: bytes | None = None


class Roster:
    """All devices as the message path sees them: kept up to date by whoever owns it.

    What was heard of devices is gathered here too, for the owner to write behind: of each device only the newest.

    Attributes:
        changes: Rises whenever devices or profiles change.
        on_heard: Called when something is to be written behind, and nothing was before.
        on_crowded: Called when what is to be written behind takes half of the room there is for it.
    """

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._profiles: dict[str, Profile] = {}
        self._heard: dict[str, Heard] = {}
        self._bytes = 0
        self.changes = 0
        self.on_heard: Callable[[], object] = _nothing
        self.on_crowded: Callable[[], object] = _nothing

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members.values())

    def member(self, device: str) -> Member | None:
        """Return a device by its id; ``None`` for one that the registry does not know."""
        return self._members.get(device)

    def profile(self, id: str) -> Profile | None:
        """Return a profile by its id; ``None`` for one that the registry does not know."""
        return self._profiles.get(id)

    @property
    def profiles(self) -> Collection[Profile]:
        """All profiles."""
        return self._profiles.values()

    def note_seen(self, device: str, at: float) -> None:
        """Note that a device was heard of.

        Args:
            device: Its id; one that the registry does not know is left out.
            at: When, in seconds since 1970.
        """
        if device in self._members:
            self._of(device).seen_at = at

    def note_online(self, device: str, online: bool, at: float) -> None:  # noqa: FBT001 - it is the fact itself
        """Note that a device is online or offline.

        Args:
            device: Its id; one that the registry does not know is left out.
            online: Whether it is there. To be there is to be heard of.
            at: When, in seconds since 1970.
        """
        if device in self._members:
            heard = self._of(device)
            if heard.online is not online:
                heard.online = online
                heard.since = at
            if online:
                heard.seen_at = at

    def note_telemetry(self, device: str, at: float, telemetry: Any) -> None:
        """Note what a device has sent last; that it was heard of, too.

        Args:
            device: Its id; one that the registry does not know is left out.
            at: When it came, in seconds since 1970.
            telemetry: What it was: JSON. What is not, or is too much, is not kept.
        """
        if device not in self._members:
            return
        heard = self._of(device)
        heard.seen_at = at
        try:
            text = orjson.dumps(telemetry)
        except TypeError:
            return
        before = len(heard.telemetry or b"")
        after = self._bytes - before + len(text)
        if len(text) > LARGEST_TELEMETRY or after > MOST_TELEMETRY:
            return
        heard.telemetry_at = at
        heard.telemetry = text
        was, self._bytes = self._bytes, after
        if was <= MOST_TELEMETRY // 2 < after:
            self.on_crowded()

    def is_waiting(self, devices: Iterable[str]) -> bool:
        """Tell whether something of one of these devices waits to be stored."""
        return any(device in self._heard for device in devices)

    def take_heard(self) -> Mapping[str, Heard]:
        """Return what was heard since the last take, by device, for the owner to store."""
        taken, self._heard, self._bytes = self._heard, {}, 0
        return taken

    def give_back(self, taken: Mapping[str, Heard]) -> None:
        """Put back what could not be stored, beneath what was heard since.

        Args:
            taken: From :meth:`take_heard`.
        """
        for device, old in taken.items():
            if device not in self._members:
                continue
            heard = self._of(device)
            if heard.online is None:
                heard.online, heard.since = old.online, old.since
            if heard.seen_at is None:
                heard.seen_at = old.seen_at
            if heard.telemetry is None and old.telemetry is not None:
                if self._bytes + len(old.telemetry) > MOST_TELEMETRY:
                    continue
                heard.telemetry, heard.telemetry_at = old.telemetry, old.telemetry_at
                self._bytes += len(old.telemetry)

    def put_profiles(self, profiles: Mapping[str, Profile]) -> None:
        """Take over new and changed profiles, for the devices that have them too."""
        self._profiles.update(profiles)
        changed = [one for one in self._members.values() if one.profile.id in profiles]
        self.put(one._replace(profile=profiles[one.profile.id]) for one in changed)

    def put(self, members: Iterable[Member]) -> None:
        """Take over new and changed devices."""
        self.changes += 1
        for member in members:
            self._members[member.id] = member

    def forget(self, device: str) -> None:
        """Forget a device; harmless for one that is unknown."""
        self.changes += 1
        self._members.pop(device, None)
        heard = self._heard.pop(device, None)
        if heard is not None:
            self._bytes -= len(heard.telemetry or b"")

    def forget_profile(self, id: str) -> None:
        """Forget a profile that no device has; harmless for one that is unknown."""
        self._profiles.pop(id, None)

    def _of(self, device: str) -> Heard:
        heard = self._heard.get(device)
        if heard is None:
            if not self._heard:
                self.on_heard()
            heard = self._heard[device] = Heard()
        return heard


def _nothing() -> None:
    """Do nothing: nobody has asked to be told."""
