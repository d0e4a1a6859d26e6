"""What the shape of a flow tells: circles, what is reached, and where calls must be cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flowengine.graph import Wire, cycles, deferred_wires, dependency_order, reached
from flowengine.graph.depth import DEEPEST_CHAIN

names = st.sampled_from("abcdef")
drawn = st.lists(st.tuples(names, names), max_size=14)


def wires(pairs: list[tuple[str, str]]) -> list[Wire]:
    return [Wire(source, "out", target) for source, target in pairs]


def ways_back(pairs: list[tuple[str, str]], cut: set[str]) -> set[str]:
    """Return the nodes from which a walk leads back to them without meeting a cut, by brute force."""
    left = [(source, target) for source, target in pairs if not {source, target} & cut]
    return {
        node for node in "abcdef" if any(node in reached([target], left) for source, target in left if source == node)
    }


@given(pairs=drawn, cut=st.sets(names))
def test_cycles_are_real_and_leave_no_turning_node_out(pairs: list[tuple[str, str]], cut: set[str]) -> None:
    found = cycles(wires(pairs), cut)
    turning = ways_back(pairs, cut)
    for way in found:
        assert all(step in pairs for step in pairwise((*way, way[0])))
        assert not set(way) & cut
        assert way[0] == min(way)
    assert {node for way in found for node in way} <= turning
    # Each turning node goes round with one that was told.
    left = [(source, target) for source, target in pairs if not {source, target} & cut]
    told = {node for way in found for node in way}
    assert all(told & reached([node], left) for node in turning)


def test_cycle_through_the_first_node_is_the_shortest() -> None:
    pairs = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a"), ("b", "a"), ("e", "e"), ("f", "a")]
    assert cycles(wires(pairs)) == [("a", "b"), ("e",)]


@given(pairs=drawn, starts=st.sets(names))
def test_reached_is_closed_and_has_nothing_without_a_way(pairs: list[tuple[str, str]], starts: set[str]) -> None:
    seen = reached(starts, pairs)
    assert starts <= seen
    assert all(target in seen for source, target in pairs if source in seen)
    assert all(node in starts or any(target == node and source in seen for source, target in pairs) for node in seen)


@given(pairs=drawn, cut=st.sets(names))
def test_without_deferred_wires_no_call_comes_back(pairs: list[tuple[str, str]], cut: set[str]) -> None:
    drawn_wires = wires(pairs)
    deferred = deferred_wires(drawn_wires, cut)
    called = [wire for wire in drawn_wires if wire not in deferred and wire.target not in cut]
    assert cycles(called) == []


def test_deferred_wires_cut_a_long_chain_into_short_ones() -> None:
    chain = [Wire(f"{number}", "out", f"{number + 1}") for number in range(10 * DEEPEST_CHAIN)]
    deferred = deferred_wires(chain)
    longest = run = 0
    for wire in chain:
        run = 0 if wire in deferred else run + 1
        longest = max(longest, run)
    assert 9 <= len(deferred) <= 11
    assert longest <= DEEPEST_CHAIN


def test_deferred_wires_are_none_where_a_stage_takes_the_message() -> None:
    turning = wires([("a", "b"), ("b", "a")])
    assert deferred_wires(turning) == frozenset(turning)
    assert deferred_wires(turning, cut=["b"]) == frozenset()


@given(pairs=drawn)
def test_dependency_order_puts_everything_after_what_it_depends_on(pairs: list[tuple[str, str]]) -> None:
    order, circular = dependency_order("abcdef", pairs)
    assert sorted(order) == list("abcdef")
    assert all(order.index(one) > order.index(other) for one, other in pairs if (one, other) not in circular)
    assert circular == {(one, other) for one, other in pairs if one in reached([other], pairs)}
