import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.telemetry.codec import decode_json, decode_scalar
from flowengine_nodes.iiot.telemetry.errors import PayloadError


def test_json_takes_what_has_been_decoded_before() -> None:
    decoded = {"a": 1}
    assert decode_json(decoded) is decoded
    assert decode_scalar(decoded) is decoded
    assert decode_json('{"a": 1}') == decode_json(b'{"a": 1}') == decoded


def test_json_takes_numbers_that_are_none() -> None:
    decoded = decode_json(b'{"a": NaN, "b": [Infinity, -Infinity], "c": 1, "d": "NaN"}')
    assert math.isnan(decoded["a"])
    assert decoded["b"] == [math.inf, -math.inf]
    assert (decoded["c"], decoded["d"]) == (1, "NaN")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"temperature: 20",
        b"[NaN",
        b'[NaN, "\\ud800"]',
        b"[NaN, " + b"9" * 400 + b"]",
        b"[" * 100_000 + b"NaN" + b"]" * 100_000,
        '{"unit": "°C", "a": NaN}'.encode("latin-1"),
        b"1e999",
    ],
)
def test_json_refuses_what_is_none(payload: bytes) -> None:
    with pytest.raises(PayloadError, match="the payload is not JSON: "):
        decode_json(payload)


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"21.5", 21.5),
        (b" 7\r\n", 7),
        (b"true", True),
        (b"null", None),
        (b"", None),
        (b"21,5", "21,5"),
        (b"RUN", "RUN"),
        (b'"quoted"', "quoted"),
        (b"[1]", "[1]"),
        (b"NaN", "NaN"),
        (b"5\0\0", 5),
    ],
)
def test_scalar_is_a_number_a_truth_value_or_text(payload: bytes, value: Any) -> None:
    assert decode_scalar(payload) == value


def test_scalar_refuses_what_is_no_text() -> None:
    with pytest.raises(PayloadError, match="not text in UTF-8"):
        decode_scalar(b"\xff")


@given(st.binary())
def test_codecs_read_any_bytes_or_refuse_them(payload: bytes) -> None:
    for decode in (decode_json, decode_scalar):
        try:
            decode(payload)
        except PayloadError as error:
            assert error.code == "invalid-payload"  # noqa: PT017 - whether it is raised does not matter
