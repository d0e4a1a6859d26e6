"""The template node."""

from typing import Annotated, Literal

from pydantic import ValidationInfo, field_validator

from flowengine.expressions import ExpressionError, compile_template
from flowengine.fields.compiled import problem
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeScope,
    Output,
    Widget,
    node_type,
)


class TemplateConfig(Config):
    """Configure a template node."""

    path: JsonPath = Field("$.payload", description="Where the result goes.")
    output: Literal["text", "json"] = Field("text", description="Put the text there, or the JSON value it stands for.")
    missing: Literal["error", "empty"] = Field(
        "error", description="A name that the message does not have is an error, or empty text (null in JSON)."
    )
    # Last, because its check depends on the others.
    template: Annotated[str, Widget("jinja2")] = Field(
        "{{ payload }}", description="Jinja2; the message's fields are its variables."
    )

    @field_validator("template")
    @classmethod
    def _compiles(cls, text: str, info: ValidationInfo) -> str:
        try:
            compile_template(text, info.data.get("output", "text"), info.data.get("missing", "error"))
        except ExpressionError as error:
            raise problem(error) from error
        return text


@node_type("template", category="function", icon="template")
class Template(Node[TemplateConfig]):
    """Write text or JSON with a Jinja2 template.

    The message's fields are the template's variables: `{{ payload.level }}`. It can call `now()`, `env("NAME")` and
    `state("key")`, or `state("key", "flow")` and `state("key", "global")`.

    With the output *json* the template alone decides the structure: a value inside quotes is escaped, a value outside
    quotes is written as JSON, so no value can break out of its place. The result is parsed, and must be JSON.

    Templates run in a sandbox, with bounds on time, loops and size. Where a template fails on a message, the message
    fails with `expression-failed`; bad templates are found before anything runs.

    **Other than in Node-RED:** Jinja2, not Mustache: write `{{ payload | e }}` where HTML must be escaped, and
    `env("X")`, `state("x", "flow")` for `{{env.X}}`, `{{flow.x}}`. A missing name is an error unless you choose
    otherwise. The template is never taken from the message. For plain text without variables use a change node.
    """

    out = Output("Messages with the text, or the value.")
    examples = (
        Example(
            "writes text",
            config={"template": "{{ topic }}: {{ payload.level | round(1) }} bar"},
            given={"topic": "boiler", "payload": {"level": 2.25}},
            expect=[("out", {"payload": "boiler: 2.2 bar"})],
        ),
        Example(
            "writes JSON that no value can break",
            config={"output": "json", "template": '{"name": "{{ payload.name }}", "tags": {{ payload.tags }}}'},
            given={"payload": {"name": 'a "b"', "tags": ["x"]}},
            expect=[("out", {"payload": {"name": 'a "b"', "tags": ["x"]}})],
        ),
        Example(
            "fails on a missing name",
            config={"template": "{{ payload.level }}"},
            given={"payload": {}},
            error="expression-failed",
        ),
        Example(
            "may leave a missing name empty",
            config={"template": "[{{ level }}]", "missing": "empty"},
            given={},
            expect=[("out", {"payload": "[]"})],
        ),
    )

    def __init__(self, config: TemplateConfig, context: Context) -> None:
        super().__init__(config, context)
        self._template = compile_template(config.template, config.output, config.missing)
        self._scope = NodeScope(context)

    def receive(self, message: Message) -> None:
        """Put what the template makes into the message."""
        made = self._template.evaluate(message.fields, self._scope)
        self.send(self.out, message.with_fields(self.config.path.set(message.fields, made)))
