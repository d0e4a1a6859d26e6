"""Documents that people write, as the editor's forms need them: their JSON Schema, and what is wrong with them."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from flowengine.flow.fault import faults
from flowengine.flow.scanner import ValuePath
from flowengine.flow.subject import field_text
from flowengine.node import StrictConfig
from flowengine.server.model import Answer
from flowengine.server.problem_response import invalid

D = TypeVar("D", bound=StrictConfig)


class DocumentProblem(Answer):
    """Something that is wrong with a document."""

    code: str
    message: str
    field: str
    """Its place, such as `rules[0].path`; empty for the whole."""
    severity: str = "error"


class DocumentCheck(Answer):
    """Everything that is wrong with a document."""

    problems: list[DocumentProblem]


class _FormSchema(GenerateJsonSchema):
    """JSON Schema in which the default of a compiled field is its text."""

    def encode_default(self, dft: Any) -> Any:
        return super().encode_default(getattr(dft, "text", dft))


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema of a document, from which the editor makes the form."""
    return model.model_json_schema(by_alias=True, schema_generator=_FormSchema)


def read_document(model: type[D], value: dict[str, Any]) -> D:
    """Check a document.

    Raises:
        ApiError: Something is wrong with it; all of that is in it.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid(error, model) from None


def check_document(model: type[StrictConfig], value: dict[str, Any]) -> DocumentCheck:
    """Return everything that is wrong with a document."""
    try:
        model.model_validate(value)
    except ValidationError as error:
        return DocumentCheck(
            problems=[
                DocumentProblem(
                    code=one.code or "", message=one.message, field=field_text(_written(value, one.path)) or ""
                )
                for one in faults(error, model)
            ]
        )
    return DocumentCheck(problems=[])


def written(document: StrictConfig) -> dict[str, Any]:
    """Return a document as people write it: without what is as it is by default."""
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _written(value: Any, path: ValuePath) -> ValuePath:
    """Leave out of a path what is not in the document: the kinds that pydantic has tried, such as of a trigger."""
    kept: list[str | int] = []
    for key in path:
        if isinstance(value, dict) and key not in value and key in value.values():
            continue
        kept.append(key)
        value = _inside(value, key)
    return tuple(kept)


def _inside(value: Any, key: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    return value[key] if isinstance(value, list) and isinstance(key, int) and key < len(value) else None
