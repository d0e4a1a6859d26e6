"""The csv node."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Literal, Self

from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeError,
    Output,
    node_type,
)

# What JSON takes for a number, so that codes such as 007 and words such as nan stay text.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 300
_LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}


class CsvConfig(Config):
    """Configure a csv node."""

    path: JsonPath = Field("$.payload", description="Value to convert; the result takes its place.")
    action: Literal["auto", "parse", "write"] = Field(
        "auto", description="Parse text and bytes and write everything else (auto), or do only one of the two."
    )
    separator: str = Field(",", min_length=1, max_length=1, description="What stands between two cells.")
    quote: str = Field('"', min_length=1, max_length=1, description="What stands around a cell with special signs.")
    columns: list[str] = Field([], description="Names of the columns; an empty name leaves a column out.")
    header: bool = Field(
        True, description="The first line of parsed text names the columns, and written text begins with their names."
    )
    skip: int = Field(0, ge=0, description="Lines to leave out at the beginning of parsed text.")
    numbers: bool = Field(True, description="Turn cells that are numbers into numbers.")
    empty: Literal["text", "null", "leave-out"] = Field("text", description="What an empty cell becomes.")
    line_end: Literal["lf", "crlf"] = Field("lf", description="What ends a written line.")

    @model_validator(mode="after")
    def _columns_are_named(self) -> Self:
        if self.separator == self.quote:
            raise ValueError("'separator' and 'quote' are the same sign")
        if not self.header and not self.columns and self.action == "parse":
            raise ValueError("without a header line, 'columns' must name the columns")
        return self


class _Lines(list[str]):
    def write(self, line: str) -> None:
        self.append(line)


@node_type("csv", category="function", icon="table")
class Csv(Node[CsvConfig]):
    """Turn CSV text into a list of objects, or objects into CSV text.

    **Parsing** gives a list with one object for each line; a split node makes messages of them. Names come from
    *columns* if given, else from the header line; a header line is left out of the result either way. Cells may hold
    quotes, separators and line breaks, as RFC 4180 says. A line with too many cells, or an open quote, fails with
    `bad-csv`.

    **Writing** takes a list of objects, one object, or a list of lists. Columns are those of *columns*, or of the first
    object. Missing cells are empty, true and false are written as such, and lists and objects fail with `not-a-cell`.

    **Other than in Node-RED:** the result is always one message with a list; use split for one message a line. Numbers
    are recognised as JSON has them, so `007` stays text. Bad lines are errors.
    """

    out = Output("Messages with the converted value.")
    examples = (
        Example(
            "parses text with a header",
            given={"payload": 'tag,value\nT1,21.5\n"P,2",3\n'},
            expect=[("out", {"payload": [{"tag": "T1", "value": 21.5}, {"tag": "P,2", "value": 3}]})],
        ),
        Example(
            "writes a list of objects",
            config={"columns": ["tag", "value"]},
            given={"payload": [{"tag": "T1", "value": 21.5}, {"value": 3, "tag": 'a "b"'}]},
            expect=[("out", {"payload": 'tag,value\nT1,21.5\n"a ""b""",3\n'})],
        ),
        Example(
            "names columns itself",
            config={"header": False, "columns": ["tag", "", "value"], "separator": ";"},
            given={"payload": "T1;ignored;4"},
            expect=[("out", {"payload": [{"tag": "T1", "value": 4}]})],
        ),
        Example("refuses an open quote", given={"payload": 'a\n"b'}, error="bad-csv"),
    )

    def __init__(self, config: CsvConfig, context: Context) -> None:
        super().__init__(config, context)
        self._format: dict[str, Any] = {"delimiter": config.separator, "quotechar": config.quote, "strict": True}

    def receive(self, message: Message) -> None:
        """Convert a message's value."""
        path = self.config.path
        value = path.first(message.fields)
        if value is MISSING:
            self.send(self.out, message)
            return
        is_text = isinstance(value, (str, bytes))
        if self.config.action == "parse" and not is_text:
            raise NodeError(f"{path.text} is no text to parse", code="bad-csv")
        parses = is_text and self.config.action != "write"
        made = self._parse(value) if parses else self._write(value)
        self.send(self.out, message.with_fields(path.set(message.fields, made)))

    def _parse(self, text: str | bytes) -> list[dict[str, Any]]:
        try:
            decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
            lines = islice(io.StringIO(decoded, newline=""), self.config.skip, None)
            # An empty line is no record.
            rows = [row for row in csv.reader(lines, **self._format) if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise NodeError(f"{self.config.path.text} is no CSV: {error}", code="bad-csv") from error
        names: Sequence[str] = self.config.columns
        if self.config.header and rows:
            header = rows.pop(0)
            names = names or header
        if rows and not names:
            raise NodeError("without a header line, 'columns' must name the columns", code="bad-csv")
        return [self._record(number, names, row) for number, row in enumerate(rows, 1)]

    def _record(self, number: int, names: Sequence[str], row: list[str]) -> dict[str, Any]:
        if len(row) > len(names):
            reason = f"record {number} has {len(row)} cells for {len(names)} columns"
            raise NodeError(reason, code="bad-csv", detail={"record": number})
        record = {}
        for name, cell in zip(names, row, strict=False):
            if name and (cell or self.config.empty != "leave-out"):
                record[name] = self._value(cell)
        return record

    def _value(self, cell: str) -> Any:
        if not cell:
            return None if self.config.empty == "null" else ""
        if self.config.numbers and len(cell) <= _LONGEST_NUMBER and _NUMBER.fullmatch(cell):
            return int(cell) if cell.lstrip("-").isdigit() else float(cell)
        return cell

    def _write(self, value: Any) -> str:
        records = value if isinstance(value, (list, tuple)) else [value]
        names: Sequence[str] = self.config.columns
        if not names and records and isinstance(records[0], dict):
            names = list(records[0])
        lines = _Lines()
        # Python quotes a cell with a carriage return only where lines end with one: so they do, until they are joined.
        writer = csv.writer(lines, **self._format, lineterminator="\r\n")
        if self.config.header and names:
            writer.writerow(names)
        for record in records:
            if isinstance(record, dict):
                writer.writerow(self._cells(record.get(name) for name in names))
            elif isinstance(record, (list, tuple)):
                writer.writerow(self._cells(record))
            else:
                raise NodeError("a line of CSV is an object or a list", code="not-a-cell")
        end = _LINE_ENDS[self.config.line_end]
        return "".join(line.removesuffix("\r\n") + end for line in lines)

    @staticmethod
    def _cells(values: Iterable[Any]) -> list[Any]:
        cells: list[Any] = []
        for value in values:
            if isinstance(value, (dict, list, tuple, bytes)):
                raise NodeError(f"a cell cannot hold a {type(value).__name__}", code="not-a-cell")
            cells.append(str(value).lower() if isinstance(value, bool) else value)
        return cells
