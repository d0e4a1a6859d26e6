"""A named command template of a profile."""

from flowengine.node import Field, StrictConfig

DEFAULT_TEMPLATE = '{"action": "{{ action }}", "params": {{ params | tojson }}}'


class CommandTemplate(StrictConfig):
    """The message of one kind of command."""

    code: str = Field(min_length=1, description="The action it is for, such as reset.")
    name: str = Field("", description="Name for people.")
    template: str = Field(DEFAULT_TEMPLATE, description="Jinja2 template of the message, which is JSON.")
    active: bool = Field(True, description="Whether it is used; otherwise the profile's own template is.")
