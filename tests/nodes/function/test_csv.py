import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine.testing import Failed, NodeHarness
from flowengine_nodes.function.csv import Csv, CsvConfig


async def converted(payload: Any, **config: Any) -> Any:
    async with NodeHarness(Csv, config) as harness:
        sent = await harness.feed(payload=payload)
        assert harness.errors == []
        return sent[0].fields["payload"]


async def failure(payload: Any, **config: Any) -> Failed:
    async with NodeHarness(Csv, config) as harness:
        assert await harness.feed(payload=payload) == []
        return harness.errors[0]


async def test_csv_parses_quotes_line_breaks_and_a_byte_order_mark() -> None:
    text = '\ufeffa,"b c"\r\n1,"x ""y"", \nz"\r\n\r\n2,\r\n'
    expected = [{"a": 1, "b c": 'x "y", \nz'}, {"a": 2, "b c": ""}]
    assert await converted(text) == expected
    assert await converted(text.encode()) == expected


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1", 1), ("-1.5e3", -1500.0), ("007", "007"), ("nan", "nan"), ("1_0", "1_0"), ("9" * 5_000, "9" * 5_000)],
)
async def test_csv_takes_only_jsons_numbers_for_numbers(cell: str, value: Any) -> None:
    assert await converted(f"a\n{cell}\n") == [{"a": value}]
    assert await converted(f"a\n{cell}\n", numbers=False) == [{"a": cell}]


@pytest.mark.parametrize(
    ("empty", "record"), [("text", {"a": "", "b": 1}), ("null", {"a": None, "b": 1}), ("leave-out", {"b": 1})]
)
async def test_csv_does_with_empty_cells_as_told(empty: str, record: dict[str, Any]) -> None:
    assert await converted("a,b\n,1\n", empty=empty) == [record]


async def test_csv_names_columns_by_configuration_and_leaves_out_nameless_ones() -> None:
    assert await converted("1;2;3", separator=";", header=False, columns=["a", "", "c"]) == [{"a": 1, "c": 3}]
    assert await converted("x,y\n1,2", columns=["a", "b"]) == [{"a": 1, "b": 2}]


async def test_csv_skips_lines() -> None:
    assert await converted("made by me\n\na\n1\n", skip=2) == [{"a": 1}]


@pytest.mark.parametrize("text", ['a\n"open', "a\n1,2", b"\xff\xfe", 'a\n"x"y'])
async def test_csv_fails_on_bad_lines(text: str | bytes) -> None:
    assert (await failure(text)).code == "bad-csv"


async def test_csv_writes_objects_one_object_and_lists() -> None:
    assert await converted([{"a": 1, "b": "x,y"}, {"b": None, "a": True}]) == 'a,b\n1,"x,y"\ntrue,\n'
    assert await converted({"a": 1}, header=False) == "1\n"
    assert await converted([[1, 2], ["x", 'y"']], line_end="crlf") == '1,2\r\nx,"y"""\r\n'
    assert await converted([{"a": 1, "b": 2}], columns=["b", "c"], quote="'") == "b,c\n2,\n"


@pytest.mark.parametrize("value", [[{"a": [1]}], [5], 5, [[b"x"]]])
async def test_csv_fails_on_what_is_no_line_or_cell(value: Any) -> None:
    assert (await failure(value)).code == "not-a-cell"


async def test_csv_passes_a_message_without_the_value() -> None:
    async with NodeHarness(Csv) as harness:
        assert [sent.fields for sent in await harness.feed(topic="t")] == [{"topic": "t"}]


@pytest.mark.parametrize("config", [{"separator": '"'}, {"action": "parse", "header": False}, {"separator": ",,"}])
def test_csv_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CsvConfig.model_validate(config)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff")), min_size=2, max_size=2)))
async def test_csv_reads_what_it_wrote(rows: list[list[str]]) -> None:
    records = [{"a": one, "b": other} for one, other in rows]
    written = await converted(records, columns=["a", "b"])
    assert await converted(written, numbers=False) == records
    assert list(csv.DictReader(io.StringIO(written, newline=""))) == records
