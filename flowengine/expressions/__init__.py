"""The three languages of a flow: JSONPath reads, JSONata computes, Jinja2 writes text."""

from flowengine.expressions.computation import Computation, compile_jsonata
from flowengine.expressions.draft import Draft
from flowengine.expressions.errors import (
    EvaluationError,
    ExpressionError,
    JsonataError,
    JsonPathError,
    PathWriteError,
    RegexError,
    TemplateError,
)
from flowengine.expressions.jsonpath import Match, Path, compile_path
from flowengine.expressions.missing import MISSING, Missing
from flowengine.expressions.regex import compile_regex
from flowengine.expressions.scope import Scope, StateScope
from flowengine.expressions.template import Template, compile_template
from flowengine.expressions.value import Evaluate, TypedValue

__all__ = [
    "MISSING",
    "Computation",
    "Draft",
    "Evaluate",
    "EvaluationError",
    "ExpressionError",
    "JsonPathError",
    "JsonataError",
    "Match",
    "Missing",
    "Path",
    "PathWriteError",
    "RegexError",
    "Scope",
    "StateScope",
    "Template",
    "TemplateError",
    "TypedValue",
    "compile_jsonata",
    "compile_path",
    "compile_regex",
    "compile_template",
]
