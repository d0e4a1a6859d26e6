"""A named command template of a profile."""

from flowengine.node import Field, StrictConfig
from flowengine_nodes.iiot.commands.template import CommandTemplateText

DEFAULT_TEMPLATE = '{"action": "{{ action }}", "params": {{ params | tojson }}}'


class CommandTemplate(StrictConfig):
    """The message of one kind of command."""

    code: str = Field(min_length=1, description="The action it is for, such as reset.")
    name: str = Field("", description="Name for people.")
    template: CommandTemplateText = Field(
        DEFAULT_TEMPLATE, description="Jinja2 template of the message, which must be JSON."
    )
    active: bool = Field(True, description="Whether it is used; otherwise the profile's own template is.")
