"""What a device knows of itself once it is paired."""

from dataclasses import dataclass

from flowengine_nodes.iiot.registry.topics import Topics
from flowengine_nodes.iiot.simulator.site import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A device's configuration.

    Args:
        device: Its id.
        credentials: What it shows to the broker.
        topics: Where it publishes and what it subscribes to.
        host: The broker's address, where it is another than the site's.
        port: Its port, likewise.
    """

    device: str
    credentials: Credentials
    topics: Topics
    host: str = ""
    port: int = 0

    @classmethod
    def plain(cls, device: str) -> "Configuration":
        """Return the configuration of a device that needs no pairing."""
        return cls(device=device, credentials=Credentials(client_id=device), topics=Topics())
