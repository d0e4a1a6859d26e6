"""JSON with places, and every way in which a text can fail to be JSON."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.problem import DocumentError
from flowengine.flow.scanner import MAX_DEPTH, Place, scan
from flowengine.flow.source import MAX_BYTES, Source

SAMPLE = b"""{
  "id": "boiler",
  "nodes": {
    "read-meter": {
      "type": "mqtt-in",
      "config": {"qos": 1, "topic": "x/#/y", "tags": [1, true, null, -2.5e3, "\xc3\xa9", {"a": []}]}
    }
  }
}
"""

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), Place(1, 1)),
        (("id",), Place(2, 9)),
        (("nodes", "read-meter", "type"), Place(5, 15)),
        (("nodes", "read-meter", "config", "topic"), Place(6, 37)),
        (("nodes", "read-meter", "config", "tags", 3), Place(6, 70)),
        (("nodes", "read-meter", "config", "tags", 5, "a"), Place(6, 89)),
    ],
)
def test_source_knows_the_place_of_every_value(path: tuple[str | int, ...], place: Place) -> None:
    assert Source(SAMPLE).place(path) == place


def test_source_gives_the_place_of_the_parent_for_a_value_that_is_missing() -> None:
    source = Source(SAMPLE)
    assert source.place(("nodes", "read-meter", "config", "broker", 1)) == Place(6, 17)
    assert source.place(("nothing",)) == Place(1, 1)


@given(value=json_values, indent=st.sampled_from([None, 0, 2, "\t"]), ascii_only=st.booleans())
def test_source_reads_what_any_writer_writes(value: Any, indent: int | str | None, *, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert Source(text.encode()).value == value


@given(value=json_values, indent=st.sampled_from([None, 2]))
def test_scan_finds_each_value_where_it_begins(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    result = scan(text)
    assert result.flaws == []
    decoder = json.JSONDecoder()
    for path, offset in result.offsets.items():
        expected = value
        for key in path:
            expected = expected[key]
        assert decoder.raw_decode(text, offset)[0] == expected


@given(text=st.text(alphabet='{}[]:,"\\ \nu0019-+.eEtrufalsn', max_size=40))
def test_scan_and_parser_agree_on_what_is_json(text: str) -> None:
    try:
        orjson.loads(text.encode())
        parses = True
    except orjson.JSONDecodeError:
        parses = False
    flaws = [flaw for flaw in scan(text).flaws if flaw.code == "json-syntax"]
    infinite = any(flaw.code == "number-range" for flaw in scan(text).flaws)
    assert parses == (not flaws) or infinite


@given(
    pairs=st.lists(st.tuples(st.text(max_size=4), json_values), min_size=1, max_size=5),
    colon=st.sampled_from([":", ": ", " : ", "\n:"]),
    ascii_only=st.booleans(),
)
def test_source_refuses_an_object_exactly_when_a_key_stands_twice(
    pairs: list[tuple[str, Any]], colon: str, *, ascii_only: bool
) -> None:
    members = (json.dumps(k, ensure_ascii=ascii_only) + colon + json.dumps(v) for k, v in pairs)
    data = ("[{" + ",".join(members) + "}]").encode()
    duplicates = len(pairs) - len(dict(pairs))
    if not duplicates:
        assert Source(data).value == [dict(pairs)]
        return
    with pytest.raises(DocumentError) as caught:
        Source(data)
    assert [problem.code for problem in caught.value.problems] == ["duplicate-key"] * duplicates


def test_source_reports_every_duplicate_key_with_both_lines() -> None:
    data = b'{\n  "a": 1,\n  "b": {"c": 1, "c": 2},\n  "a": 2\n}'
    with pytest.raises(DocumentError) as caught:
        Source(data, file="x.flow.json")
    first, second = caught.value.problems
    assert (first.line, first.column) == (3, 17)
    assert (second.line, second.column) == (4, 3)
    assert second.message.startswith('the key "a" stands here again, after line 2;')


def test_source_finds_a_duplicate_key_that_an_escape_hides() -> None:
    with pytest.raises(DocumentError, match="stands here again"):
        Source(b'{"x": "\\u0022: \\u0022:", "a": 1, "\\u0061": 2}')


SYNTAX = [
    (b"", 1, 1, "the file is empty"),
    (b" \n ", 1, 1, "the file is empty"),
    (b'{\n  "a": 1,\n}', 2, 9, "there is a comma before '}'"),
    (b"[1, 2,]", 1, 6, "there is a comma before ']'"),
    (b'{"a": 1\n "b": 2}', 1, 8, "',' or '}' is missing"),
    (b'{"a" 1}', 1, 5, "':' is missing after \"a\""),
    (b"{'a': 1}", 1, 2, "a text is in single quotes"),
    (b"{a: 1}", 1, 2, "a key is expected"),
    (b'{"a": 1} // why', 1, 10, "there is more text behind the end of the document"),
    (b'{\n// why\n"a": 1}', 2, 1, "JSON has no comments"),
    (b'{"a": NaN}', 1, 7, "NaN is no value"),
    (b'{"a": -Infinity}', 1, 7, "-Infinity is no value"),
    (b'{"a": True}', 1, 7, "True is no value"),
    (b'{"a": 01}', 1, 7, "01 is no value"),
    (b'{"a": .5}', 1, 7, ".5 is no value"),
    (b'{"a": abc}', 1, 7, "abc is no value"),
    (b'{"a": }', 1, 7, "'}' stands where a value is expected"),
    (b'{"a": [1, 2}', 1, 12, "'}' stands where ',' or ']' is expected"),
    (b'{"a":', 1, 6, "the text ends where a value is expected"),
    (b'{\n "a": [1', 2, 9, "the text ends, but '[' on line 2, column 7 is not closed"),
    (b'{"a": 1,', 1, 9, "the text ends, but '{' on line 1, column 1 is not closed"),
    (b'{"a": "x\n"}', 1, 7, "the text that begins here has no closing quote on its line"),
    (b'{"a": "C:\\data"}', 1, 10, "\\d is no escape in JSON"),
    (b'{"a": "x\ty"}', 1, 9, "a control character stands in a text"),
    (b'{"a": "\\ud800"}', 1, 7, "a text holds half of a surrogate pair"),
    (b'{\n<<<<<<< HEAD\n"a": 1}', 2, 1, "a merge left a conflict here"),
    (b'{"a": 1,\n=======\n"a": 1}', 2, 1, "a merge left a conflict here"),
    ('{"é€": x}'.encode(), 1, 8, "x is no value"),
]


@pytest.mark.parametrize(("data", "line", "column", "message"), SYNTAX)
def test_source_says_what_is_wrong_and_where(data: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Source(data, file="f.json")
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("json-syntax", message)
    assert (problem.file, problem.line, problem.column) == ("f.json", line, column)


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"\xef\xbb\xbf{}", 1, 1, "the file starts with a byte order mark"),
        ("{}".encode("utf-16"), 1, 1, "the file is in UTF-16"),
        ("{}".encode("utf-16-le"), 1, 1, "the file is in UTF-16 or UTF-32"),
        ('{\n"é": 1}'.encode("latin-1"), 2, 2, "the byte 0xe9 is not UTF-8"),
    ],
)
def test_source_names_a_wrong_encoding(data: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Source(data)
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.column) == ("encoding", line, column)
    assert problem.message == message
    assert problem.hint


@pytest.mark.parametrize("number", ["18446744073709551616", "-9223372036854775809", "1" * 6_000, "1e999"])
def test_source_refuses_a_number_that_would_be_rounded_or_lost(number: str) -> None:
    with pytest.raises(DocumentError) as caught:
        Source(f'{{"a": {number}}}'.encode())
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.column) == ("number-range", 1, 7)


@pytest.mark.parametrize("number", ["18446744073709551615", "-9223372036854775808", '"99999999999999999999"'])
def test_source_takes_numbers_of_64_bits_and_digits_in_texts(number: str) -> None:
    assert Source(f"[{number}]".encode()).value == [json.loads(number)]


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_source_takes_the_greatest_depth_and_no_more(opening: str, closing: str) -> None:
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    Source(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 300, 100_000):
        with pytest.raises(DocumentError) as caught:
            Source(nested(depth))
        (problem,) = caught.value.problems
        assert problem.code == "too-deep"
        assert problem.column == (MAX_DEPTH + 1) * len(opening) + 1


def test_source_refuses_a_text_that_is_too_large() -> None:
    with pytest.raises(DocumentError, match=r"has 33,554,433 bytes; a document has at most 32 MiB \[too-large\]"):
        Source(b" " * (MAX_BYTES + 1))
