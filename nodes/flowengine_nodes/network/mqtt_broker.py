"""The config node of an MQTT broker."""

import asyncio
import math
import secrets
import ssl
from collections.abc import Collection
from functools import partial
from typing import Literal, Self, assert_never

from pydantic import model_validator

from flowengine.node import Config, ConfigNode, Context, Duration, Field, Secret, node_type
from flowengine_nodes.network.mqtt.client import (
    Connected,
    ConnectionEvent,
    Disconnected,
    MqttClient,
    Oversized,
    Reconnecting,
    Unclaimed,
)
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client
from flowengine_nodes.network.mqtt.options import ClientOptions
from flowengine_nodes.network.mqtt_announcement import Announcement, LastWill
from flowengine_nodes.network.mqtt_subscribers import UNSUBSCRIBED, Subscribers
from flowengine_nodes.network.tls_options import TlsOptions

# A broker that is well acknowledges within milliseconds.
FAREWELL = 2.0


class MqttBrokerConfig(Config):
    """Reach an MQTT broker."""

    host: str = Field("localhost", min_length=1, description="Name or address of the broker.")
    port: int = Field(1883, ge=1, le=65535, description="TCP port; 8883 is usual with TLS.")
    version: Literal["5", "3.1.1"] = Field("5", description="MQTT version to speak.")
    username: str = Field("", description="User name, where the broker asks for one.")
    password: Secret = Field("", description="Password of the user.")
    client_id: str = Field("", description="Name of our session at the broker; made once and kept if left empty.")
    tls: bool | TlsOptions = Field(False, description="Whether to speak TLS, or how.")
    websocket_path: str = Field("", description="Path of the broker's WebSocket, such as /mqtt; empty for plain TCP.")
    clean_start: bool = Field(False, description="Let the broker forget what it kept for us while we were away.")
    session_expiry: Duration = Field("1d", description="How long the broker keeps messages while we are away.")
    keep_alive: Duration = Field("30s", le=65_535, description="Silence after which the connection is probed.")
    ping_timeout: Duration = Field("10s", gt=0, description="Time a probe may take; then the connection is made anew.")
    receive_maximum: int = Field(
        1000, ge=1, le=65535, description="QoS 1 and 2 messages that may be unacknowledged; the broker keeps the rest."
    )
    max_packet_size: int | None = Field(
        None,
        ge=64,
        le=268_435_460,
        description="Largest packet to send or to take, in bytes; a larger message to send fails, and one that comes "
        "is left out: by the broker (MQTT 5), or here.",
    )
    queue: int = Field(10_000, ge=1, description="Messages to send that may wait for a connection.")
    low_latency: bool = Field(False, description="Never read in portions: less delay for more CPU under load.")
    will: LastWill | None = Field(None, description="What the broker says when we vanish.")
    birth: Announcement | None = Field(None, description="What we say at every connection.")
    close: Announcement | None = Field(None, description="What we say before we disconnect on purpose.")

    @model_validator(mode="after")
    def _version_fits(self) -> Self:
        if self.version == "3.1.1":
            for name in ("will", "birth", "close"):
                announcement: Announcement | None = getattr(self, name)
                if announcement is not None and announcement.needs_mqtt_5:
                    raise ValueError(f"'{name}' has properties, which MQTT 3.1.1 cannot carry; set 'version' to 5")
        return self


@node_type("mqtt-broker", category="network", label="MQTT broker", icon="broker", outside=True)
class MqttBroker(ConfigNode[MqttBrokerConfig]):
    """Connect to an MQTT broker, for all nodes that refer to it.

    The connection is made again whenever it is lost, with growing waits. The broker keeps our session, so QoS 1 and 2
    messages that come while we are away, or that no flow had finished with, arrive afterwards.

    What comes for a flow that has errors, and so does not run, is kept in the store: it gets those messages when it
    runs again. A subscription ends when its flow or its node is removed; what still arrives then is dropped, and
    counted as `unsubscribed`.

    Messages to publish at QoS 1 and 2 wait for a connection; at QoS 0 they are refused with an error while there is
    none. Unlike Node-RED, nothing is acknowledged before the flows have finished with it.
    """

    def __init__(self, config: MqttBrokerConfig, context: Context) -> None:
        super().__init__(config, context)
        self._unclaimed: set[str] = set()
        self._client: MqttClient | None = None
        self._subscribers: Subscribers | None = None

    @classmethod
    def trial(cls, config: MqttBrokerConfig) -> MqttBrokerConfig:
        """Return a configuration with a session of its own, which announces nothing and leaves nothing behind."""
        apart = {"client_id": "", "clean_start": True, "session_expiry": 0.0}
        return config.model_copy(update={**apart, "will": None, "birth": None, "close": None})

    @property
    def client(self) -> MqttClient:
        """The client; there is one once the node has started."""
        assert self._client is not None
        return self._client

    @property
    def is_away(self) -> bool:
        """Whether the broker cannot be reached now; never in a flow test, where there is none."""
        return self._client is not None and not self._client.is_connected

    @property
    def subscribers(self) -> Subscribers:
        """Who subscribes; known once the node has started."""
        assert self._subscribers is not None
        return self._subscribers

    async def start(self) -> None:
        """Make the client; it connects once all flows have subscribed."""
        config = self.config
        client_id = config.client_id or await self._kept_client_id()
        if self.context.shared:
            client_id = f"{client_id}-{self.context.worker}"
        options = ClientOptions(
            host=config.host,
            port=config.port,
            tls=self._tls(),
            server_name=None if isinstance(config.tls, bool) else config.tls.server_name or None,
            websocket_path="/" + config.websocket_path.removeprefix("/") if config.websocket_path else None,
            client_id=client_id,
            username=config.username or None,
            password=config.password.encode() or None,
            clean_start=config.clean_start,
            session_expiry=math.ceil(config.session_expiry),
            keep_alive=math.ceil(config.keep_alive),
            ping_timeout=config.ping_timeout,
            receive_maximum=config.receive_maximum,
            max_packet_size=config.max_packet_size,
            queue_limit=config.queue,
            coalesce_reads=not config.low_latency,
            will=None if config.will is None else config.will.will,
        )
        self._client = self._new_client(options)
        self._client.listen(self._happened)
        self._subscribers = Subscribers(self._client, self.context, config.receive_maximum)
        await self._subscribers.load()
        self.context.status("connecting", "busy")

    async def deployed(self, broken: Collection[str]) -> None:
        """Keep what comes for flows that are broken, and unsubscribe what nobody wants any more."""
        # In a flow test it has not been started.
        if self._subscribers is not None:
            await self._subscribers.deployed(broken)

    async def run(self) -> None:
        """Connect."""
        self.client.connect()

    async def stop(self) -> None:
        """Say goodbye and disconnect."""
        client = self._client
        if client is None:
            return
        if self._subscribers is not None:
            self._subscribers.stop()
        if self.config.close is not None and client.is_connected:
            self._announce(self.config.close)
        await self._see_off(client)
        await client.close()

    async def _see_off(self, client: MqttClient) -> None:
        """Wait a moment for the broker to acknowledge what was published."""
        clock = self.context.clock
        deadline = clock.monotonic() + FAREWELL
        while client.is_connected and clock.monotonic() < deadline:
            pending = client.pending
            if not pending.in_flight and not pending.queued:
                return
            await clock.sleep(0.01)

    def _happened(self, event: ConnectionEvent) -> None:
        match event:
            case Connected():
                self._unclaimed.clear()
                self.context.status("connected")
                if self.config.birth is not None:
                    # Soon: the client has yet to take note of the connection.
                    asyncio.get_running_loop().call_soon(self._announce, self.config.birth)
            case Disconnected(error=error):
                self.context.status(str(error) if error else "closed", "error" if error else "idle")
                if error is not None:
                    self.context.log.warning("%s", error)
            case Reconnecting(delay=delay):
                self.context.log.info("connecting again in %.1f s", delay)
            case Unclaimed(topic=topic):
                if topic not in self._unclaimed:
                    self._unclaimed.add(topic)
                    self.context.log.warning("no flow subscribes to %s any more; its messages are left out", topic)
                self.subscribers.drop(UNSUBSCRIBED)
                self.context.publish("unclaimed", {"topic": topic})
            case Oversized(topic=topic, size=size):
                self.subscribers.drop("too-large")
                self.context.log.warning("a message on %s was left out: it takes %d bytes", topic, size)
            case _:
                assert_never(event)

    def _announce(self, announcement: Announcement) -> None:
        topic = announcement.topic.text
        payload = announcement.payload.encode()
        announced = partial(self._announced, topic)
        self.client.publish(topic, payload, announcement.qos, announcement.retain, announcement.properties, announced)

    def _announced(self, topic: str, error: MqttError | None) -> None:
        if error is not None:
            self.context.log.warning("the announcement on %s was not made: %s", topic, error)

    async def _kept_client_id(self) -> str:
        # A new name at every start would leave the messages of the old session at the broker for nobody.
        def keep(old: object) -> object:
            return old or f"flowengine-{self.context.node}-{secrets.token_hex(8)}"

        return str(await self.context.state.update("client-id", keep))

    def _new_client(self, options: ClientOptions) -> MqttClient:
        if self.config.version == "5":
            return Mqtt5Client(options)
        # Loaded only where it is used.
        from flowengine_nodes.network.mqtt.aiomqtt_client import AiomqttClient  # noqa: PLC0415 - as said above

        return AiomqttClient(options)

    def _tls(self) -> ssl.SSLContext | None:
        tls = self.config.tls
        if tls is False:
            return None
        return (TlsOptions() if tls is True else tls).context()
