import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.demo.sequences import Sequences


@given(st.lists(st.integers(1, 40)))
def test_sequences_are_a_set_of_numbers(numbers: list[int]) -> None:
    sequences = Sequences()
    seen: set[int] = set()
    for number in numbers:
        assert sequences.add(number) is (number not in seen)
        seen.add(number)
        assert len(sequences) == len(seen)
        assert sequences.highest == max(seen)
    assert [number for number in range(-1, 42) if number in sequences] == sorted(seen)
    assert sequences.missing(41) == [number for number in range(1, 42) if number not in seen]


def test_sequences_refuse_numbers_below_one() -> None:
    with pytest.raises(ValueError, match="start at 1, not at 0"):
        Sequences().add(0)
