"""Messages to an MQTT broker."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from flowengine.node import Config, Duration, Field, Message, Node, NodeError, Resource, TransientError, node_type
from flowengine_nodes.network.message_properties import read_properties
from flowengine_nodes.network.mqtt.errors import (
    ClientClosedError,
    ConnectionLostError,
    MqttError,
    OfflineError,
    QueueFullError,
)
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt_broker import MqttBroker
from flowengine_nodes.network.mqtt_payload import encode_payload
from flowengine_nodes.network.topic_fields import MissingTopicFieldError, TopicText


class MqttOutConfig(Config):
    """Publish to a topic."""

    broker: Annotated[str, Resource("mqtt-broker")] = Field(description="The broker.")
    topic: TopicText = Field(
        "", description="Topic; {name} stands for a field of the message. Empty for the message's own topic."
    )
    qos: Literal[0, 1, 2] | None = Field(1, description="Quality of service; empty for the message's own.")
    retain: bool | None = Field(False, description="Let the broker keep it; empty for what the message says.")
    content_type: str = Field("", description="MIME type to tell the receiver (MQTT 5).")
    expiry: Duration | None = Field(None, description="Time after which nobody wants the message (MQTT 5).")


@node_type("mqtt-out", category="network", label="MQTT out", outside=True, holds=True)
class MqttOut(Node[MqttOutConfig]):
    """Publish messages to an MQTT broker.

    The work on a message has ended when the broker has acknowledged it (QoS 1 and 2) or it has been written (QoS 0).
    Without a connection QoS 1 and 2 messages wait for one; QoS 0 messages fail, and the flow's policy says what then.

    Objects and lists are sent as JSON, text as UTF-8, bytes as they are, numbers and truth values as JSON writes them;
    nothing at all for null. MQTT 5 properties are taken from the message's `properties`, as an mqtt-in node made them;
    `user_properties` may be an object too.

    What the node's settings name wins over the message. A topic's `{name}` must be one level: a field that holds `/`,
    `+` or `#` is refused, so that no message can reach another device's topic.
    """

    async def start(self) -> None:
        """Find the broker."""
        self._client = self.context.resource(self.config.broker, MqttBroker).client
        self._has_properties = bool(self.config.content_type) or self.config.expiry is not None

    def receive(self, message: Message) -> None:
        """Publish a message."""
        fields = message.fields
        topic, qos, retain = self._address(fields)
        payload = encode_payload(fields.get("payload"))
        properties = self._properties(fields) if self._has_properties or "properties" in fields else None
        message.delivery.hold()
        self._client.publish(topic, payload, qos, retain, properties, partial(self._published, message))

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return what would be published: `topic`, `payload`, `qos`, `retain`, and the message's `properties`."""
        fields = message.fields
        topic, qos, retain = self._address(fields)
        payload = fields.get("payload")
        encode_payload(payload)
        described: dict[str, Any] = {"topic": topic, "payload": payload, "qos": qos, "retain": retain}
        if "properties" in fields:
            self._properties(fields)
            described["properties"] = fields["properties"]
        return described

    def _address(self, fields: dict[str, Any]) -> tuple[str, int, bool]:
        config = self.config
        try:
            topic = config.topic.of(fields) if config.topic.text else fields.get("topic")
        except MissingTopicFieldError as error:
            raise NodeError(str(error), code=error.code) from error
        if not isinstance(topic, str) or not topic:
            raise NodeError("neither the node nor the message names a topic to publish to", code="missing-topic")
        qos = fields.get("qos", 0) if config.qos is None else config.qos
        retain = bool(fields.get("retain")) if config.retain is None else config.retain
        if type(qos) is not int or qos not in {0, 1, 2}:
            raise NodeError(f"the message's qos is {qos!r}; it must be 0, 1 or 2", code="invalid-qos")
        return topic, qos, retain

    def _published(self, message: Message, error: MqttError | None) -> None:
        self.context.finish(message, None if error is None else _as_node_error(error))

    def _properties(self, fields: dict[str, Any]) -> Properties:
        return read_properties(fields.get("properties"), self.config.content_type, self.config.expiry)


def _as_node_error(error: MqttError) -> NodeError:
    # What a later connection can mend is worth another try, over the client that a deploy puts in place; a refusal is
    # final.
    mendable = isinstance(error, (OfflineError, QueueFullError, ConnectionLostError, ClientClosedError))
    return (TransientError if mendable else NodeError)(str(error), code=error.code)
