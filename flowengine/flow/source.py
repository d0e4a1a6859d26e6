"""A JSON file with places: parsed fast, and searched for lines and columns only when a problem is shown."""

import re
from functools import cached_property
from typing import Any, Final, Self

import orjson

from flowengine.flow.locator import Locator
from flowengine.flow.problem import DocumentError, Problem, Severity
from flowengine.flow.scanner import MAX_DEPTH, Flaw, Place, Scan, ValuePath, scan
from flowengine.flow.subject import Subject

MAX_BYTES: Final = 32 * 1024 * 1024
"""The largest file that is read."""

_KEY_END: Final = re.compile(rb'"[ \t\n\r]*:')
_DIGITS_TO_ZERO: Final = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_INTEGER: Final = b"0" * 19
_TOO_DEEP: Final = b"\n" + b"  " * (MAX_DEPTH + 1)
_FOREIGN_STARTS: Final = (
    (b"\xef\xbb\xbf", "the file starts with a byte order mark", "save it as UTF-8 without BOM"),
    (b"\xff\xfe", "the file is in UTF-16", "save it as UTF-8"),
    (b"\xfe\xff", "the file is in UTF-16", "save it as UTF-8"),
)


class Source:
    """The text of a document, the value it holds, and the place of every part of that value.

    Attributes:
        file: The file's name, as problems show it.
        data: The bytes as they were read.
        value: The JSON value.
    """

    def __init__(self, data: bytes, *, file: str = "") -> None:
        """Parse a JSON text.

        Raises:
            DocumentError: It is too large or too deep, is not UTF-8 or no JSON, or an object has a key twice.
        """
        self.file = file
        self.data = data
        if len(data) > MAX_BYTES:
            raise DocumentError([too_large(file, len(data))])
        try:
            self.value: Any = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise DocumentError([self._problem(self._flaw(error), Subject())]) from None
        if not self._is_plain() and self._scan.flaws:
            flaws = self._scan.flaws
            raise DocumentError(self._problem(flaw, Subject.of(self.value, flaw.path)) for flaw in flaws)

    @classmethod
    def of_value(cls, value: Any, data: bytes | None = None, *, file: str = "") -> Self:
        """Return the source of a value that was parsed before.

        Args:
            value: The JSON value.
            data: Its text; made of the value if not given.
            file: The file's name, as problems show it.

        Raises:
            DocumentError: It is too large or too deep.
        """
        written = orjson.dumps(value, option=orjson.OPT_INDENT_2) if data is None else data
        if len(written) > MAX_BYTES or _TOO_DEEP in written:
            return cls(written, file=file)
        source = cls.__new__(cls)
        source.file, source.data, source.value = file, written, value
        return source

    def place(self, path: ValuePath, within: Place | None = None) -> Place:
        """Return where the value at a path begins; for one that is missing, where its nearest parent does.

        Args:
            path: Keys and indexes that lead to the value.
            within: A place in the text that the value is, as read; the place in the file is returned.
        """
        return self._locator.place(path, within)

    def problem(
        self,
        path: ValuePath,
        code: str,
        message: str,
        hint: str | None = None,
        within: Place | None = None,
        *,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Make a problem of the value at a path, with its line and column, its flow, node and field.

        Args:
            path: Keys and indexes that lead to the value.
            code: Stable word code.
            message: One sentence without a final full stop.
            hint: What to do, where the message does not say it.
            within: Where in the value the problem is, if the value is a text.
            severity: Whether it stops the flow.
        """
        subject = Subject.of(self.value, path)
        flaw = Flaw(code, message, self.place(path, within), path, hint)
        return self._problem(flaw, subject, severity)

    def _is_plain(self) -> bool:
        """Tell, at a fraction of the cost of a scan, that there is certainly nothing to report.

        The parser keeps the last of two equal keys and rounds integers beyond 64 bits, both without a word.
        Written out again, the value has as many ends of keys as the text had, unless a key was dropped: what
        looks like one inside a string looks the same in both, as long as no escape hides it. The indent of a
        line is its depth.
        """
        if b"\\u" in self.data or _LONG_INTEGER in self.data.translate(_DIGITS_TO_ZERO):
            return False
        try:
            written = orjson.dumps(self.value, option=orjson.OPT_INDENT_2)
        except TypeError:  # deeper than the writer can go
            return False
        if _TOO_DEEP in written:
            return False
        return len(_KEY_END.findall(self.data)) == len(_KEY_END.findall(written))

    @cached_property
    def _text(self) -> str:
        return self.data.decode()

    @cached_property
    def _locator(self) -> Locator:
        return Locator(self._text)

    @cached_property
    def _scan(self) -> Scan:
        return scan(self._text)

    def _problem(self, flaw: Flaw, subject: Subject, severity: Severity = Severity.ERROR) -> Problem:
        return Problem(
            code=flaw.code,
            message=flaw.message,
            severity=severity,
            file=self.file,
            line=flaw.place.line,
            column=flaw.place.column,
            hint=flaw.hint,
            **subject._asdict(),
        )

    def _flaw(self, error: orjson.JSONDecodeError) -> Flaw:
        """Say what keeps the bytes from being JSON; the scanner does it best, if they are text at all."""
        for start, message, hint in _FOREIGN_STARTS:
            if self.data.startswith(start):
                return Flaw("encoding", message, Place(1, 1), (), hint)
        if b"\0" in self.data[:4]:
            return Flaw("encoding", "the file is in UTF-16 or UTF-32", Place(1, 1), (), "save it as UTF-8")
        if not self.data.strip():
            return Flaw("json-syntax", "the file is empty", Place(1, 1), ())
        try:
            flaws = self._scan.flaws
        except UnicodeDecodeError as fault:
            before = self.data[: fault.start].decode()
            message = f"the byte 0x{self.data[fault.start]:02x} is not UTF-8"
            return Flaw("encoding", message, Place.of(before, len(before)), (), "save the file as UTF-8")
        # Both readers follow RFC 8259; should they ever differ, the parser's own words are better than none.
        return flaws[-1] if flaws else Flaw("json-syntax", error.msg, Place(error.lineno, error.colno), ())


def too_large(file: str, size: int) -> Problem:
    """Return the problem of a file of `size` bytes."""
    limit = MAX_BYTES // (1024 * 1024)
    return Problem(
        code="too-large",
        message=f"the file has {size:,} bytes; a document has at most {limit} MiB",
        file=file,
    )
