"""The grammar of JSONPath, which is jsonpath-ng's, with bounds and with the places of mistakes."""

import re
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import length_hint
from typing import Any, NoReturn

from jsonpath_ng import Child, Fields, Index, Root, This
from jsonpath_ng.exceptions import JsonPathLexerError
from jsonpath_ng.ext.parser import ExtendedJsonPathLexer, ExtendedJsonPathParser

from flowengine.expressions.errors import JsonPathError
from flowengine.expressions.path_syntax import MAX_DESCENTS, MAX_FILTERS, MAX_SEGMENTS, Segment

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`""")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f]")
_LIMITS = (
    ({".", "[", "DOUBLEDOT"}, MAX_SEGMENTS, "segments"),
    ({"?"}, MAX_FILTERS, "filters"),
    ({"DOUBLEDOT"}, MAX_DESCENTS, "'..'"),
)
_DEPRECATED = {"|": "'|' (union) is deprecated: use two paths", "&": "'&' is deprecated: write '&&'"}

_parser_lock = threading.Lock()


class _UnexpectedError(Exception):
    def __init__(self, token: Any) -> None:
        self.token = token


class _CharacterError(Exception):
    def __init__(self, position: int, character: str) -> None:
        self.position = position
        self.character = character


class _Lexer(ExtendedJsonPathLexer):
    def t_error(self, t: Any) -> NoReturn:
        raise _CharacterError(t.lexpos, t.value[0])


class _Parser(ExtendedJsonPathParser):
    def p_error(self, t: Any) -> NoReturn:
        raise _UnexpectedError(t)


_parser = _Parser()


class _Reference(str):
    """A path in brackets, dressed as a name so that the library's grammar takes it."""

    __slots__ = ("segments",)
    segments: tuple[Segment, ...]


class Source:
    """One text, its tokens, and the places of its mistakes.

    Args:
        text: The text of a path.

    Attributes:
        text: Likewise.
        tokens: What it is made of.

    Raises:
        JsonPathError: It has what no path has, or is beyond a bound.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._quote_starts = {quoted.end() - 1: quoted.start() for quoted in _QUOTED.finditer(text)}
        self.tokens = self._tokenize()
        self._check(self.tokens)

    def error(self, position: int, reason: str) -> JsonPathError:
        """Return the error for a mistake at a place, counted from 0."""
        return JsonPathError(self.text, reason, column=position + 1)

    def position(self, token: Any) -> int:
        """Return where a token begins, counted from 0."""
        # The library places a quoted token at its closing quote.
        position: int = token.lexpos
        return self._quote_starts.get(position, position)

    def _tokenize(self) -> list[Any]:
        if control := _CONTROL.search(self.text):
            raise self.error(control.start(), "a path is one line without control characters")
        try:
            return list(_Lexer().tokenize(self.text))
        except _CharacterError as error:
            raise self.error(
                error.position,
                f"unexpected '{error.character}'; a name with other characters than letters, digits, '_' and "
                "'-' is written in brackets and quotes, ['name']",
            ) from None
        except JsonPathLexerError:
            blanked = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), self.text)
            start = min(at for at in map(blanked.find, "'\"`") if at >= 0)
            raise self.error(start, f"no closing {blanked[start]}") from None

    def _check(self, tokens: Sequence[Any]) -> None:
        for types, limit, plural in _LIMITS:
            counted = [token for token in tokens if token.type in types]
            if len(counted) > limit:
                raise self.error(self.position(counted[limit]), f"more than {limit} {plural}")
        for token in tokens:
            if token.type in _DEPRECATED:
                raise self.error(self.position(token), _DEPRECATED[token.type])
        for operator, operand in pairwise(tokens):
            if operator.type == "FILTER_OP":
                self._check_operand(operator.value, operand)

    def _check_operand(self, operator: str, operand: Any) -> None:
        quoted = getattr(operand, "quoted", False)
        if not quoted and (operator == "=~" or operand.type == "ID"):
            raise self.error(self.position(operand), f"text after '{operator}' is quoted: '...'")
        if operator == "=~":
            try:
                re.compile(operand.value)
            except re.error as error:
                raise self.error(self.position(operand), f"bad regular expression: {error}") from None

    def parse(self, tokens: Sequence[Any]) -> tuple[Segment, ...] | Any:
        """Parse tokens of this text.

        Args:
            tokens: All of them, or those of a path in brackets.

        Returns:
            The segments, or the library's tree of a path that is more than segments.

        Raises:
            JsonPathError: They are no path.
        """
        # Nested paths are parsed here, before the lock: the library's parser takes one text at a time.
        stream = list(self._with_references(tokens))
        feed = iter(stream)
        try:
            with _parser_lock:
                tree = _parser.parse_token_stream(feed)
        except _UnexpectedError as error:
            raise self._unexpected(error.token, tokens) from None
        except Exception as error:  # noqa: BLE001 - a bad `operator` raises what its own code happens to raise
            read = stream[: len(stream) - length_hint(feed)]
            named = [token for token in read if token.type == "NAMED_OPERATOR"]
            raise self.error(self.position((named or read)[-1]), _sentence(error)) from None
        segments = _segments(tree)
        if segments is None and (references := [token for token in stream if isinstance(token.value, _Reference)]):
            raise self.error(
                references[0].lexpos,
                "a path in brackets goes only with names and indexes, not with other selectors",
            )
        return tree if segments is None else segments

    def _with_references(self, tokens: Sequence[Any]) -> Iterator[Any]:
        """Replace each ``[$...]``, which the library's grammar has no rule for, by a bracketed name."""
        at = 0
        while at < len(tokens):
            yield tokens[at]
            at += 1
            if tokens[at - 1].type == "[" and at < len(tokens) and tokens[at].type == "$":
                end = self._closing(tokens, at)
                segments = self.parse(tokens[at:end])
                if not isinstance(segments, tuple):
                    raise self.error(tokens[at].lexpos, "a path in brackets must name one place")
                token = tokens[at]
                token.type = "ID"
                token.value = _Reference()
                token.value.segments = segments
                yield token
                at = end

    def _closing(self, tokens: Sequence[Any], start: int) -> int:
        depth = 1
        for at in range(start, len(tokens)):
            depth += {"[": 1, "]": -1}.get(tokens[at].type, 0)
            if depth == 0:
                return at
        raise self.error(len(self.text), "ends too early: ']' is missing")

    def _unexpected(self, token: Any, tokens: Sequence[Any]) -> JsonPathError:
        if token is None:
            at_end = not tokens or tokens[-1] is self.tokens[-1]
            position = len(self.text) if at_end else self.position(tokens[-1]) + 1
            return self.error(position, "ends too early" if self.text.strip() else "the path is empty")
        position = self.position(token)
        if token.type in {"WHERE", "WHERENOT"}:
            return self.error(
                position, f"'{token.value}' is a reserved word; as a name it is written ['{token.value}']"
            )
        return self.error(position, f"unexpected '{token.value}'")


def _sentence(error: Exception) -> str:
    text = str(error)
    return re.sub(r" at \d+:\d+$", "", text[:1].lower() + text[1:])


def _segments(tree: Any) -> tuple[Segment, ...] | None:
    """Return the names and indexes of a tree that has nothing else, else None."""
    leftmost = tree
    while isinstance(leftmost, Child):
        leftmost = leftmost.left
    segments: list[Segment] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Child):
            waiting += (node.right, node.left)
        elif isinstance(node, Fields) and len(node.fields) == 1:
            (name,) = node.fields
            segments.append(name.segments if isinstance(name, _Reference) else name)
        elif isinstance(node, Index) and len(node.indices) == 1:
            segments.append(node.indices[0])
        elif node is not leftmost or type(node) not in {Root, This}:
            return None
    return tuple(segments)
