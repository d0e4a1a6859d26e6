"""The typed value: what a node's setting reads or computes for each message (Node-RED's typedInput).

Plain text, numbers, true, false, null and lists stand for themselves. An object says where the value comes from, by
its one key::

    5   "5"   [1, 2]
    {"literal": {"any": "JSON"}}
    {"path": "$.payload.temperature"}
    {"jsonata": "$sum(payload.lines.amount)"}
    {"env": "PLANT"}
    {"state": "count", "scope": "flow"}
    {"template": "Tank {{ payload.name }}"}

A literal object is written with the key ``literal``, so that a misspelt key is never taken for data. Types are kept
apart: the number 5 is not the text "5".
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    Tag,
)
from pydantic_core import PydanticCustomError

from flowengine.expressions.computation import compile_jsonata
from flowengine.expressions.errors import ExpressionError
from flowengine.expressions.jsonpath import compile_path
from flowengine.expressions.scope import Scope, StateScope
from flowengine.expressions.template import compile_template

Evaluate: TypeAlias = Callable[[dict[str, Any], Scope], Any]
"""Give the value for a message's fields, or ``MISSING``; raises ``EvaluationError`` where it fails."""


def _compiling_with(compile_text: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        try:
            compile_text(text)
        except ExpressionError as error:
            place = {"line": error.line, "column": error.column}
            raise PydanticCustomError(error.code, "{reason}", {"reason": str(error), **place}) from None  # pyright: ignore[reportArgumentType]  # a word code, as this parameter wants
        return text

    return AfterValidator(check)


class _Source(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @abstractmethod
    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""


class LiteralValue(_Source):
    """A value that is always the same."""

    literal: JsonValue = Field(description="Any JSON.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        literal = self.literal
        return lambda _fields, _scope: literal


class PathValue(_Source):
    """The first value that a JSONPath finds in the message."""

    path: Annotated[str, _compiling_with(compile_path)] = Field(description="JSONPath in the message.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        first = compile_path(self.path).first
        return lambda fields, _scope: first(fields)


class JsonataValue(_Source):
    """What a JSONata expression computes from the message."""

    jsonata: Annotated[str, _compiling_with(compile_jsonata)] = Field(description="JSONata over the message.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        return compile_jsonata(self.jsonata).evaluate


class EnvValue(_Source):
    """An environment value, the flow's own first."""

    env: str = Field(min_length=1, description="Name of the environment value.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        name = self.env
        return lambda _fields, scope: scope.env(name)


class StateValue(_Source):
    """A value from the state of the node, of its flow or of all flows."""

    state: str = Field(min_length=1, description="Key in the state.")
    scope: StateScope = Field("node", description="Whose state: the node's, its flow's or all flows'.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        key, shared_by = self.state, self.scope
        return lambda _fields, scope: scope.state(shared_by, key)


class TemplateValue(_Source):
    """Text that a template writes from the message."""

    template: Annotated[str, _compiling_with(compile_template)] = Field(description="Jinja2 template.")

    def compile(self) -> Evaluate:
        """Return the function that gives the value for a message."""
        return compile_template(self.template).render


_KEYS = ("literal", "path", "jsonata", "env", "state", "template")


def _spelled_out(value: Any) -> Any:
    return value if isinstance(value, dict | BaseModel) else {"literal": value}


def _key(value: Any) -> str | None:
    keys = [key for key in _KEYS if (key in value if isinstance(value, dict) else hasattr(value, key))]
    return keys[0] if len(keys) == 1 else None


_Sources: TypeAlias = (
    Annotated[LiteralValue, Tag("literal")]
    | Annotated[PathValue, Tag("path")]
    | Annotated[JsonataValue, Tag("jsonata")]
    | Annotated[EnvValue, Tag("env")]
    | Annotated[StateValue, Tag("state")]
    | Annotated[TemplateValue, Tag("template")]
)

TypedValue: TypeAlias = Annotated[
    _Sources,
    Discriminator(
        _key,
        custom_error_type="typed-value",
        custom_error_message=f"an object here needs exactly one of the keys {', '.join(_KEYS)}",
    ),
    BeforeValidator(_spelled_out, json_schema_input_type=str | float | bool | list[JsonValue] | _Sources | None),
]
"""The type of a node's setting that is given for each message."""
