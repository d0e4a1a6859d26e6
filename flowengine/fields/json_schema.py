"""Fields that hold a JSON Schema: checked and compiled once."""

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# The library is loaded by the first schema: it takes five megabytes, and few flows have any.


class CompiledSchema:
    """A JSON Schema that values are checked against.

    References reach only into the schema itself: nothing is fetched.

    Args:
        schema: The schema, ``$schema`` naming its draft; 2020-12 without.

    Raises:
        jsonschema.exceptions.SchemaError: It is no valid schema.
    """

    def __init__(self, schema: dict[str, Any] | bool) -> None:  # noqa: FBT001 - true and false are schemas too
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - as said above
        from jsonschema.validators import validator_for  # noqa: PLC0415 - likewise
        from referencing import Registry  # noqa: PLC0415 - likewise

        kind = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema)  # type: ignore[arg-type]  # its hint forgets the schemas true and false
        self.schema = schema
        self._validator = kind(schema, registry=Registry())

    def problem(self, value: Any) -> str | None:
        """Return the most telling reason why a value does not fit, with its place, or ``None`` if it fits."""
        from jsonschema.exceptions import best_match  # noqa: PLC0415 - likewise
        from referencing.exceptions import Unresolvable  # noqa: PLC0415 - likewise

        try:
            error = best_match(self._validator.iter_errors(value))
        except Unresolvable as unresolvable:
            return f"the schema refers to {unresolvable.ref!r}, which is not in it"
        return None if error is None else f"{error.json_path}: {error.message}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompiledSchema) and self.schema == other.schema

    def __hash__(self) -> int:
        return hash(str(self.schema))


class _SchemaField:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validate,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda compiled: compiled.schema),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": ["object", "boolean"], "x-widget": "json"}


def _validate(value: Any) -> CompiledSchema:
    from jsonschema.exceptions import SchemaError  # noqa: PLC0415 - likewise

    if isinstance(value, CompiledSchema):
        return value
    if not isinstance(value, (dict, bool)):
        raise PydanticCustomError("json-schema", "a JSON Schema is an object")
    try:
        return CompiledSchema(value)
    except SchemaError as error:
        raise PydanticCustomError(
            "json-schema", "no valid JSON Schema: {reason}", {"reason": f"{error.json_path}: {error.message}"}
        ) from error


JsonSchema = Annotated[CompiledSchema, _SchemaField()]
"""A JSON Schema; in Python a :class:`CompiledSchema`."""
