"""What goes wrong with an expression: it does not compile, has no result, or cannot write where it points."""

from typing import ClassVar

from flowengine.errors import FlowEngineError, NodeError

_EXCERPT = 80


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


class ExpressionError(FlowEngineError):
    """An expression that cannot be compiled; lint shows it at its line and column.

    Args:
        text: The whole expression.
        reason: What is wrong, without a final full stop.
        column: Place of the mistake in its line, counted from 1.
        line: Line of the mistake, counted from 1.
    """

    language: ClassVar[str]

    def __init__(self, text: str, reason: str, *, column: int, line: int = 1) -> None:
        super().__init__(text, reason)
        self.text = text
        self.reason = reason
        self.column = column
        self.line = line

    def __str__(self) -> str:
        place = f"column {self.column}" if self.line == 1 else f"line {self.line}, column {self.column}"
        return f"{self.language} '{_excerpt(self.text)}', {place}: {self.reason}"


class JsonPathError(ExpressionError):
    """A JSONPath that cannot be compiled."""

    code = "json-path"
    language = "JSONPath"


class JsonataError(ExpressionError):
    """A JSONata expression that cannot be compiled."""

    code = "jsonata"
    language = "JSONata"


class TemplateError(ExpressionError):
    """A Jinja2 template that cannot be compiled."""

    code = "template"
    language = "template"


class RegexError(ExpressionError):
    """A regular expression that cannot be compiled."""

    code = "regex"
    language = "regular expression"


class EvaluationError(NodeError):
    """An expression that was compiled but has no result for this message.

    Args:
        language: Name of the language, as in its ``ExpressionError``.
        text: The whole expression.
        reason: What is wrong, without a final full stop.
        line: Line of the expression where it failed, counted from 1, where that is known.
        column: Column in that line, counted from 1, where that is known.
    """

    code = "expression-failed"

    def __init__(
        self, language: str, text: str, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        place = "".join(f", {name} {at}" for name, at in (("line", line), ("column", column)) if at is not None)
        super().__init__(
            f"{language} '{_excerpt(text)}'{place}: {reason}",
            detail={"language": language, "text": text, "line": line, "column": column},
        )
        self.language = language
        self.text = text
        self.why = reason
        self.line = line
        self.column = column


class PathWriteError(NodeError):
    """A JSONPath names no place that can be written in this message.

    Args:
        path: The path as its author wrote it.
        reason: What is in the way, without a final full stop.
    """

    code = "path-write"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"cannot write to '{_excerpt(path)}': {reason}", detail={"path": path})
        self.path = path
