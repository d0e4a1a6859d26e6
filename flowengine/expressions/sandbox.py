"""Where templates run: Jinja2's immutable sandbox, with bounds on time, on loops and on the size of what they make.

The bounds are checked at every printed value, pass of a loop and call. What they cannot stop: one filter runs to its
end, which is bounded only by the size of what it works on. A template has no other threads and no regular
expressions, so that is enough to keep a surprising message from holding up the loop.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from types import BuiltinMethodType
from typing import Any

from jinja2 import ChainableUndefined, Environment, StrictUndefined, Undefined, pass_context, pass_environment
from jinja2.filters import do_format, make_attrgetter
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from flowengine.expressions import fragment
from flowengine.expressions.fragment import MAX_SIZE, Fragment, RefusedError, as_text, to_json

MAX_SECONDS = 1.0
MAX_PASSES = 100_000
"""Printed values, passes of loops and calls in one rendering."""
MAX_NUMBER = 10_000
"""Items of a range; width, precision or count that a filter or method takes."""
MAX_BITS = 10_000
"""Bits of an integer that is multiplied or raised to a power."""

# Names that no template can spell, so that none can reach or replace what they stand for.
BUDGET = "the budget"
COUNT = "count the passes"
SOURCE = "text of the template"
CONSTANT = "text of an expression"
JOIN = "join by ~"

_REMOVED_FILTERS = ("striptags", "urlize", "xmlattr")
_NUMBERED_FILTERS = ("batch", "center", "indent", "round", "slice", "truncate", "wordwrap")
_NUMBERED_METHODS = frozenset({"center", "expandtabs", "ljust", "rjust", "zfill"})
_HIDDEN_METHODS = frozenset({"format", "format_map"})
_WIDE_FORMAT = re.compile(r"%[^%a-zA-Z]*?(?:\*|\d{4})")


class Budget:
    """What one rendering may still use."""

    def __init__(self) -> None:
        self._passes = MAX_PASSES
        self._end = time.perf_counter() + MAX_SECONDS

    def use(self) -> None:
        """Count one pass.

        Raises:
            RefusedError: The passes or the time are used up.
        """
        self._passes -= 1
        if self._passes < 0:
            raise RefusedError(f"does more than {MAX_PASSES} passes of loops and prints")
        if time.perf_counter() > self._end:
            raise RefusedError(f"runs longer than {MAX_SECONDS:g} s")


class StrictMissing(StrictUndefined):
    """A missing name: an error wherever it is used, except in ``{% if name %}`` and ``default``."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # Jinja2 declares that it raises
        return False


class EmptyMissing(ChainableUndefined):
    """A missing name that renders as empty text, as Node-RED's templates do."""

    __slots__ = ()


class TextEnvironment(ImmutableSandboxedEnvironment):
    """For templates whose result is any text.

    Args:
        undefined: What a missing name becomes.
    """

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    finalize: Any
    concat: Any

    def __init__(self, undefined: type[Undefined]) -> None:
        super().__init__(undefined=undefined, keep_trailing_newline=True, optimized=False)
        for name in _REMOVED_FILTERS:
            del self.filters[name]
        for name in _NUMBERED_FILTERS:
            self.filters[name] = _with_small_numbers(self.filters[name])
        self.filters |= {
            COUNT: _count,
            JOIN: _concat,
            "format": _format,
            "join": _join,
            "tojson": _with_small_numbers(to_json),
        }
        del self.globals["lipsum"]
        self.globals["range"] = _range
        self.finalize = _print_text
        self.concat = _concat

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a member of an object of the message before its methods: it may be named ``items``."""
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Hide ``str.format`` too, whose widths know no bound; the filter ``format`` does the same within one."""
        if attr in _HIDDEN_METHODS and isinstance(obj, str):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Leave ``str.format`` to ``is_safe_attribute``."""

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call from a template, within the budget."""
        context.parent[BUDGET].use()
        if isinstance(obj, BuiltinMethodType) and obj.__name__ in _NUMBERED_METHODS:
            _check_numbers(args)
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate, unless the result would be too big."""
        match operator:
            case "+":
                _check_size(_size(left) + _size(right))
            case "*":
                _check_size((_size(left) or _size(right)) * max(_whole(left), _whole(right)))
                _check_bits(_whole(left).bit_length() + _whole(right).bit_length())
            case "**":
                _check_bits(_whole(left).bit_length() * _whole(right))
            case "%" if isinstance(left, str):
                _check_format(left)
        return super().call_binop(context, operator, left, right)


class JsonEnvironment(TextEnvironment):
    """For templates whose result must be JSON: everything printed becomes a fragment.

    Args:
        undefined: What a missing name becomes.
    """

    def __init__(self, undefined: type[Undefined]) -> None:
        super().__init__(undefined)
        self.filters |= {
            SOURCE: fragment.source,
            CONSTANT: fragment.constant,
            "tojson": _with_small_numbers(fragment.json_value),
        }
        self.globals["joiner"] = _JsonJoiner
        self.finalize = _print_json
        self.concat = fragment.concat


class _JsonJoiner:
    """Jinja's ``joiner``: empty the first time, then the separator."""

    def __init__(self, sep: str = ", ") -> None:
        self._next = fragment.source("")
        self._separator = fragment.separator(sep)

    def __call__(self) -> Fragment:
        now, self._next = self._next, self._separator
        return now


@pass_context
def _print_text(context: Context, data: Any) -> str:
    context.parent[BUDGET].use()
    return as_text(data)


@pass_context
def _print_json(context: Context, data: Any) -> Fragment:
    context.parent[BUDGET].use()
    return fragment.value(data)


@pass_context
def _count(context: Context, items: Iterable[Any]) -> Iterator[Any]:
    budget = context.parent[BUDGET]
    for item in items:
        budget.use()
        yield item


def _concat(parts: Iterable[Any]) -> str:
    parts = list(parts)
    if any(isinstance(part, Fragment) and not part.is_constant for part in parts):
        return fragment.concat(parts)
    texts = list(map(as_text, parts))
    _check_size(sum(map(len, texts)))
    return "".join(texts)


@pass_environment
def _join(environment: Environment, items: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    if attribute is not None:
        items = map(make_attrgetter(environment, attribute), items)
    parts = list(items)
    _check_size(len(parts) * len(d))
    between = fragment.separator(d) if any(isinstance(part, Fragment) for part in parts) else d
    return _concat([text for part in parts for text in (between, part)][1:])


def _range(*bounds: int) -> range:
    numbers = range(*bounds)
    if len(numbers) > MAX_NUMBER:
        raise RefusedError(f"asks for a range of more than {MAX_NUMBER} items")
    return numbers


def _format(value: str, *args: Any, **kwargs: Any) -> str:
    _check_format(value)
    return do_format(value, *args, **kwargs)


def _with_small_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        _check_numbers((*args[1:], *kwargs.values()))
        return function(*args, **kwargs)

    return checked


def _check_numbers(arguments: Iterable[Any]) -> None:
    if any(_whole(argument) > MAX_NUMBER for argument in arguments):
        raise RefusedError(f"asks for a width or count beyond {MAX_NUMBER}")


def _check_format(text: str) -> None:
    if _WIDE_FORMAT.search(text):
        raise RefusedError("asks for a format wider than 999 characters")


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise RefusedError(f"the text grows beyond {MAX_SIZE} characters")


def _check_bits(bits: int) -> None:
    if bits > MAX_BITS:
        raise RefusedError(f"calculates with numbers of more than {MAX_BITS} bits")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | tuple) else 0


def _whole(value: Any) -> int:
    return abs(value) if isinstance(value, int) else 0
