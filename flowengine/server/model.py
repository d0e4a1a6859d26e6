"""What all requests and answers of the API build on."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

RowId = Annotated[int, Field(ge=0, lt=2**63)]
"""Number of a row in the store."""


class Body(BaseModel):
    """The JSON object of a request: refuses unknown fields and coerces no types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Query(BaseModel):
    """The parameters behind the ``?``: refuses unknown ones, because one that is mistyped changes the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Answer(BaseModel):
    """The JSON object of an answer. Every field is always there."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, arbitrary_types_allowed=False)


class SchemaOf:
    """Describe a JSON value by a model, without reading it with that model.

    Documents have a reader of their own, which knows older formats and says where each problem is.

    Args:
        model: The model that describes it.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the model's JSON Schema."""
        core: Any = self._model.__pydantic_core_schema__
        return handler(core)
