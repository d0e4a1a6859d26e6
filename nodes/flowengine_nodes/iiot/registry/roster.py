"""What the message path needs of devices and profiles, in memory: no message waits for a database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flowengine_nodes.iiot.registry.device import BusinessObject, Presence
from flowengine_nodes.iiot.registry.profile import Profile


class Member(NamedTuple):
    """A device in the message path.

    Args:
        id: Its id.
        profile: Its profile.
        business: The Odoo record it stands for.
        takes_part: Whether its messages are worked on.
        serial: Its serial number.
    """

    id: str
    profile: Profile
    business: BusinessObject | None
    takes_part: bool
    serial: str = ""


class Heard:
    """What was heard of a device and is not stored yet."""

    __slots__ = ("online", "seen_at", "since", "telemetry", "telemetry_at")

    def __init__(self) -> None:
        self.online: bool | None = None
        self.since: float | None = None
        self.seen_at: float | None = None
        self.telemetry_at: float | None = None
        self.telemetry: Any = None


class Roster:
    """All devices as the message path sees them: kept up to date by whoever owns it.

    What was heard of devices is gathered here too, and written behind by the owner: of each device only the newest.
    """

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self._profiles: dict[str, Profile] = {}
        self._heard: dict[str, Heard] = {}

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

    def profiles(self) -> Iterable[Profile]:
        """Return all profiles."""
        return self._profiles.values()

    def note_seen(self, device: str, at: float) -> None:
        """Note that a device was heard of.

        Args:
            device: Its id; unknown devices are left out.
            at: When, in seconds since 1970.
        """
        if device in self._members:
            self._of(device).seen_at = at

    def note_online(self, device: str, online: bool, at: float) -> None:  # noqa: FBT001 - the fact itself
        """Note that a device has come online or gone offline.

        Args:
            device: Its id; unknown devices are left out.
            online: Whether it is there.
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
        """Note what a device has sent last.

        Args:
            device: Its id; unknown devices are left out.
            at: When it came, in seconds since 1970.
            telemetry: What it was, decoded: JSON.
        """
        if device in self._members:
            heard = self._of(device)
            heard.seen_at = heard.telemetry_at = at
            heard.telemetry = telemetry

    def take_heard(self) -> list[Presence]:
        """Return what was heard since the last take, for the owner to store."""
        taken, self._heard = self._heard, {}
        return [
            Presence(
                device=device,
                online=heard.online,
                since=heard.since,
                seen_at=heard.seen_at,
                telemetry_at=heard.telemetry_at,
                telemetry=heard.telemetry,
            )
            for device, heard in taken.items()
        ]

    def put(self, profiles: Mapping[str, Profile], members: Iterable[Member]) -> None:
        """Take over changed profiles and devices."""
        self._profiles.update(profiles)
        for member in members:
            self._members[member.id] = member

    def forget(self, profiles: Iterable[str], devices: Iterable[str]) -> None:
        """Forget profiles and devices; unknown ones are harmless."""
        for id in profiles:
            self._profiles.pop(id, None)
        for id in devices:
            self._members.pop(id, None)
            self._heard.pop(id, None)

    def _of(self, device: str) -> Heard:
        heard = self._heard.get(device)
        if heard is None:
            heard = self._heard[device] = Heard()
        return heard
