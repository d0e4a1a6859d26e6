"""Lengths of time, read and written."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.duration import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("500ms", 0.5),
        ("1s", 1),
        ("1.5s", 1.5),
        ("1m30s", 90),
        ("2h", 7_200),
        ("1d", 86_400),
        ("1d2h3m4s5ms", 93_784.005),
        ("90m", 5_400),
        (0, 0),
        (2.25, 2.25),
        ("36500d", LONGEST),
    ],
)
def test_duration_is_read_in_seconds(value: str | float, seconds: float) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *("", " 1s", "1", "1 s", "-1s", "1s1m", "1x", "s", "1S", "\u0663s", "36501d"),
        *(-1, math.nan, math.inf, 10**400, True, None, [1]),
    ],
)
def test_duration_refuses_what_is_none(value: Any) -> None:
    with pytest.raises(ValueError, match="length of time"):
        parse_duration(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0s"), (0.5, "500ms"), (90.0, "1m30s"), (5_400.0, "1h30m"), (129_600.0, "1d12h"), (1e-9, "0.000001ms")],
)
def test_duration_is_written_in_the_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.floats(0, LONGEST))
def test_duration_survives_being_written_and_read(number: float) -> None:
    seconds = parse_duration(number)
    assert math.isclose(seconds, number, abs_tol=1e-9)
    assert parse_duration(format_duration(seconds)) == seconds
