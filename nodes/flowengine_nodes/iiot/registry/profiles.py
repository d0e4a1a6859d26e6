"""Where profiles are kept."""

from collections.abc import Sequence
from typing import Protocol

from flowengine_nodes.iiot.registry.profile import Profile


class Profiles(Protocol):
    """All profiles."""

    async def get(self, id: str) -> Profile:
        """Return a profile.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def list(self) -> Sequence[Profile]:
        """Return all profiles, by id."""
        ...

    async def save(self, profile: Profile, who: str) -> None:
        """Store a profile, new or changed.

        Args:
            profile: Checked.
            who: For the audit trail.
        """

    async def remove(self, id: str, who: str) -> None:
        """Remove a profile.

        Raises:
            UnknownRecordError: There is none.
            RecordInUseError: Devices have it.
        """
