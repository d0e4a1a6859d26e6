from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.registry.odoo_domain import MAX_TERMS, check_domain, fill, placeholders


@pytest.mark.parametrize(
    "domain",
    [
        [],
        [["name", "=", "{serial}"]],
        [["a.b_c", "in", ["{device}", 1, True]], ["d", "!=", False]],
        ["|", ["a", "=", 1], "&", ["b", ">", 2.5], "!", ["c", "ilike", "x{value}y"]],
        [["a", "=", 1], "|", ["b", "=", 1], ["c", "child_of", [1, 2]]],
        [["note", "=", "{ 1 } and {}"]],
    ],
)
def test_domain_that_odoo_takes_is_taken(domain: list[Any]) -> None:
    assert check_domain(domain) is domain


@pytest.mark.parametrize(
    ("domain", "sentence"),
    [
        (["&", ["a", "=", 1]], "the domain ends too early: 1 more to join"),
        (["!"], "ends too early"),
        (["and", ["a", "=", 1]], 'part 1: "and" is none of'),
        ([["a", "="]], "part 1: a term is a list of field, operator and value"),
        ([{"a": 1}], "part 1: a term is a list"),
        ([["a; drop", "=", 1]], "'a; drop' is no name of a field"),
        ([["{device}", "=", 1]], "is no name of a field"),
        ([["a", "==", 1]], "'==' is no operator of Odoo"),
        ([["a", "in", 1]], "in takes a list"),
        ([["a", "=", [1]]], "= takes one value"),
        ([["a", "in", [[1]]]], "is no text, number or truth value"),
        ([["a", "=", {"b": 1}]], "is no text, number or truth value"),
        ([["a", "=", 1], ["b", "=", "{name}"]], "part 2: there is no {name}; there are {device}, {serial} and {value}"),
        ([["a", "=", 1]] * (MAX_TERMS + 1), "at most 50 parts"),
    ],
)
def test_domain_that_is_none_is_refused_with_its_place(domain: list[Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence.replace("{", r"\{").replace("}", r"\}")):
        check_domain(domain)


def test_fill_keeps_the_type_of_a_whole_placeholder() -> None:
    domain = ["|", ["a", "=", "{value}"], ["b", "in", ["{serial}", "x-{value}-{device}"]]]
    assert placeholders(domain) == {"value", "serial", "device"}
    values = {"value": 7, "serial": "S", "device": "d"}
    assert fill(domain, values) == ["|", ["a", "=", 7], ["b", "in", ["S", "x-7-d"]]]


@given(value=st.text() | st.integers() | st.booleans())
def test_filled_value_never_changes_what_is_asked(value: str | int) -> None:
    domain = ["|", ["a", "=", "{value}"], ["b", "=", "<{value}>"]]
    filled = fill(domain, {"value": value})
    assert filled == ["|", ["a", "=", value], ["b", "=", f"<{value}>"]]
