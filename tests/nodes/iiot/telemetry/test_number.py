import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.number import read_number, whole


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("21.5", 21.5),
        (" -3 ", -3),
        ("+.5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("007", 7),
        ("9" * 30, 1e30),
        (2**70, 2**70),
    ],
)
def test_number_in_text_is_read(value: Any, number: float) -> None:
    assert read_number(value) == number
    assert type(read_number(value)) is type(number)


def test_comma_is_a_decimal_point_where_the_rule_says_so() -> None:
    assert [read_number(text, decimal_comma=True) for text in ("21,5", "-,5", "7")] == [21.5, -0.5, 7]
    assert read_number(21.5, decimal_comma=True) == 21.5


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("21,5", "not-a-number"),
        ("1.234,5", "not-a-number"),
        ("1_000", "not-a-number"),
        ("21.5 °C", "not-a-number"),
        ("", "not-a-number"),
        ("٣", "not-a-number"),
        (True, "not-a-number"),
        (None, "not-a-number"),
        ([1], "not-a-number"),
        ("NaN", "not-finite"),
        ("-inf", "not-finite"),
        ("1e999", "not-finite"),
        (math.nan, "not-finite"),
        (-math.inf, "not-finite"),
    ],
)
def test_what_is_no_number_is_refused(value: Any, code: str) -> None:
    with pytest.raises(BadValueError) as caught:
        read_number(value)
    assert caught.value.code == code


@given(st.text())
def test_text_is_read_as_python_reads_it_or_refused(text: str) -> None:
    try:
        number = read_number(text)
    except BadValueError:
        return
    assert number == float(text)


@pytest.mark.parametrize(("number", "code"), [(21.5, "not-whole"), (1e300, "too-large"), (-(2**63), "too-large")])
def test_what_is_not_whole_is_refused(number: float, code: str) -> None:
    with pytest.raises(BadValueError) as caught:
        whole(number)
    assert caught.value.code == code


def test_whole_number_stays() -> None:
    assert repr(whole(21.0)) == "21"
