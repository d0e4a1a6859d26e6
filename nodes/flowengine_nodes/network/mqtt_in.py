"""Messages from an MQTT broker."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import orjson

from flowengine.node import (
    Config,
    Context,
    Field,
    Incoming,
    Message,
    Node,
    NodeError,
    Output,
    Resource,
    node_type,
)
from flowengine_nodes.network.message_properties import describe_properties, read_properties, trace_context
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.options import SubscribeOptions
from flowengine_nodes.network.mqtt.properties import NO_PROPERTIES, Properties
from flowengine_nodes.network.mqtt.topics import TopicFilter
from flowengine_nodes.network.mqtt_broker import MqttBroker
from flowengine_nodes.network.mqtt_feed import Feed
from flowengine_nodes.network.mqtt_payload import encode_payload
from flowengine_nodes.network.topic_fields import TopicFilterText

Payload = Literal["detect", "json", "text", "bytes"]


class MqttInConfig(Config):
    """Subscribe to a topic."""

    broker: Annotated[str, Resource("mqtt-broker")] = Field(description="The broker.")
    topic: TopicFilterText = Field(
        description="Topic filter; a level {name} matches any level and becomes a field of the message."
    )
    qos: Literal[0, 1, 2] = Field(1, description="Highest quality of service to receive.")
    payload: Payload = Field(
        "detect",
        description="What the payload is: JSON or text (an error if it is not), bytes; or detect: what its content "
        "type says (MQTT 5), else JSON if it is valid JSON, else text, else bytes.",
    )
    retained: Literal["always", "new", "never"] = Field(
        "always", description="Which retained messages to take: always, only for a new subscription, or never."
    )
    no_local: bool = Field(False, description="Leave out what this connection publishes itself (MQTT 5).")


@node_type("mqtt-in", category="network", label="MQTT in", icon="mqtt", outside=True)
class MqttIn(Node[MqttInConfig]):
    """Receive messages from an MQTT broker.

    A message of QoS 1 or 2 is acknowledged when everything that the flow does with it has ended: done, durably stored,
    or put among the dead letters. Until then the broker keeps it, and delivers it again if this process dies.

    The message has `payload`, `topic`, `qos`, `retain`, each `{name}` of the topic filter, `duplicate` when the broker
    may have sent it before, and `properties` when it carries MQTT 5 properties. Those named `traceparent` and
    `tracestate` say which W3C trace it belongs to; nodes that send messages on go on with it.

    Topic filters match as MQTT says: `x/+/y` matches `x//y`, and `#` does not match `$SYS/…`. A message that matches
    twice arrives once. With several workers each message goes to one of them (`$share`), and brokers send no retained
    messages then. A payload that is not what the configuration says goes the way of all errors: to a catch node or
    to the dead letters. A subscription that the broker refuses shows in the node's status.
    """

    out = Output("A message from the broker.")

    def __init__(self, config: MqttInConfig, context: Context) -> None:
        super().__init__(config, context)
        self._owner = f"{context.flow}/{context.node}"
        self._decode = _DECODERS[config.payload]
        self._feed: Feed | None = None
        self._is_running = False
        self._is_held = False

    async def start(self) -> None:
        """Subscribe."""
        config = self.config
        self._broker = self.context.resource(config.broker, MqttBroker)
        options = SubscribeOptions(no_local=config.no_local, retained=config.retained)
        self._feed = self._broker.subscribers.attach(self._owner, self._filter(), config.qos, options)
        self._feed.listen(self._answered)

    async def run(self) -> None:
        """Let messages in."""
        self._is_running = True
        self._let_in()

    async def quiesce(self) -> None:
        """Leave messages with the broker."""
        self.pause()

    async def stop(self) -> None:
        """Leave the subscription to a successor, or end it."""
        if self._feed is not None:
            self._broker.subscribers.detach(self._owner, self._feed)

    def pause(self) -> None:
        """Let messages wait."""
        self._is_held = True
        if self._feed is not None:
            self._feed.shut()

    def resume(self) -> None:
        """Take messages again."""
        self._is_held = False
        self._let_in()

    def incoming(self, given: Mapping[str, Any]) -> Incoming:
        """Return the message that the node would make of one that a flow test has the broker send.

        Args:
            given: `topic`; `payload`: a text as its UTF-8, bytes as they are, anything else as its JSON; `qos`, that
                of the subscription if not given; `retain` and `duplicate`; MQTT 5 `properties`.
        """
        config = self.config
        topic = given.get("topic")
        if not isinstance(topic, str) or not config.topic.matches(topic):
            reason = f"the topic {topic} does not match {config.topic.text}" if topic else "the message has no topic"
            raise NodeError(f"the broker would not send this: {reason}", code="topic-mismatch")
        inbound = Inbound(
            topic,
            encode_payload(given.get("payload")),
            min(given.get("qos", config.qos), config.qos),
            bool(given.get("retain")),
            bool(given.get("duplicate")),
            config.topic.captures(topic),
        )
        properties = _given_properties(given, self.context.clock.time())
        fields = _fields(inbound, properties)
        is_repeated = inbound.qos > 0
        try:
            fields["payload"] = self._decode(inbound.payload, properties)
        except ValueError as error:
            return Incoming(fields, self._unreadable(inbound, error), is_repeated)
        return Incoming(fields, is_repeated=is_repeated)

    def _filter(self) -> TopicFilter:
        topic = self.config.topic
        if not self.context.shared or topic.group is not None:
            return topic
        # Each message goes to one of the processes (MQTT 5.0 §4.8.2).
        return TopicFilter(f"$share/{self._owner.replace('/', '-')}/{topic.text}")

    def _let_in(self) -> None:
        if self._feed is not None and self._is_running and not self._is_held:
            self._feed.open(self._take)

    def _answered(self, error: MqttError | None) -> None:
        if error is None:
            self.context.log.info("the broker grants the subscription again")
            self.context.status("subscribed")
        else:
            self.context.log.warning("%s", error)
            self.context.status(str(error), "error")

    def _take(self, inbound: Inbound) -> None:
        properties = inbound.properties
        fields = _fields(inbound, properties)
        # A failed delivery is durable as a dead letter, so the broker may forget the message then too.
        delivery = self.context.open_delivery((lambda _: inbound.settle()) if inbound.qos else None)
        if properties is not NO_PROPERTIES and properties.user_properties:
            delivery.context = trace_context(properties)
        message = Message(fields, delivery)
        try:
            fields["payload"] = self._decode(inbound.payload, properties)
        except ValueError as error:
            self.context.finish(message, self._unreadable(inbound, error))
            return
        self.send(self.out, message)
        delivery.release()

    def _unreadable(self, inbound: Inbound, error: ValueError) -> NodeError:
        wanted = _WANTED[self.config.payload]
        return NodeError(f"the payload on {inbound.topic} is not {wanted}: {error}", code="invalid-payload")


def _fields(inbound: Inbound, properties: Properties) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "payload": inbound.payload,
        "topic": inbound.topic,
        "qos": inbound.qos,
        "retain": inbound.retain,
    }
    if inbound.captures:
        fields.update(inbound.captures)
    if inbound.duplicate:
        fields["duplicate"] = True
    if properties is not NO_PROPERTIES:
        fields["properties"] = describe_properties(properties)
    return fields


def _given_properties(given: Mapping[str, Any], now: float) -> Properties:
    return read_properties(given["properties"], now) if "properties" in given else NO_PROPERTIES


def _detect(payload: bytes, properties: Properties) -> Any:
    if properties is not NO_PROPERTIES:
        kind = (properties.content_type or "").partition(";")[0].strip().lower()
        if kind == "application/json" or kind.endswith("+json"):
            return orjson.loads(payload)
        if kind.startswith("text/"):
            return _text(payload, properties)
        if kind:
            return _text(payload, properties) if properties.payload_is_text else payload
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        pass
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return payload


def _json(payload: bytes, properties: Properties) -> Any:
    return orjson.loads(payload)


def _text(payload: bytes, properties: Properties) -> Any:
    return payload.decode()


def _bytes(payload: bytes, properties: Properties) -> Any:
    return payload


_DECODERS = {"detect": _detect, "json": _json, "text": _text, "bytes": _bytes}
_WANTED = {"detect": "what its content type says", "json": "JSON", "text": "UTF-8 text"}
