"""What can go wrong between an MQTT client and its broker."""

from typing import ClassVar

from flowengine.errors import FlowEngineError


class MqttError(FlowEngineError):
    """Root of everything the MQTT clients report."""

    code: ClassVar[str] = "mqtt-error"


class TopicFilterError(MqttError):
    """A topic filter breaks MQTT 5.0 §4.7.

    Args:
        text: The filter as written.
        reason: What is wrong with it.
    """

    code = "topic-filter"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"topic filter {_shown(self.text)}: {self.reason}"


class TopicNameError(MqttError):
    """A topic to publish to breaks MQTT 5.0 §4.7.

    Args:
        text: The topic as given.
        reason: What is wrong with it.
    """

    code = "topic-name"

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason

    def __str__(self) -> str:
        return f"topic {_shown(self.text)}: {self.reason}"


class OfflineError(MqttError):
    """There is no connection, and what was asked cannot wait for one.

    Args:
        topic: Where the message was to go.
    """

    code = "mqtt-offline"

    def __init__(self, topic: str) -> None:
        super().__init__(topic)
        self.topic = topic

    def __str__(self) -> str:
        return f"not connected to the broker, so the QoS 0 message for {_shown(self.topic)} was not sent"


class QueueFullError(MqttError):
    """Too many messages already wait to be sent.

    Args:
        topic: Where the message was to go.
        limit: How many messages may wait.
    """

    code = "mqtt-queue-full"

    def __init__(self, topic: str, limit: int) -> None:
        super().__init__(topic, limit)
        self.topic = topic
        self.limit = limit

    def __str__(self) -> str:
        return f"{self.limit} messages already wait for the broker: one for {_shown(self.topic)} was refused"


class PublishRefusedError(MqttError):
    """The broker answered a publish or our own limits forbid it.

    Args:
        topic: Where the message was to go.
        reason: Why it was refused.
        reason_code: MQTT reason code, where the broker sent one.
    """

    code = "mqtt-publish-refused"

    def __init__(self, topic: str, reason: str, reason_code: int | None = None) -> None:
        super().__init__(topic, reason, reason_code)
        self.topic = topic
        self.reason = reason
        self.reason_code = reason_code

    def __str__(self) -> str:
        return f"publish to {_shown(self.topic)} refused: {self.reason}"


class MessageExpiredError(MqttError):
    """A message outlived its expiry interval before it could be sent.

    Args:
        topic: Where the message was to go.
        seconds: Its expiry interval.
    """

    code = "mqtt-expired"

    def __init__(self, topic: str, seconds: int) -> None:
        super().__init__(topic, seconds)
        self.topic = topic
        self.seconds = seconds

    def __str__(self) -> str:
        return f"the message for {_shown(self.topic)} expired after {self.seconds} s without being sent"


class SubscribeRefusedError(MqttError):
    """The broker refused a subscription.

    Args:
        topic_filter: The filter that was asked for.
        reason: The broker's words, or the meaning of its reason code.
        reason_code: MQTT reason code, at least 0x80.
    """

    code = "mqtt-subscribe-refused"

    def __init__(self, topic_filter: str, reason: str, reason_code: int) -> None:
        super().__init__(topic_filter, reason, reason_code)
        self.topic_filter = topic_filter
        self.reason = reason
        self.reason_code = reason_code

    def __str__(self) -> str:
        return f"the broker refused to subscribe {_shown(self.topic_filter)}: {self.reason}"


class ConnectionLostError(MqttError):
    """A connection failed or ended.

    Args:
        reason: What happened, in one clause.
        reason_code: MQTT reason code, where one side sent it.
    """

    code = "mqtt-connection-lost"

    def __init__(self, reason: str, reason_code: int | None = None) -> None:
        super().__init__(reason, reason_code)
        self.reason = reason
        self.reason_code = reason_code

    def __str__(self) -> str:
        return self.reason


class ConnectRefusedError(ConnectionLostError):
    """The broker answered CONNECT with a refusal."""

    code = "mqtt-connect-refused"


class ProtocolViolationError(ConnectionLostError):
    """The broker sent something that MQTT does not allow."""

    code = "mqtt-protocol-error"


class ClientClosedError(MqttError):
    """The client was closed before the work was done."""

    code = "mqtt-closed"

    def __str__(self) -> str:
        return "the MQTT client was closed first"


def _shown(text: str) -> str:
    """Quote a topic for a sentence, shortened where it is long."""
    return f'"{text}"' if len(text) <= 120 else f'"{text[:117]}..."'
