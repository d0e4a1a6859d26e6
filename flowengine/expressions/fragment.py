"""Text under construction that must become JSON: what the template says and what a message says are kept apart.

A template for JSON is rendered to pieces. Only when all are there is it known which stand inside a string and which
outside, whatever conditions, loops and macros they came through; then each value is written as its place demands.
Only pieces made from the template's own text can open or close a string, so no value can break out of its quotes.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto
from functools import lru_cache
from typing import Any, NamedTuple, Self

from jinja2 import Undefined

MAX_SIZE = 1_000_000
"""Characters of a result, and of each text that is put together on the way."""

_STRING_STOP = re.compile(r'["\\]')


class RefusedError(Exception):
    """A template asks for what it may not have."""


class Kind(Enum):
    """Where a piece comes from, and so how it is written."""

    SOURCE = auto()  # template text: as it is, everywhere
    CONSTANT = auto()  # text in an expression, `{{ "," }}`: as it is outside a string, escaped inside
    TEXT = auto()  # a text value: a whole JSON string outside a string, escaped inside
    JSON = auto()  # any other value, as JSON: as it is outside a string, escaped inside
    ABSENT = auto()  # a name that may be missing: null outside a string, nothing inside


class Piece(NamedTuple):
    """A part of the result."""

    kind: Kind
    text: str


class Fragment(str):
    """Text that a template or a block of it made; as a plain ``str``, what the text reads like.

    What changes the text (``upper``, ``replace``) sees and returns a plain string, and so a value, that is escaped
    again as a whole.
    """

    __slots__ = ("pieces",)
    pieces: tuple[Piece, ...]

    def __new__(cls, pieces: Iterable[Piece]) -> Self:
        """Put pieces together, if they are not too long."""
        pieces = tuple(pieces)
        fragment = super().__new__(cls, "".join([piece.text for piece in pieces]))
        if len(fragment) > MAX_SIZE:
            raise RefusedError(f"the text grows beyond {MAX_SIZE} characters")
        fragment.pieces = pieces
        return fragment

    @property
    def is_constant(self) -> bool:
        """Whether all of it is text from an expression, which may as well be a value."""
        return all(piece.kind is Kind.CONSTANT for piece in self.pieces)

    def __str__(self) -> Self:  # Jinja passes every output through `str`
        return self

    def __add__(self, other: str) -> "Fragment":
        return concat((self, other))

    def __radd__(self, other: str) -> "Fragment":
        return concat((other, self))

    def strip(self, chars: str | None = None) -> "Fragment":
        """Remove white space at both ends, as Jinja's ``trim`` does."""
        return self.lstrip(chars).rstrip(chars)

    def lstrip(self, chars: str | None = None) -> "Fragment":
        """Remove white space at the start."""
        pieces = list(self.pieces)
        while pieces:
            pieces[0] = pieces[0]._replace(text=pieces[0].text.lstrip(chars))
            if pieces[0].text:
                break
            del pieces[0]
        return Fragment(pieces)

    def rstrip(self, chars: str | None = None) -> "Fragment":
        """Remove white space at the end."""
        pieces = list(self.pieces)
        while pieces:
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text.rstrip(chars))
            if pieces[-1].text:
                break
            del pieces[-1]
        return Fragment(pieces)

    def write(self) -> str:
        """Write the pieces as JSON text.

        Raises:
            RefusedError: A value follows a backslash of the template, and would change what it escapes.
        """
        written: list[str] = []
        in_string = escaping = False
        for kind, text in self.pieces:
            if kind is Kind.SOURCE or (kind is Kind.CONSTANT and not in_string):
                written.append(text)
                in_string, escaping = _after(text, in_string, escaping)
            elif escaping:
                raise RefusedError("a backslash stands before a value")
            elif in_string:
                written.append(quote(text)[1:-1])
            elif kind is Kind.TEXT:
                written.append(quote(text))
            else:
                written.append("null" if kind is Kind.ABSENT else text)
        return "".join(written)


@lru_cache(maxsize=4096)
def source(text: str) -> Fragment:
    """Make a fragment from text of the template."""
    return Fragment((Piece(Kind.SOURCE, text),))


@lru_cache(maxsize=4096)
def constant(text: str) -> Fragment:
    """Make a fragment from a text constant in an expression of the template."""
    return Fragment((Piece(Kind.CONSTANT, text),))


def separator(text: str) -> Fragment:
    """Make a fragment from what stands between list items: a comma separates, other text is a value."""
    return constant(text) if text.strip() in {"", ","} else value(text)


def value(data: Any) -> Fragment:
    """Make a fragment from a value; a fragment stays what it is."""
    if isinstance(data, Fragment):
        return data
    if isinstance(data, str):
        return Fragment((Piece(Kind.TEXT, str.__str__(data)),))
    if isinstance(data, datetime):
        return Fragment((Piece(Kind.TEXT, data.isoformat()),))
    if type(data) is Undefined:  # an inline `if` without `else` whose condition is false
        return source("")
    if isinstance(data, Undefined):
        return Fragment((Piece(Kind.ABSENT, str(data)),))
    return json_value(data)


def json_value(data: Any, indent: int | None = None) -> Fragment:
    """Make a fragment from a value as JSON (``tojson``)."""
    return Fragment((Piece(Kind.JSON, to_json(data, indent)),))


def concat(parts: Iterable[Any]) -> Fragment:
    """Join parts; each plain string among them is a value."""
    pieces: list[Piece] = []
    size = 0
    for part in parts:
        fragment = part if isinstance(part, Fragment) else value(part)
        pieces += fragment.pieces
        size += len(fragment)
        if size > MAX_SIZE:  # here, before the rest is made
            break
    return Fragment(pieces)


def as_text(data: Any) -> str:
    """Write a value as text: strings and times as they are, anything else as JSON."""
    if isinstance(data, str):
        return str.__str__(data)
    if isinstance(data, datetime):
        return data.isoformat()
    return str(data) if isinstance(data, Undefined) else to_json(data)


def to_json(data: Any, indent: int | None = None) -> str:
    """Write a value as JSON, keys in their order.

    Raises:
        RefusedError: The value, or a value in it, has no JSON form.
    """
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent, default=_json_default)
    except ValueError as error:
        raise RefusedError("NaN and infinity cannot be written as JSON") from error


def quote(text: str) -> str:
    """Write text as a JSON string."""
    quoted = json.dumps(text, ensure_ascii=False)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return json.dumps(text)  # half a surrogate pair exists in JSON only as an escape
    return quoted


def _json_default(data: Any) -> Any:
    if isinstance(data, datetime):
        return data.isoformat()
    if isinstance(data, Undefined):
        return str(data) or None
    raise RefusedError(f"a value of type {type(data).__name__} cannot be written as JSON")


@lru_cache(maxsize=4096)
def _after(text: str, in_string: bool, escaping: bool) -> tuple[bool, bool]:  # noqa: FBT001 - two states
    """Return whether a string is open after ``text``, and whether a backslash waits for what it escapes."""
    at = 1 if escaping and text else 0
    escaping = escaping and not text
    while True:
        if not in_string:
            at = text.find('"', at) + 1
            if not at:
                return False, False
            in_string = True
        stop = _STRING_STOP.search(text, at)
        if stop is None:
            return True, escaping
        if stop[0] == '"':
            in_string = False
            at = stop.end()
        elif stop.end() == len(text):
            return True, True
        else:
            at = stop.end() + 1
