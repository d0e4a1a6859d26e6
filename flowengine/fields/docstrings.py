"""The docstrings of a model's fields, read when a schema is made: to read sources takes long, and few runs need it."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from itertools import pairwise

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

_wanted: ContextVar[bool] = ContextVar("wanted", default=True)


@contextmanager
def no_docstrings() -> Iterator[None]:
    """Make schemas without docstrings while the ``with`` lasts: to read the sources takes ten times as long."""
    before = _wanted.set(False)
    try:
        yield
    finally:
        _wanted.reset(before)


class Documented(BaseModel):
    """Describe fields in the JSON Schema by the strings below them."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: object, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON Schema, with the docstrings of fields that are not described otherwise."""
        made = handler(schema)  # type: ignore[arg-type] # pydantic does not name the type of schemas it makes itself
        documented = field_docstrings(cls)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, field in cls.model_fields.items():
            for shown in {field.alias or name, name} & properties.keys():
                if name in documented:
                    properties[shown].setdefault("description", documented[name])
        return made


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings of a model's fields, by their names; nothing where there is no source.

    Args:
        model: The model; fields that it has from another are documented there.
    """
    return _read(model) if _wanted.get() else {}


@cache
def _read(model: type[BaseModel]) -> dict[str, str]:
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or base is BaseModel:
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for field, text in pairwise(body):
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            # A field that is declared anew is documented anew.
            found.pop(field.target.id, None)
            if (
                isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                found[field.target.id] = inspect.cleandoc(text.value.value)
    return found
