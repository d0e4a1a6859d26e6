"""A device profile: how devices of one kind communicate."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from flowengine.expressions import Template
from flowengine.flow.identifier import Identifier
from flowengine.node import Duration, Field, JsonSchema, StrictConfig
from flowengine_nodes.iiot.commands.template import CommandTemplateText, problem_of_example, problem_of_template
from flowengine_nodes.iiot.registry.command_template import DEFAULT_TEMPLATE, CommandTemplate
from flowengine_nodes.iiot.registry.reading import Reading
from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.registry.topics import Topics


class Action(StrictConfig):
    """An action that devices of a profile know."""

    description: str = Field("", description="What it does, for people.")
    params: JsonSchema | None = Field(
        None,
        description="JSON Schema that its parameters must fit; none for any. When the profile is saved, each of its "
        "`examples` must make a message.",
    )


class Profile(StrictConfig):
    """How devices of one kind communicate, and what becomes of what they say.

    A profile is one document with its rules, templates and actions, and is checked as a whole when it is saved.
    """

    id: Identifier = Field(description="Id that devices refer to.")
    name: str = Field("", description="Name for people.")
    description: str = Field("", description="What kind of device it is for.")
    topics: Topics = Field(Topics(), description="Topics, in which {device} stands for the device's id.")
    codec: Literal["json", "scalar", "sparkplug-b"] = Field("json", description="What telemetry payloads are.")
    reading: Reading = Field(Reading(), description="How payloads are taken apart, and when they were measured.")
    command_template: CommandTemplateText = Field(
        DEFAULT_TEMPLATE, description="Jinja2 template of commands; its result must be JSON."
    )
    command_templates: tuple[CommandTemplate, ...] = Field(
        (), description="Templates of single actions, used instead of the profile's own."
    )
    command_id_field: str = Field(
        "",
        description="Name under which the message holds the command's id, for devices that cannot read MQTT 5 "
        "properties; empty to leave it out.",
    )
    actions: dict[str, Action] = Field({}, description="Actions that devices know, by name; empty to allow any.")
    rules: tuple[TelemetryRule, ...] = Field((), description="What becomes of telemetry.")
    offline_after: Duration = Field(
        "5m", gt=0, description="A device that is silent for so long counts as offline.", validate_default=True
    )

    @model_validator(mode="after")
    def _try_commands(self) -> Self:
        codes = [named.code for named in self.command_templates if named.active]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise PydanticCustomError("command-template", "two active templates are for '{code}'", {"code": twice})
        for name, action in self.actions.items():
            template = self.template_for(name)
            problem = problem_of_template(template, name)
            if problem is not None:
                raise _bad_command(f"actions.{name}", problem)
            schema = None if action.params is None else action.params.schema
            for at, params in enumerate(schema.get("examples", ()) if isinstance(schema, dict) else ()):
                problem = problem_of_example(template, action.params, name, params)
                if problem is not None:
                    raise _bad_command(f"actions.{name}.params.examples[{at}]", problem)
        return self

    def template_for(self, action: str) -> Template:
        """Return the template of an action: its own if there is an active one, else the profile's."""
        for named in self.command_templates:
            if named.active and named.code == action:
                return named.template
        return self.command_template


def _bad_command(place: str, problem: str) -> PydanticCustomError:
    return PydanticCustomError("command-template", "{place}: {problem}", {"place": place, "problem": problem})
