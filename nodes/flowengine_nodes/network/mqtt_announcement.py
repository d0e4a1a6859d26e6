"""Messages that a connection to an MQTT broker itself sends."""

import math
from typing import Literal

from flowengine.node import Duration, Field, StrictConfig
from flowengine_nodes.network.mqtt.options import Will
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.topic_fields import FixedTopicText


class Announcement(StrictConfig):
    """A message that the connection itself sends."""

    topic: FixedTopicText = Field(description="Topic it goes to.")
    payload: str = Field("", description="Text it carries.")
    qos: Literal[0, 1, 2] = Field(0, description="Quality of service.")
    retain: bool = Field(True, description="Let the broker keep it for later subscribers.")
    content_type: str = Field("", description="MIME type to tell the receiver (MQTT 5).")
    expiry: Duration | None = Field(
        None, le=0xFFFF_FFFF, description="Time after which nobody wants the message (MQTT 5)."
    )
    user_properties: dict[str, str] = Field({}, description="Names and values of one's own (MQTT 5).")

    @property
    def properties(self) -> Properties | None:
        """Its MQTT 5 properties, where it has some."""
        if not self.needs_mqtt_5:
            return None
        return Properties(
            content_type=self.content_type or None,
            message_expiry=None if self.expiry is None else max(1, math.ceil(self.expiry)),
            user_properties=tuple(self.user_properties.items()),
        )

    @property
    def needs_mqtt_5(self) -> bool:
        """Whether MQTT 3.1.1 cannot carry all of it."""
        return bool(self.content_type or self.user_properties) or self.expiry is not None


class LastWill(Announcement):
    """What the broker says when the connection vanishes."""

    delay: Duration = Field(
        "0s",
        le=0xFFFF_FFFF,
        description="Time the broker waits first; when we are back by then, it says nothing (MQTT 5).",
    )

    @property
    def needs_mqtt_5(self) -> bool:
        """Whether MQTT 3.1.1 cannot carry all of it."""
        return self.delay > 0 or super().needs_mqtt_5

    @property
    def will(self) -> Will:
        """What the broker is told when we connect."""
        return Will(
            topic=self.topic.text,
            payload=self.payload.encode(),
            qos=self.qos,
            retain=self.retain,
            delay=math.ceil(self.delay),
            properties=self.properties,
        )
