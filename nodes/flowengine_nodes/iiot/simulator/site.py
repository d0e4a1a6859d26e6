"""Where simulated devices are: the broker and the server they reach."""

import ssl
from dataclasses import dataclass

from flowengine_nodes.network.mqtt.options import ClientOptions, Will


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a device shows to the broker.

    Args:
        client_id: Name of its session.
        username: User; empty for none.
        password: Password.
    """

    client_id: str
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What all devices have in common.

    Args:
        host: The broker's address.
        port: Its port for MQTT 5.
        tls: How to trust it; ``None`` for a connection that is not encrypted.
        username: User for devices that have no credentials of their own; empty for none.
        password: The user's password.
        request_topic: Where devices ask to be paired.
        interval: Seconds from one reading of a device to the next.
        update_seconds: How long a device takes over each part of an update.
        firmware_key: Public key, in PEM, by which devices check firmware; empty to check its digest only.
        seed: The same seed gives the same readings and the same misbehaviour.
    """

    host: str = "localhost"
    port: int = 1883
    tls: ssl.SSLContext | None = None
    username: str = ""
    password: str = ""
    request_topic: str = "iiot/config/request"
    interval: float = 1.0
    update_seconds: float = 1.0
    firmware_key: str = ""
    seed: int = 1

    def options(self, credentials: Credentials, will: Will | None) -> ClientOptions:
        """Return how a device connects.

        Args:
            credentials: Who it is.
            will: What the broker says when it vanishes.
        """
        return ClientOptions(
            host=self.host,
            port=self.port,
            tls=self.tls,
            client_id=credentials.client_id,
            username=(credentials.username or self.username) or None,
            password=(credentials.password or self.password).encode() or None,
            queue_limit=100,
            backoff_max=10.0,
            will=will,
        )
