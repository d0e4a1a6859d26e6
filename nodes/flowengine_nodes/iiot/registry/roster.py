"""What the message path needs of devices and profiles, in memory: no message waits for a database."""

from typing import Any, NamedTuple

from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.profile import Profile


class Member(NamedTuple):
    """A device in the message path.

    Args:
        id: Its id.
        profile: Its profile.
        business: The Odoo record it stands for.
        takes_part: Whether its messages are worked on.
    """

    id: str
    profile: Profile
    business: BusinessObject | None
    takes_part: bool


class Roster:
    """All devices as the message path sees them: kept up to date by whoever owns it.

    What was heard of devices is gathered here too, and written behind by the owner.
    """

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}
        self.heard: dict[str, Any] = {}

    def member(self, device: str) -> Member | None:
        """Return a device by its id; ``None`` for one that the registry does not know."""
        return self._members.get(device)
