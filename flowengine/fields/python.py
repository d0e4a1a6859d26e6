"""Fields that hold Python source: compiled once, run only when a node starts."""

import ast
import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Annotated, Any

from flowengine.expressions import ExpressionError
from flowengine.fields.compiled import Compiled

FILE_NAME = "<function>"
"""What tracebacks call the source."""


class PythonError(ExpressionError):
    """Python source that cannot be compiled."""

    code = "python"
    language = "Python"


class Script:
    """Compiled statements that set names up.

    Args:
        text: The source as its author wrote it.

    Raises:
        PythonError: It cannot be compiled.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._code = _compiled(text, _parsed(text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Script) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def run(self, names: dict[str, Any]) -> None:
        """Run the statements; the names they bind are added to ``names``."""
        exec(self._code, names)  # noqa: S102 - code is what this field is for


class FunctionBody:
    """The compiled body of a function of one argument, ``msg``.

    Args:
        text: The source as its author wrote it; it may ``return``, and ``await``.

    Attributes:
        awaits: Whether it awaits, so that calling the function gives a coroutine.

    Raises:
        PythonError: It cannot be compiled.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        body = _parsed(text).body
        self.awaits = any(map(_awaits, _own_parts(body)))
        tree = ast.parse(f"{'async ' if self.awaits else ''}def function(msg): pass")
        function = tree.body[0]
        assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        function.body = body or function.body
        self._code = _compiled(text, tree)
        inner = next(one for one in self._code.co_consts if isinstance(one, CodeType))
        if inner.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
            raise PythonError(text, "a function node does not yield; return a list of messages", column=1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionBody) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def bind(self, names: dict[str, Any]) -> Callable[[Any], Any]:
        """Return the function; ``names`` are its globals."""
        exec(self._code, names)  # noqa: S102 - code is what this field is for
        function: Callable[[Any], Any] = names["function"]
        return function


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text, FILE_NAME)
    except SyntaxError as error:
        raise _syntax_error(text, error) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise PythonError(text, str(error) or "nests too deeply", column=1) from error


def _compiled(text: str, tree: ast.Module) -> CodeType:
    try:
        return compile(ast.fix_missing_locations(tree), FILE_NAME, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _syntax_error(text, error) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise PythonError(text, str(error) or "nests too deeply", column=1) from error


def _syntax_error(text: str, error: SyntaxError) -> PythonError:
    return PythonError(text, error.msg, column=max(error.offset or 1, 1), line=error.lineno or 1)


def _awaits(part: ast.AST) -> bool:
    return isinstance(part, (ast.Await, ast.AsyncFor, ast.AsyncWith)) or bool(getattr(part, "is_async", 0))


def _own_parts(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Walk statements without those of functions and classes within."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(part))


Code = Annotated[Script, Compiled(Script, Script, "python")]
"""Python statements, run once to set names up."""

FunctionCode = Annotated[FunctionBody, Compiled(FunctionBody, FunctionBody, "python")]
"""The body of a Python function that takes ``msg``."""
