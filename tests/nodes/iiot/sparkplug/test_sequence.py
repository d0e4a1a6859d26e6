import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.sparkplug.sequence import EdgeNode, Sequences, edge_node, sequence_of
from tests.nodes.iiot.sparkplug.payloads import payload

NODE = EdgeNode("plant", "edge")


@given(st.lists(st.booleans(), max_size=600))
def test_a_gap_is_found_exactly_where_messages_are_missing(came: list[bool]) -> None:
    sequences = Sequences()
    sequences.follow(NODE, "NBIRTH", payload(sequence=0))
    missing = 0
    for number, has_come in enumerate(came, 1):
        if not has_come:
            missing += 1
            continue
        gap = sequences.follow(NODE, "DDATA", payload(sequence=number % 256))
        # So many that the row comes round, or to the same number again, cannot be told.
        if missing % 256 and missing != 255:
            assert gap is not None
            assert gap.describe()["missing"] == missing % 256
        missing = 0


def test_numbers_begin_anew_after_the_death_of_an_edge_node() -> None:
    sequences = Sequences()
    assert sequences.follow(NODE, "NDATA", payload(sequence=7)) is None
    assert sequences.follow(NODE, "NDEATH", payload()) is None
    assert sequences.follow(NODE, "NDATA", payload(sequence=70)) is None
    assert sequences.gaps == 0


@pytest.mark.parametrize("broken", [None, "text", b"\xff", payload(), payload(sequence=256)])
def test_message_without_a_number_is_passed_over(broken: object) -> None:
    assert sequence_of(broken) is None
    assert Sequences().follow(NODE, "DDATA", broken) is None


def test_topic_says_whose_a_message_is() -> None:
    assert edge_node("spBv1.0/plant/DDATA/edge/b1") == (NODE, "DDATA")
    assert edge_node("spBv1.0/plant/NDATA/edge") == (NODE, "NDATA")
    assert edge_node("spBv1.0/STATE/host") is None
    assert edge_node("telemetry/b1/data/x") is None
