"""What pydantic found wrong with a value, in plain words and with our codes."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from flowengine.flow.identifier import ALLOWED
from flowengine.flow.scanner import Place, ValuePath

_KEY_MARK: Final = "[key]"
_LONGEST_SHOWN: Final = 40
_EXPECTED: Final = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "true or false",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "an object",
    "mapping_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
    "set_type": "a list",
    "none_required": "null",
}
_BOUNDS: Final = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have no more than {max_length} characters",
    "too_short": "must have {min_length} or more entries",
    "too_long": "must have no more than {max_length} entries",
}
_OWN_TYPES: Final = frozenset(get_args(ErrorType))
"""The kinds of error that are pydantic's; any other is a word code of a type of ours."""
_KINDS: Final = {
    NoneType: "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}


class Fault(NamedTuple):
    """One thing that is wrong in a value, and where in it.

    Attributes:
        path: Keys and indexes that lead to what is wrong.
        code: Stable word code.
        message: One sentence without a final full stop.
        hint: What to do, where the message does not say it.
        within: Where in a text, such as an expression, the mistake is.
    """

    path: ValuePath
    code: str
    message: str
    hint: str | None = None
    within: Place | None = None


def faults(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Say in plain words everything that `model` has refused."""
    return [_fault(details, model) for details in error.errors(include_url=False)]


def kind_of(value: Any) -> str:
    """Name the JSON type of a value with its article: ``a text``, ``an object``."""
    return _KINDS.get(type(value), type(value).__name__)


def _fault(details: ErrorDetails, model: type[BaseModel]) -> Fault:
    path = tuple(key for key in details["loc"] if key != _KEY_MARK)
    context = details.get("ctx", {})
    value = details["input"]
    hint = within = None
    match details["type"]:
        case "missing":
            code, message = "missing-field", "the field is missing"
        case "extra_forbidden":
            code, message, hint = "unknown-field", "there is no such field", _suggestion(path, model)
        case "string_pattern_mismatch":
            rule = ALLOWED.get(context["pattern"], f"it must match {context['pattern']}")
            code, message = "bad-name", f'"{value}" is not allowed: {rule}'
        case "string_too_short" | "too_short" if not value and value is not None:
            code, message = "bad-value", "must not be empty"
        case "literal_error" | "enum":
            code, message = "bad-value", f"must be {context['expected']}"
        case "union_tag_not_found":
            path = (*path, context["discriminator"].strip("'"))
            code, message = "missing-field", "the field is missing"
        case "union_tag_invalid":
            path = (*path, context["discriminator"].strip("'"))
            code, message = "bad-value", f"must be one of {context['expected_tags']}"
        case "value_error" | "assertion_error":
            code, message = "bad-value", str(context["error"])
        case kind if kind not in _OWN_TYPES:
            code, message, within = kind, details["msg"], _within(context)
        case _:
            code, message = _by_table(details)
    return Fault(path, code, message, hint, within)


def _by_table(details: ErrorDetails) -> tuple[str, str]:
    kind = details["type"]
    if kind in _EXPECTED:
        return "wrong-type", f"must be {_EXPECTED[kind]}, not {_shown(details['input'])}"
    if kind in _BOUNDS:
        return "out-of-range", _BOUNDS[kind].format(**details.get("ctx", {}))
    return "bad-value", details["msg"][:1].lower() + details["msg"][1:]


def _shown(value: Any) -> str:
    if isinstance(value, str) and len(value) <= _LONGEST_SHOWN:
        return f'"{value}"'
    return kind_of(value)


def _within(context: Mapping[str, Any]) -> Place | None:
    """Return the place of a mistake in an expression, where its compiler told one."""
    return Place(context.get("line", 1), context["column"]) if "column" in context else None


def _suggestion(path: ValuePath, model: type[BaseModel]) -> str | None:
    part = _model_at(path[:-1], model)
    if part is None:
        return None
    names = [field.alias or name for name, field in part.model_fields.items()]
    if close := get_close_matches(str(path[-1]), names, n=1):
        return f'did you mean "{close[0]}"?'
    return f"the fields are {', '.join(names)}"


def _model_at(path: ValuePath, model: type[BaseModel]) -> type[BaseModel] | None:
    """Follow a path through the annotations of a model to the model that stands there."""
    annotation: Any = model
    for key in path:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            annotation = next((field.annotation for name, field in fields if key in (name, field.alias)), None)
        elif get_origin(annotation) in (dict, list):
            annotation = get_args(annotation)[-1]
        while get_origin(annotation) in (Annotated, Union, UnionType):
            annotation = get_args(annotation)[0]
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
