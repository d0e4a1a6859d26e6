"""Messages to an MQTT broker."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal, Self

from pydantic import model_validator

from flowengine.node import Config, Duration, Field, Message, Node, NodeError, Resource, TransientError, node_type
from flowengine_nodes.network.message_properties import read_properties, with_trace
from flowengine_nodes.network.mqtt.errors import (
    ClientClosedError,
    ConnectionLostError,
    MqttError,
    OfflineError,
    QueueFullError,
)
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.mqtt.topics import TopicFilter
from flowengine_nodes.network.mqtt_broker import MqttBroker
from flowengine_nodes.network.mqtt_payload import encode_payload
from flowengine_nodes.network.topic_fields import MissingTopicFieldError, TopicFilterText, TopicPattern, TopicText
from flowengine_nodes.network.tracing import TRACE_HELP, TraceMode

_OF_A_REQUEST = frozenset({"correlation_data", "user_properties", "expires_at"})
"""Properties of a request that its answer carries too."""


class MqttOutConfig(Config):
    """Publish to a topic."""

    broker: Annotated[str, Resource("mqtt-broker")] = Field(description="The broker.")
    topic: TopicText = Field(
        "", description="Topic; {name} stands for a field of the message. Empty for the message's own topic."
    )
    qos: Literal[0, 1, 2] | None = Field(1, description="Quality of service; empty for the message's own.")
    retain: bool | None = Field(False, description="Let the broker keep it; empty for what the message says.")
    answer: TopicFilterText | None = Field(
        None,
        description="Answer a request (MQTT 5): publish to the response topic that the message brought, if this filter "
        "matches it. A level {name} must be the message's field of that name.",
    )
    response_topic: TopicText = Field(
        "", description="Topic on which an answer is expected (MQTT 5); {name} stands for a field of the message."
    )
    content_type: str = Field("", description="MIME type to tell the receiver (MQTT 5).")
    expiry: Duration | None = Field(None, description="Time after which nobody wants the message (MQTT 5).")
    trace: TraceMode = Field("pass", description=TRACE_HELP)

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.answer is not None and self.topic.text:
            raise ValueError("choose 'topic' or 'answer', not both: an answer goes to the topic that the request names")
        return self


@node_type("mqtt-out", category="network", label="MQTT out", icon="mqtt", outside=True, holds=True)
class MqttOut(Node[MqttOutConfig]):
    """Publish messages to an MQTT broker.

    The work on a message has ended when the broker has acknowledged it (QoS 1 and 2) or it has been written (QoS 0).
    Without a connection QoS 1 and 2 messages wait for one; QoS 0 messages fail, and the flow's policy says what then.

    Objects and lists are sent as JSON, text as UTF-8, bytes as they are, numbers and truth values as JSON writes them;
    nothing at all for null. MQTT 5 properties are taken from the message's `properties`, as an mqtt-in node made them;
    `user_properties` may be an object too. `properties` may also have `expires_at`, in seconds since 1970: a command
    that waited too long before it was sent, in an outbox say, then fails as `expired` instead of coming late.

    With *answer* the message goes to the response topic of the request, with its correlation data and user properties;
    the request's other properties are not repeated. The filter says which topics may be asked for: with
    `devices/{device}/answers/#`, no device gets an answer sent to another one.

    What the node's settings name wins over the message. A topic's `{name}` must be one level: a field that holds `/`,
    `+` or `#` is refused, so that no message can reach another device's topic.
    """

    async def start(self) -> None:
        """Find the broker."""
        self._publish = self.context.resource(self.config.broker, MqttBroker).client.publish
        self._finish = self.context.finish
        self._begins_traces = self.config.trace == "begin"
        self._passes_traces = self.config.trace != "none"
        config = self.config
        self._has_properties = bool(config.content_type or config.response_topic.text) or config.expiry is not None
        # What is the same for all messages is looked up for none.
        self._fixed: tuple[str, int, bool] | None = None
        if config.topic.is_fixed and config.qos is not None and config.retain is not None:
            self._fixed = (config.topic.text, config.qos, config.retain)

    def receive(self, message: Message) -> None:
        """Publish a message."""
        fields = message.fields
        topic, qos, retain = self._fixed or self._address(fields)
        payload = encode_payload(fields.get("payload"))
        properties = self._properties(fields) if self._has_properties or "properties" in fields else None
        if self._begins_traces or (message.delivery.context is not None and self._passes_traces):
            properties = with_trace(properties, message.trace_context.child())
        message.delivery.hold()
        self._publish(topic, payload, qos, retain, properties, partial(self._published, message))

    def outgoing(self, message: Message) -> Mapping[str, Any]:
        """Return what would be published: `topic`, `payload`, `qos`, `retain`, and the message's `properties`."""
        fields = message.fields
        topic, qos, retain = self._address(fields)
        payload = fields.get("payload")
        encode_payload(payload)
        described: dict[str, Any] = {"topic": topic, "payload": payload, "qos": qos, "retain": retain}
        if "properties" in fields:
            self._properties(fields)
            described["properties"] = self._given(fields)
        return described

    def _address(self, fields: dict[str, Any]) -> tuple[str, int, bool]:
        config = self.config
        topic: Any
        if config.answer is not None:
            topic = _response_topic(fields, config.answer)
        else:
            topic = _filled(config.topic, fields) if config.topic.text else fields.get("topic")
        if not isinstance(topic, str) or not topic:
            raise NodeError("neither the node nor the message names a topic to publish to", code="missing-topic")
        qos = fields.get("qos", 0) if config.qos is None else config.qos
        retain = bool(fields.get("retain")) if config.retain is None else config.retain
        if type(qos) is not int or qos not in {0, 1, 2}:
            raise NodeError(f"the message's qos is {qos!r}; it must be 0, 1 or 2", code="invalid-qos")
        return topic, qos, retain

    def _published(self, message: Message, error: MqttError | None) -> None:
        self._finish(message, None if error is None else _as_node_error(error))

    def _properties(self, fields: dict[str, Any]) -> Properties:
        config = self.config
        return read_properties(
            self._given(fields),
            self.context.clock.time(),
            content_type=config.content_type,
            response_topic=_filled(config.response_topic, fields),
            expiry=config.expiry,
        )

    def _given(self, fields: dict[str, Any]) -> Any:
        given = fields.get("properties")
        if self.config.answer is None or not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if name in _OF_A_REQUEST}


def _filled(topic: TopicPattern, fields: dict[str, Any]) -> str:
    try:
        return topic.of(fields)
    except MissingTopicFieldError as error:
        raise NodeError(str(error), code=error.code) from error


def _response_topic(fields: dict[str, Any], allowed: TopicFilter) -> str:
    properties = fields.get("properties")
    topic = properties.get("response_topic") if isinstance(properties, dict) else None
    if not isinstance(topic, str) or not topic:
        raise NodeError(
            "the message brought no response topic, so nobody waits for an answer", code="no-response-topic"
        )
    # A device may ask for an answer on any topic; on another device's it would be taken for a command.
    if not allowed.matches(topic) or any(fields.get(name) != level for name, level in allowed.captures(topic).items()):
        reason = f"the message asks for an answer on {topic}, which is not {allowed.text} with the message's own fields"
        raise NodeError(reason, code="foreign-response-topic")
    return topic


def _as_node_error(error: MqttError) -> NodeError:
    # What a later connection can mend is worth another try, over the client that a deploy puts in place; a refusal is
    # final.
    mendable = isinstance(error, (OfflineError, QueueFullError, ConnectionLostError, ClientClosedError))
    return (TransientError if mendable else NodeError)(str(error), code=error.code)
