from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.testing.message_lists import compare_messages

MESSAGES = st.lists(st.fixed_dictionaries({"key": st.sampled_from("ab"), "n": st.integers(0, 2)}), max_size=6)


def differences(expected: list[dict[str, Any]], got: list[dict[str, Any]], order: str = "") -> list[str]:
    return [str(one) for one in compare_messages(expected, got, "at", order)]


@given(MESSAGES, MESSAGES)
def test_messages_in_order_are_equal_lists(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    assert bool(differences(one, other)) == (one != other)


@given(MESSAGES, st.randoms())
def test_messages_in_any_order_are_equal_however_shuffled(messages: list[dict[str, Any]], chance: Any) -> None:
    shuffled = list(messages)
    chance.shuffle(shuffled)
    assert not differences(messages, shuffled, "any")
    if messages:
        assert differences(messages, shuffled[1:], "any")
        assert differences(messages[1:], shuffled, "any")


@given(MESSAGES, MESSAGES)
def test_messages_in_order_of_a_key_are_equal_for_each_key(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    def of(messages: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
        return [message for message in messages if message["key"] == key]

    same = all(of(one, key) == of(other, key) for key in "ab")
    assert bool(differences(one, other, "$.key")) == (not same)


def test_messages_in_any_order_are_assigned_so_that_most_fit() -> None:
    assert not differences([{"n": {"$any": True}}, {"n": 1}], [{"n": 1}, {"n": 2}], "any")


@pytest.mark.parametrize(
    ("expected", "got", "order", "says"),
    [
        ([1, 2, 3], [1, 9, 2, 3], "", ['at: not expected: {"n":9}']),
        ([1, 2, 3], [1, 3], "", ['at[1]: missing: {"n":2}']),
        ([1, 2, 3], [1, 9, 3], "", ["at[1].n: expected 2, got 9"]),
        ([1, 2], [2, 1], "", ["at[0].n: expected 1, got 2", "at[1].n: expected 2, got 1"]),
        ([1, 2], [2, 9], "any", ["at[0].n: expected 1, got 9"]),
        ([1], [], "any", ['at[0]: missing: {"n":1}']),
        ([], [1], "any", ['at: not expected: {"n":1}']),
    ],
)
def test_difference_names_what_is_wrong_and_no_more(
    expected: list[int], got: list[int], order: str, says: list[str]
) -> None:
    assert differences([{"n": n} for n in expected], [{"n": n} for n in got], order) == says
