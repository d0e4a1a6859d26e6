"""A device profile: how devices of one kind communicate."""

from typing import Literal

from flowengine.flow.identifier import Identifier
from flowengine.node import Duration, Field, JsonSchema, StrictConfig
from flowengine_nodes.iiot.registry.command_template import DEFAULT_TEMPLATE, CommandTemplate
from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.registry.topics import Topics


class Action(StrictConfig):
    """An action that devices of a profile know."""

    description: str = Field("", description="What it does, for people.")
    params: JsonSchema | None = Field(None, description="JSON Schema that its parameters must fit; none for any.")


class Profile(StrictConfig):
    """How devices of one kind communicate, and what becomes of what they say.

    A profile is one document with its rules, templates and actions, and is checked as a whole when it is saved.
    """

    id: Identifier = Field(description="Id that devices refer to.")
    name: str = Field("", description="Name for people.")
    description: str = Field("", description="What kind of device it is for.")
    topics: Topics = Field(Topics(), description="Topics, in which {device} stands for the device's id.")
    codec: Literal["json", "scalar", "sparkplug-b"] = Field("json", description="What telemetry payloads are.")
    command_template: str = Field(DEFAULT_TEMPLATE, description="Jinja2 template of commands; its result must be JSON.")
    command_templates: tuple[CommandTemplate, ...] = Field(
        (), description="Templates of single actions, used instead of the profile's own."
    )
    actions: dict[str, Action] = Field({}, description="Actions that devices know, by name; empty to allow any.")
    rules: tuple[TelemetryRule, ...] = Field((), description="What becomes of telemetry.")
    offline_after: Duration = Field(
        "5m", gt=0, description="A device that is silent for so long counts as offline.", validate_default=True
    )
