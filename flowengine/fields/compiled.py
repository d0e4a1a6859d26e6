"""Fields that hold an expression: written as text, compiled once when the configuration is validated."""

from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from flowengine.errors import FlowEngineError


class Compiled:
    """Annotate a field's type so that its text is compiled by a function.

    Args:
        compile: Compiles the text; raises a :class:`~flowengine.errors.FlowEngineError` for bad text, with the
            ``column`` of the mistake where it knows.
        kind: What it makes.
        widget: Name of the editor's widget.
    """

    def __init__(self, compile: Callable[[str], Any], kind: type, widget: str) -> None:
        self._compile = compile
        self._kind = kind
        self._widget = widget

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how pydantic validates and serialises the field."""
        return core_schema.no_info_plain_validator_function(
            self._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda compiled: compiled.text),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the field's JSON Schema: text, with the widget's name."""
        return {"type": "string", "x-widget": self._widget}

    def _validate(self, value: Any) -> Any:
        if isinstance(value, self._kind):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("text-expected", "write text here, not {kind}", {"kind": type(value).__name__})
        try:
            return self._compile(value)
        except FlowEngineError as error:
            raise problem(error) from error


def problem(error: FlowEngineError) -> PydanticCustomError:
    """Return what a validator raises for text that does not compile, with the mistake's place where it is known."""
    place = {name: getattr(error, name) for name in ("line", "column") if hasattr(error, name)}
    return PydanticCustomError(
        error.code,  # pyright: ignore[reportArgumentType]  # a word code, as this parameter wants
        "{reason}",
        {"reason": str(error), **place},
    )
