"""Fields that hold an expression, or say where a value comes from."""

from typing import Annotated, Any

from pydantic import SerializerFunctionWrapHandler, WrapSerializer

from flowengine.expressions import (
    Computation,
    Path,
    Template,
    TypedValue,
    compile_jsonata,
    compile_path,
    compile_template,
)
from flowengine.expressions.value import LiteralValue
from flowengine.fields.compiled import Compiled
from flowengine.fields.text import Widget


def _written(value: Any, write: SerializerFunctionWrapHandler) -> Any:
    # As a person would write it: only an object needs to be marked as a literal.
    plain = isinstance(value, LiteralValue) and not isinstance(value.literal, dict)
    return value.literal if plain else write(value)


JsonPath = Annotated[Path, Compiled(compile_path, Path, "json-path")]
"""A JSONPath, such as ``$.payload.temperature``; in Python a :class:`~flowengine.expressions.Path`."""

Jsonata = Annotated[Computation, Compiled(compile_jsonata, Computation, "jsonata")]
"""A JSONata expression; in Python a :class:`~flowengine.expressions.Computation`."""

TextTemplate = Annotated[Template, Compiled(compile_template, Template, "jinja2")]
"""A Jinja2 template that writes text; in Python a :class:`~flowengine.expressions.Template`."""

Value = Annotated[TypedValue, WrapSerializer(_written), Widget("value")]
"""A literal, or an object that says where the value comes from: ``{"path": "$.topic"}``, ``{"env": "PLANT"}``."""
