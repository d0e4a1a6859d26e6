"""The json node."""

from typing import Any, Literal

import orjson

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    JsonSchema,
    Message,
    Node,
    NodeError,
    Output,
    node_type,
)


class JsonConfig(Config):
    """Configure a json node."""

    path: JsonPath = Field("$.payload", description="Value to convert; the result takes its place.")
    action: Literal["auto", "parse", "write"] = Field(
        "auto", description="Parse text and bytes and write everything else (auto), or do only one of the two."
    )
    pretty: bool = Field(False, description="Write with line breaks and an indent of two spaces.")
    check: JsonSchema | None = Field(None, description="JSON Schema that the value must fit; none to take any.")


@node_type("json", category="function", icon="json")
class Json(Node[JsonConfig]):
    """Turn JSON text into a value, or a value into JSON text.

    With *parse*, a value that is parsed already passes as it is; with *write*, so does text. A message without the
    value passes unchanged.

    With a JSON Schema in *check*, the parsed value, or the value before it is written, must fit it; references in the
    schema reach only into the schema itself.

    Errors: `bad-json` for text that is no JSON, `schema` for a value that does not fit (`error.detail.problem` says
    where), `not-json` for a value that JSON cannot hold. The message is not sent on then.

    **Other than in Node-RED:** the schema is part of the configuration, never of the message, and its problem is in the
    error rather than in `msg.schemaError`; with *write*, bytes are an error, not an object with a list of numbers.
    """

    out = Output("Messages with the converted value.")
    examples = (
        Example("parses text", given={"payload": '{"level": 3}'}, expect=[("out", {"payload": {"level": 3}})]),
        Example("writes a value", given={"payload": {"level": 3}}, expect=[("out", {"payload": '{"level":3}'})]),
        Example("parses bytes", given={"payload": b"[1, 2]"}, expect=[("out", {"payload": [1, 2]})]),
        Example("says what is wrong with bad JSON", given={"payload": "{level: 3}"}, error="bad-json"),
        Example(
            "checks against a schema",
            config={"check": {"type": "object", "required": ["level"]}},
            given={"payload": "{}"},
            error="schema",
        ),
    )

    def __init__(self, config: JsonConfig, context: Context) -> None:
        super().__init__(config, context)
        self._option = orjson.OPT_INDENT_2 if config.pretty else 0
        names = config.path.names or ()
        writes = config.action != "parse" and config.check is None
        self._field = names[0] if writes and len(names) == 1 else None

    def receive(self, message: Message) -> None:
        """Convert a message's value."""
        field = self._field
        if field is not None:
            # A field that holds an object, to be written: what nearly all messages bring, for two thirds of the cost.
            fields = message.fields
            value = fields.get(field)
            if value.__class__ is dict:
                self.send(self.out, Message({**fields, field: self._write(value)}, message.delivery))
                return
        path = self.config.path
        value = path.first(message.fields)
        if value is MISSING:
            self.send(self.out, message)
            return
        is_text = isinstance(value, (str, bytes, bytearray, memoryview))
        if is_text and self.config.action != "write":
            made = self._parse(value)
            self._check(made)
        else:
            # Text that is asked to be written is taken as JSON that has been written already.
            written = isinstance(value, str) and self.config.action == "write"
            self._check(self._parse(value) if written and self.config.check is not None else value)
            made = value if written or self.config.action == "parse" else self._write(value)
        self.send(self.out, message if made is value else message.with_fields(path.set(message.fields, made)))

    def _parse(self, text: str | bytes | bytearray | memoryview) -> Any:
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as error:
            detail = {"line": error.lineno, "column": error.colno}
            reason = f"{self.config.path.text} is no JSON: {error}"
            raise NodeError(reason, code="bad-json", detail=detail) from error

    def _write(self, value: Any) -> str:
        try:
            return orjson.dumps(value, option=self._option).decode()
        except TypeError as error:
            raise NodeError(f"{self.config.path.text} cannot be written as JSON: {error}", code="not-json") from error

    def _check(self, value: Any) -> None:
        if self.config.check is None:
            return
        problem = self.config.check.problem(value)
        if problem is not None:
            reason = f"{self.config.path.text} does not fit the schema at {problem}"
            raise NodeError(reason, code="schema", detail={"problem": problem})
