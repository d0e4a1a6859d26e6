from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.moment import MomentText, odoo_time, read_moment

AT = 1_767_225_600.0  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01 01:00:00+01:00",
        "2026-01-01",
        "20260101T00:00:00",
        1_767_225_600,
        1_767_225_600.0,
        "1767225600",
        1_767_225_600_000,
        1_767_225_600_000_000,
        1_767_225_600_000_000_000,
    ],
)
def test_moment_is_read_in_every_form(value: Any) -> None:
    assert read_moment(value) == AT


def test_moment_in_a_unit_that_is_said() -> None:
    assert [read_moment(5_000, unit) for unit in ("s", "ms", "us")] == [5_000, 5, 0.005]


@pytest.mark.parametrize("value", ["soon", "2026-13-01", "12:00", True, None, {}, -1, 1e400, "NaN", [1], "9" * 40])
def test_what_is_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(BadValueError) as caught:
        read_moment(value)
    assert caught.value.code == "not-a-time"


@given(st.lists(st.integers(0, 4_000_000_000_000), min_size=1))
def test_text_of_moments_says_them_in_any_order(milliseconds: list[int]) -> None:
    text = MomentText()
    for one in milliseconds:
        written = text.of(one / 1000)
        assert round(datetime.fromisoformat(written).timestamp() * 1000) == one
        assert written == datetime.fromtimestamp(one / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def test_time_for_odoo_is_utc_to_the_second() -> None:
    assert odoo_time(AT + 0.9) == "2026-01-01 00:00:00"
