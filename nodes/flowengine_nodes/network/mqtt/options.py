"""How to reach a broker, and what to ask of it."""

import ssl
from dataclasses import dataclass
from typing import Literal

from flowengine_nodes.network.mqtt.properties import Properties


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """The message a broker publishes when this client vanishes (MQTT 5.0 §3.1.2.5).

    Attributes:
        topic: Where to.
        payload: What.
        qos: 0, 1 or 2.
        retain: Keep it for later subscribers.
        delay: Seconds the broker waits first, so that a quick reconnect cancels it (MQTT 5 only).
        properties: Its properties (MQTT 5 only).
    """

    topic: str
    payload: bytes = b""
    qos: int = 0
    retain: bool = False
    delay: int = 0
    properties: Properties | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """How to reach a broker, and on what terms.

    Attributes:
        host: Name or address.
        port: TCP port.
        websocket_path: Speak MQTT over a WebSocket at this path; None for plain TCP.
        tls: Context with trust anchors and, where wanted, the client certificate; None for no TLS.
        server_name: Name to ask for and to expect in the broker's certificate; None for ``host``.
        client_id: Name of the session; empty lets the broker choose one, which is then kept.
        username: User, or None.
        password: Password, or None.
        clean_start: Discard an older session of this name, on the first connection only.
        session_expiry: Seconds the broker keeps the session without a connection. MQTT 3.1.1 knows only
            "none" (0) and "for ever" (anything else).
        keep_alive: Seconds of silence after which the connection is probed; 0 never probes.
        ping_timeout: Seconds to wait for an answer to a probe before the connection counts as lost.
        connect_timeout: Seconds for one attempt to connect, CONNACK included.
        backoff_base: Seconds; the n-th attempt in a row waits a random time up to ``backoff_base * 2**n``.
        backoff_max: Longest wait between attempts, in seconds.
        receive_maximum: How many unsettled QoS 1 and 2 messages the broker may have with us (1 to 65,535).
        max_packet_size: Largest packet that we send or accept, in bytes. An MQTT 5 broker is told, and keeps larger
            ones from us.
        topic_alias_maximum: How many topic aliases we accept and, where the broker does, use (MQTT 5 only).
        queue_limit: How many publishes may wait for a connection or for the broker's Receive Maximum.
        coalesce_reads: Under a high rate, read in portions of about a millisecond: less CPU, more latency.
        will: The last will, or None.
    """

    host: str = "localhost"
    port: int = 1883
    websocket_path: str | None = None
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    client_id: str = ""
    username: str | None = None
    password: bytes | None = None
    clean_start: bool = False
    session_expiry: int = 3600
    keep_alive: int = 60
    ping_timeout: float = 10.0
    connect_timeout: float = 10.0
    backoff_base: float = 0.5
    backoff_max: float = 60.0
    receive_maximum: int = 1000
    max_packet_size: int | None = None
    topic_alias_maximum: int = 0
    queue_limit: int = 10_000
    coalesce_reads: bool = True
    will: Will | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeOptions:
    """Options of a subscription (MQTT 5.0 §3.8.3.1); MQTT 3.1.1 has none of them.

    Attributes:
        no_local: Leave out what this client publishes itself.
        retain_as_published: Show the retain flag as the publisher set it, not only on retained messages.
        retained: Which retained messages to send: always, only when the subscription is new, or never.
    """

    no_local: bool = False
    retain_as_published: bool = False
    retained: Literal["always", "new", "never"] = "always"


DEFAULT_SUBSCRIBE_OPTIONS = SubscribeOptions()
