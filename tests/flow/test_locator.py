"""Places of values, read only as far as someone asks: the same as a whole scan finds."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.locator import Locator
from flowengine.flow.scanner import Place, scan

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(value=json_values, indent=st.sampled_from([None, 0, 2, "\t"]), order=st.randoms())
def test_locator_finds_what_a_scan_finds_in_any_order(value: Any, indent: int | str | None, order: Any) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    locator = Locator(text)
    offsets = list(scan(text).offsets.items())
    order.shuffle(offsets)
    for path, offset in offsets:
        assert locator.place(path) == Place.of(text, offset)


def test_locator_gives_the_place_of_the_nearest_parent_for_a_value_that_is_missing() -> None:
    locator = Locator('{"a": {"b": [1, 2]}}')
    assert locator.place(("a", "b", 7, "c")) == Place(1, 13)
    assert locator.place(("a", "x")) == Place(1, 7)
    assert locator.place(("a", "b", 1, "c")) == Place(1, 17)


@given(value=st.text(st.characters(codec="utf-8"), min_size=1), ascii_only=st.booleans(), data=st.data())
def test_locator_finds_a_character_of_a_text_behind_any_escapes(
    value: str, data: st.DataObject, *, ascii_only: bool
) -> None:
    index = data.draw(st.integers(0, len(value) - 1))
    before = value[:index]
    within = Place(before.count("\n") + 1, index - before.rfind("\n"))
    text = '{"a":\n ' + json.dumps(value, ensure_ascii=ascii_only) + "}"
    expected = len(json.dumps(before, ensure_ascii=ascii_only)) + 1
    assert Locator(text).place(("a",), within) == Place(2, expected)


def test_locator_stays_inside_a_text_for_a_place_beyond_its_end() -> None:
    assert Locator('["ab", 1]').place((0,), Place(1, 40)) == Place(1, 5)


def test_locator_takes_the_place_of_a_value_that_is_no_text() -> None:
    assert Locator("[17]").place((0,), Place(1, 2)) == Place(1, 2)
