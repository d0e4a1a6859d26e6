"""JSONata: computes a value from a message, within bounds on time and size.

What the bounds cannot stop: one call of a built-in function runs to its end, so a regular expression that
backtracks without end blocks the loop. Expressions are written by the authors of flows; the bounds protect from
their mistakes and from surprising messages, not from their ill will.
"""

import sys
import time
from collections.abc import Mapping
from operator import is_
from typing import Any, NoReturn

from flowengine.expressions.computation import Computation
from flowengine.expressions.errors import EvaluationError, JsonataError
from flowengine.expressions.missing import MISSING
from flowengine.expressions.scope import STATE_SCOPES, Scope

# The import would leave the whole process with a recursion limit of 10,000.
_recursion_limit = sys.getrecursionlimit()
from jsonata import Jsonata  # noqa: E402 - see above
from jsonata.functions import Functions  # noqa: E402 - see above
from jsonata.jexception import JException  # noqa: E402 - see above
from jsonata.parser import Parser  # noqa: E402 - see above
from jsonata.utils import Utils  # noqa: E402 - see above

sys.setrecursionlimit(_recursion_limit)

MAX_LENGTH = 20_000
MAX_SECONDS = 1.0
MAX_ITEMS = 100_000
"""Items of a range (``[1..n]``) and characters that ``$pad`` may add."""


class _RefusedError(Exception):
    """An evaluation asks for what it may not have."""


class _Deadline:
    """Ends an evaluation that takes too long; the library's own timer would count from the compilation."""

    def __init__(self) -> None:
        self._end = time.perf_counter() + MAX_SECONDS

    def check(self, *_: Any) -> None:
        if time.perf_counter() > self._end:
            raise _RefusedError(f"runs longer than {MAX_SECONDS:g} s")


class _Bounded(Jsonata):  # type: ignore[misc]  # the library has no hints
    def evaluate_range_expression(self, lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, int) and isinstance(rhs, int) and rhs - lhs >= MAX_ITEMS:
            raise _RefusedError(f"asks for a range of more than {MAX_ITEMS} items")
        return super().evaluate_range_expression(lhs, rhs)


class _BoundedFunctions:
    @staticmethod
    def pad(string: str | None, width: int | None, char: str | None) -> str | None:
        if width is not None and abs(width) > MAX_ITEMS:
            raise _RefusedError(f"asks $pad for more than {MAX_ITEMS} characters")
        padded: str | None = Functions.pad(string, width, char)
        return padded


class _ScopeFunctions:
    """The functions that reach the surroundings of one evaluation."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def bindings(self) -> dict[str, Any]:
        functions = {"env": self.env, "state": self.state, "now": self.now, "millis": self.millis}
        return {name: Jsonata.JLambda(function) for name, function in functions.items()}

    def env(self, name: Any = None) -> Any:
        if not isinstance(name, str):
            raise _RefusedError('$env takes a name: $env("PLANT")')
        return _known(self._scope.env(name))

    def state(self, key: Any = None, scope: Any = "node") -> Any:
        if not isinstance(key, str) or scope not in STATE_SCOPES:
            raise _RefusedError('$state takes a key and "node", "flow" or "global": $state("count", "flow")')
        return _known(self._scope.state(scope, key))

    def now(self, picture: Any = None, timezone: Any = None) -> Any:
        return Functions.datetime_from_millis(self.millis(), picture, timezone)

    def millis(self) -> int:
        return int(self._scope.now().timestamp() * 1000)


class LibraryComputation(Computation):
    """An expression that the library has compiled.

    Args:
        text: The expression as its author wrote it.
        expression: The library's compiled expression.
    """

    def __init__(self, text: str, expression: Any) -> None:
        super().__init__(text)
        self._expression = expression

    def evaluate(self, fields: dict[str, Any], scope: Scope, variables: Mapping[str, Any] | None = None) -> Any:
        """Compute the value for one message, within the bounds."""
        bindings = _ScopeFunctions(scope).bindings()
        for name, value in (variables or {}).items():
            bindings[name] = _known(value)
        bindings["__evaluate_entry"] = _Deadline().check
        try:
            result = self._expression.evaluate(fields, bindings)
            return MISSING if result is None else _plain(result)
        except JException as error:
            self._fail(error, _reason(error), error.location)
        except RecursionError as error:
            self._fail(error, "nests too deeply")
        except ZeroDivisionError as error:
            self._fail(error, "divides by zero")
        except Exception as error:  # noqa: BLE001 - the library raises whatever the data provokes
            self._fail(error, str(error) or type(error).__name__)

    def _fail(self, error: Exception, reason: str, offset: int = -1) -> NoReturn:
        line, column = _place(self.text, offset) if offset > 0 else (None, None)
        raise EvaluationError("JSONata", self.text, reason, line=line, column=column) from error


def compile_expression(text: str) -> Computation:
    """Compile a JSONata expression.

    Args:
        text: The expression.

    Raises:
        JsonataError: With the line and column of the mistake.
    """
    if len(text) > MAX_LENGTH:
        raise _syntax_error(text, f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    try:
        expression = _Bounded(text)
    except JException as error:
        token = str(error.current or "")
        start = error.location - len(token)
        known = bool(token) and text[start : error.location] == token
        raise _syntax_error(text, _reason(error), start if known else error.location) from None
    except RecursionError:
        raise _syntax_error(text, "nests too deeply", 0) from None
    except Exception as error:
        offset = Jsonata.get_parser().lexer.position
        reason = "ends too early" if offset >= len(text) else f"unexpected '{text[offset - 1 : offset]}'"
        raise _syntax_error(text, reason, max(offset - 1, 0)) from error
    expression.set_validate_input(False)
    expression.set_output_convert_nulls(False)
    expression.register_function("pad", Jsonata.function("pad", "<s-ns?:s>", _BoundedFunctions, "pad"))
    return LibraryComputation(text, expression)


def _syntax_error(text: str, reason: str, offset: int) -> JsonataError:
    line, column = _place(text, offset)
    return JsonataError(text, reason, line=line, column=column)


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _reason(error: Any) -> str:
    if error.error == "S0301" and error.current is not None:
        return f"unsupported escape sequence \\{error.current}"
    text = " ".join(str(error).split())
    return text[:1].lower() + text[1:]


def _known(value: Any) -> Any:
    if value is MISSING:
        return None
    return Utils.NULL_VALUE if value is None else value


def _plain(value: Any) -> Any:
    """Return JSON without the library's wrappers; parts that need no change stay the same objects."""
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        same = type(value) is list and all(map(is_, items, value))
        return value if same else items
    if isinstance(value, dict):
        members = {key: _plain(member) for key, member in value.items()}
        return value if all(map(is_, members.values(), value.values())) else members
    if isinstance(value, Jsonata.JFunctionCallable | Parser.Symbol):
        raise _RefusedError("the result is a function, not a value")
    return value
