"""The three languages of a flow: JSONPath reads, JSONata computes, Jinja2 writes text."""

from flowengine.expressions.errors import (
    EvaluationError,
    ExpressionError,
    JsonataError,
    JsonPathError,
    PathWriteError,
    TemplateError,
)
from flowengine.expressions.jsonpath import Match, Path, compile_path
from flowengine.expressions.missing import MISSING, Missing

__all__ = [
    "MISSING",
    "EvaluationError",
    "ExpressionError",
    "JsonPathError",
    "JsonataError",
    "Match",
    "Missing",
    "Path",
    "PathWriteError",
    "TemplateError",
    "compile_path",
]
