"""Where devices are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flowengine_nodes.iiot.registry.device import Device, Lifecycle, Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Which devices are meant; whatever is left out does not matter.

    Args:
        text: Part of id, serial or name, whatever its case.
        profile: Id of the profile.
        lifecycle: Where they are in their life.
        group: A group they are in.
        online: Whether they are online.
        firmware: Version they have.
    """

    text: str = ""
    profile: str | None = None
    lifecycle: Lifecycle | None = None
    group: str | None = None
    online: bool | None = None
    firmware: str | None = None


class Devices(Protocol):
    """All devices."""

    async def get(self, id: str) -> Device:
        """Return a device by its id.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def find(self, serial: str) -> Device | None:
        """Return a device by its serial number."""
        ...

    async def list(self, which: DeviceFilter, *, after: str = "", limit: int = 100) -> Sequence[Device]:
        """Return devices by id.

        Args:
            which: Those that are meant.
            after: Id of the last device of the page before.
            limit: How many at most.
        """
        ...

    async def count(self, which: DeviceFilter) -> int:
        """Return how many there are."""
        ...

    async def add(self, device: Device, who: str) -> Device:
        """Store a new device.

        Raises:
            BadDeviceIdError: Its id cannot be one.
            DuplicateRecordError: Its id or serial is taken.
            UnknownRecordError: There is no such profile.
        """
        ...

    async def change(self, id: str, values: Mapping[str, Any], who: str) -> Device:
        """Change fields of a device and return it as it is then.

        Args:
            id: Its id.
            values: Fields of :class:`Device` by name, other than ``id``.
            who: For the audit trail.

        Raises:
            UnknownRecordError: There is no such device or profile.
            DuplicateRecordError: Its serial is taken.
            LifecycleError: It may not become what ``lifecycle`` says: see :mod:`.lifecycle`.
        """
        ...

    async def resume(self, id: str, who: str) -> Device:
        """End the suspension of a device: it is again what it was before.

        Raises:
            UnknownRecordError: There is none.
            NotSuspendedError: It is not suspended.
        """
        ...

    async def remove(self, id: str, who: str) -> None:
        """Remove a device and all that is known of it; usually it is better retired.

        Raises:
            UnknownRecordError: There is none.
        """

    async def presence(self, ids: Iterable[str]) -> Mapping[str, Presence]:
        """Return when devices were last heard of; those never heard of are left out.

        What this process has noted in its roster is in it.
        """
        ...

    async def silent(self, profile: str, before: float, *, limit: int = 1000) -> Sequence[str]:
        """Return ids of devices that are online and have not been heard of for too long.

        Args:
            profile: Id of their profile.
            before: They were last heard of before this time.
            limit: How many at most.
        """
        ...

    async def note(self, presences: Sequence[Presence]) -> None:
        """Store when devices were last heard of, in one transaction.

        ``None`` in a field changes nothing there; nor does what is older than what is stored. A paired device that was
        heard of is active from then on. Presences of devices that are not there any more are left out.
        """
