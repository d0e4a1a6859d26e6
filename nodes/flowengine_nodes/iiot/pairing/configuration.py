"""What a device gets when it has paired."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flowengine_nodes.iiot.registry.device import Device
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.topics import Topics


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """How devices reach the broker.

    Args:
        host: Its name or address.
        port: Its port.
        tls: Whether it speaks TLS there.
        ca: Certificates to trust, in PEM; empty for those that devices trust anyway.
    """

    host: str
    port: int
    tls: bool
    ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a device logs in with.

    Args:
        client_id: Its client id.
        username: Its user name.
        password: Its password.
    """

    client_id: str
    username: str
    password: str = field(repr=False)


def topics_of(device: str, topics: Topics) -> dict[str, str]:
    """Return the topics of a device, by what they are for."""
    return {name: getattr(topics, name).of(device) for name in Topics.model_fields}


def configuration(
    device: Device, profile: Profile, topics: Topics, broker: BrokerAddress, login: Login, now: float
) -> dict[str, Any]:
    """Return the configuration of a device, as JSON.

    Args:
        device: The device.
        profile: Its profile.
        topics: The topics of the profile.
        broker: Where it connects to.
        login: What it logs in with.
        now: The server's time, in seconds since 1970.
    """
    address = {"host": broker.host, "port": broker.port, "tls": broker.tls}
    return {
        "device": device.id,
        "serial": device.serial,
        "profile": profile.id,
        "broker": address | ({"ca": broker.ca} if broker.ca else {}),
        "client_id": login.client_id,
        "username": login.username,
        "password": login.password,
        "topics": topics_of(device.id, topics),
        "offline_after": profile.offline_after,
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
