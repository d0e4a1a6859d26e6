"""A slow and careful reading of JSON (RFC 8259): the place of every value, and what exactly is wrong.

The fast parser tells neither, so this one runs only when there is a problem to show.
"""

import json
import math
import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MAX_DEPTH: Final = 64
"""How many values may stand inside one another in a document."""

ValuePath = tuple[str | int, ...]
"""The keys and indexes that lead to a value, such as ``("nodes", "a", "wires", "out", 0)``."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_OPEN_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?(?![0-9A-Za-z_.+-])")
_LITERAL: Final = re.compile(r"(?:true|false|null)(?![0-9A-Za-z_.+-])")
_WORD: Final = re.compile(r"[-+.$\w]+")
_CONFLICT: Final = re.compile(r"^(?:<<<<<<<|\|\|\|\|\|\|\||=======|>>>>>>>)", re.MULTILINE)
_SMALLEST: Final = -(2**63)
_LARGEST: Final = 2**64 - 1


class Place(NamedTuple):
    """Where a value begins; both count from 1, the column in characters."""

    line: int
    column: int

    @classmethod
    def of(cls, text: str, offset: int) -> "Place":
        """Return the place of the character at an offset."""
        return cls(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


class Flaw(NamedTuple):
    """Something that is wrong with the text itself."""

    code: str
    message: str
    place: Place
    path: ValuePath
    hint: str | None = None


@dataclass
class Scan:
    """What a scan found: where each value begins, and every flaw up to the first that ends the scan."""

    offsets: dict[ValuePath, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


def scan(text: str) -> Scan:
    """Read a JSON text to its end, or to the first place where it is no JSON."""
    scanner = _Scanner(text)
    try:
        scanner.document()
    except _ScanEndError as end:
        scanner.result.flaws.append(end.flaw)
    return scanner.result


class _ScanEndError(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class _Scanner:
    """A recursive descent; each method takes the offset of what it reads and returns the offset behind it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.result = Scan()

    def document(self) -> None:
        end = self.skip(self.value(0, ()))
        if end != len(self.text):
            raise self.end(end, (), "there is more text behind the end of the document")

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        assert match is not None
        return match.end()

    def value(self, at: int, path: ValuePath) -> int:
        at = self.skip(at)
        if len(path) > MAX_DEPTH:
            raise self.end(at, path, f"values stand inside one another more than {MAX_DEPTH} deep", code="too-deep")
        self.result.offsets[path] = at
        match self.text[at : at + 1]:
            case "{":
                return self.object(at, path)
            case "[":
                return self.array(at, path)
            case '"':
                return self.string(at, path)[1]
        if literal := _LITERAL.match(self.text, at):
            return literal.end()
        if number := _NUMBER.match(self.text, at):
            self.check_range(number, path)
            return number.end()
        raise self.no_value(at, path)

    def object(self, start: int, path: ValuePath) -> int:
        first_places: dict[str, int] = {}
        at = self.skip(start + 1)
        if self.text.startswith("}", at):
            return at + 1
        closed = False
        while not closed:
            if not self.text.startswith('"', at):
                raise self.no_key(at, start, path)
            key, end = self.string(at, path)
            if key in first_places:
                self.duplicate(at, (*path, key), key, first_places[key])
            first_places.setdefault(key, at)
            colon = self.skip(end)
            if not self.text.startswith(":", colon):
                raise self.end(end, (*path, key), f"':' is missing after \"{key}\"")
            at, closed = self.separator(self.value(colon + 1, (*path, key)), start, "}", path)
        return at

    def array(self, start: int, path: ValuePath) -> int:
        at = self.skip(start + 1)
        if self.text.startswith("]", at):
            return at + 1
        index = 0
        closed = False
        while not closed:
            at, closed = self.separator(self.value(at, (*path, index)), start, "]", path)
            index += 1
        return at

    def separator(self, end: int, start: int, bracket: str, path: ValuePath) -> tuple[int, bool]:
        """Read the comma or the bracket after a value that ends at `end`; say whether it was the bracket."""
        at = self.skip(end)
        char = self.text[at : at + 1]
        if char == bracket:
            return at + 1, True
        if char == ",":
            after = self.skip(at + 1)
            if self.text.startswith(bracket, after):
                raise self.end(at, path, f"there is a comma before '{bracket}'", "remove the comma")
            return after, False
        if not char:
            raise self.unclosed(start, path)
        if char in "]}:":
            raise self.end(at, path, f"'{char}' stands where ',' or '{bracket}' is expected")
        if foreign := self.foreign(at):
            raise self.end(at, path, *foreign)
        raise self.end(end, path, f"',' or '{bracket}' is missing", "put a comma between two values")

    def string(self, at: int, path: ValuePath) -> tuple[str, int]:
        match = _OPEN_STRING.match(self.text, at)
        assert match is not None
        end = match.end()
        char = self.text[end : end + 1]
        if char == "\\":
            escape = self.text[end : end + 2]
            raise self.end(end, path, f"{escape} is no escape in JSON", "write \\\\ for a backslash")
        if char in ("", "\n", "\r"):
            raise self.end(at, path, "the text that begins here has no closing quote on its line")
        if char != '"':
            raise self.end(end, path, "a control character stands in a text", f"write it as \\u{ord(char):04x}")
        text: str = json.loads(match.group() + '"')
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise self.end(at, path, "a text holds half of a surrogate pair", "write the character itself")
        return text, end + 1

    def check_range(self, match: re.Match[str], path: ValuePath) -> None:
        text = match.group()
        if match[1] is None and match[2] is None:
            # The length first: Python refuses to read an integer of some thousand digits.
            if len(text) > 20 or not _SMALLEST <= int(text) <= _LARGEST:
                hint = "write it as a text, in quotes"
                self.flaw(match.start(), path, "a whole number needs more than 64 bits", hint, "number-range")
        elif math.isinf(float(text)):
            self.flaw(match.start(), path, "a number is too large for a double", None, "number-range")

    def duplicate(self, at: int, path: ValuePath, key: str, first: int) -> None:
        line = Place.of(self.text, first).line
        message = f'the key "{key}" stands here again, after line {line}; only one of them would count'
        self.flaw(at, path, message, "remove one of them, or rename it", "duplicate-key")

    def no_value(self, at: int, path: ValuePath) -> _ScanEndError:
        if foreign := self.foreign(at):
            return self.end(at, path, *foreign)
        char = self.text[at : at + 1]
        if not char:
            return self.end(at, path, "the text ends where a value is expected")
        word = _WORD.match(self.text, at)
        if not word:
            return self.end(at, path, f"'{char}' stands where a value is expected")
        text = word.group()
        bare = text.lstrip("+-.").lower()
        hint = "put a text in double quotes"
        if bare in {"nan", "infinity", "inf"}:
            hint = "JSON knows no such number; write null, or a text in quotes"
        elif text in {"True", "False", "None"}:
            hint = "JSON writes true, false and null"
        elif bare[:1].isdigit():
            hint = "a number has no leading zero, no '+' and digits on both sides of its point"
        return self.end(at, path, f"{text} is no value", hint)

    def no_key(self, at: int, start: int, path: ValuePath) -> _ScanEndError:
        if at >= len(self.text):
            return self.unclosed(start, path)
        return self.end(at, path, *(self.foreign(at) or ("a key is expected", "put keys in double quotes")))

    def unclosed(self, start: int, path: ValuePath) -> _ScanEndError:
        place = Place.of(self.text, start)
        opened = f"'{self.text[start]}' on line {place.line}, column {place.column}"
        return self.end(len(self.text), path, f"the text ends, but {opened} is not closed")

    def foreign(self, at: int) -> tuple[str, str] | None:
        """Recognise what other languages would allow here, and the marks of a merge."""
        if _CONFLICT.match(self.text, at):
            return "a merge left a conflict here", "choose one side and remove the marks"
        if self.text.startswith(("//", "/*", "#"), at):
            return "JSON has no comments", "write it in a 'description'"
        if self.text.startswith("'", at):
            return "a text is in single quotes", "use double quotes"
        return None

    def flaw(self, at: int, path: ValuePath, message: str, hint: str | None = None, code: str = "json-syntax") -> None:
        self.result.flaws.append(Flaw(code, message, Place.of(self.text, at), path, hint))

    def end(
        self, at: int, path: ValuePath, message: str, hint: str | None = None, code: str = "json-syntax"
    ) -> _ScanEndError:
        return _ScanEndError(Flaw(code, message, Place.of(self.text, at), path, hint))
