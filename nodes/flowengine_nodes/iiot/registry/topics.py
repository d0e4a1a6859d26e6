"""The topics that devices of a profile use."""

from typing import Annotated, Self

from flowengine.fields.compiled import Compiled
from flowengine.node import Field, StrictConfig
from flowengine_nodes.network.mqtt.topics import check_topic

DEVICE = "{device}"


class TopicTemplate:
    """A topic in which ``{device}`` stands for the device's id.

    Args:
        text: Such as ``telemetry/{device}/data``.

    Raises:
        MqttError: It cannot be a topic.
    """

    def __init__(self, text: str) -> None:
        check_topic(text.replace(DEVICE, "x"))
        self.text = text

    def of(self, device: str) -> str:
        """Return the topic of a device.

        Args:
            device: Its id, which is one level.
        """
        return self.text.replace(DEVICE, device)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TopicTemplate) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


TopicTemplateText = Annotated[TopicTemplate, Compiled(TopicTemplate, TopicTemplate, "topic")]


class Topics(StrictConfig):
    """Where a device publishes and what it subscribes to."""

    config_request: TopicTemplateText = Field(
        "iiot/config/request", description="Where devices ask for their configuration."
    )
    config_response: TopicTemplateText = Field(
        "iiot/config/{device}", description="Where a device gets its configuration."
    )
    telemetry: TopicTemplateText = Field(
        "telemetry/{device}/data", description="Where a device sends what it measures."
    )
    command: TopicTemplateText = Field("command/{device}/action", description="Where a device gets its commands.")
    command_response: TopicTemplateText = Field(
        "command/{device}/response", description="Where a device answers commands."
    )
    ota_notify: TopicTemplateText = Field("ota/{device}/notify", description="Where a device hears of new firmware.")
    ota_status: TopicTemplateText = Field(
        "ota/{device}/status", description="Where a device reports how an update goes."
    )
    presence: TopicTemplateText = Field(
        "presence/{device}",
        description="Where a device says that it is online, and its last will that it is not.",
    )

    def beside(self, usual: Self) -> Self:
        """Return these topics, with the usual ones in place of those that are left at their defaults.

        Args:
            usual: What the engine publishes and subscribes to where nothing else is said.
        """
        own = {name: topic for name, topic in self if topic.text != type(self).model_fields[name].default}
        return usual.model_copy(update=own)
