"""Subflows laid open: every way through the drawing is a way through the plan, and no other."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.identifier import Endpoint
from flowengine.graph import Body, Link, Outlet, PlannedNode, Wire, flatten
from flowengine.node import Config, Message, Node, Output, node_type


@node_type("pass", category="test")
class Pass(Node[Config]):
    """Pass a message on."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        self.send(self.out, message)


def planned(id_: str) -> PlannedNode:
    return PlannedNode(id=id_, type=Pass.__node_type__, config=Config())


def body(ids: str, wires: list[tuple[str, str]] | None = None, *, entries: str = "", exits: str = "") -> Body:
    return Body(
        nodes={id_: planned(id_) for id_ in ids},
        wires=tuple(Wire(source, "out", target) for source, target in wires or ()),
        inputs={"in": tuple(entries)} if entries else {},
        outputs={"out": tuple(Outlet(id_, "out") for id_ in exits)} if exits else {},
    )


def test_flow_without_instances_stays_as_it_is() -> None:
    flat = flatten({"a": planned("a"), "b": planned("b")}, [Link("a", "out", Endpoint("b"))])
    assert flat.wires == (Wire("a", "out", "b"),)
    assert set(flat.nodes) == {"a", "b"}


def test_instance_is_replaced_by_what_is_inside_it() -> None:
    inner = body("xy", [("x", "y")], entries="xy", exits="y").inside("i")
    links = [Link("a", "out", Endpoint("i")), Link("i", "out", Endpoint("b", None))]
    flat = flatten({"a": planned("a"), "b": planned("b")}, links, {"i": inner})
    assert set(flat.nodes) == {"a", "b", "i/x", "i/y"}
    assert flat.nodes["i/x"].id == "i/x"
    assert flat.wires == (
        Wire("i/x", "out", "i/y"),
        Wire("a", "out", "i/x"),
        Wire("a", "out", "i/y"),
        Wire("i/y", "out", "b"),
    )


def test_wire_between_two_instances_joins_every_end_to_every_end() -> None:
    first = body("ab", exits="ab").inside("one")
    second = body("cd", entries="cd").inside("two")
    flat = flatten({}, [Link("one", "out", Endpoint("two", "in"))], {"one": first, "two": second})
    assert {(wire.source, wire.target) for wire in flat.wires} == {
        (f"one/{source}", f"two/{target}") for source in "ab" for target in "cd"
    }


def test_ports_of_a_subflow_lead_through_the_instances_in_it() -> None:
    inner = body("x", entries="x", exits="x").inside("i")
    ends = {"go": [Endpoint("i"), Endpoint("a")]}
    flat = flatten({"a": planned("a")}, [], {"i": inner}, ends, {"gone": [Endpoint("i", "out"), Endpoint("a", "out")]})
    assert flat.inputs == {"go": ("i/x", "a")}
    assert flat.outputs == {"gone": (Outlet("i/x", "out"), Outlet("a", "out"))}


names = st.sampled_from("abc")
pairs = st.lists(st.tuples(names, names), max_size=6)


@given(inner=pairs, entries=st.sets(names), exits=st.sets(names), outer=pairs)
def test_ways_through_the_plan_are_those_through_the_drawing(
    inner: list[tuple[str, str]], entries: set[str], exits: set[str], outer: list[tuple[str, str]]
) -> None:
    """The node `b` of the outer flow is an instance; a walk of two wires crosses it as the drawing says."""
    inside = Body(
        nodes={id_: planned(id_) for id_ in "abc"},
        wires=tuple(Wire(source, "out", target) for source, target in inner),
        inputs={"in": tuple(sorted(entries))},
        outputs={"out": tuple(Outlet(id_, "out") for id_ in sorted(exits))},
    )
    links = [Link(source, "out", Endpoint(target)) for source, target in outer]
    flat = flatten({"a": planned("a"), "c": planned("c")}, links, {"b": inside.inside("b")})
    expected: Counter[tuple[str, str]] = Counter((f"b/{source}", f"b/{target}") for source, target in inner)
    for source, target in outer:
        starts = [f"b/{id_}" for id_ in exits] if source == "b" else [source]
        ends = [f"b/{id_}" for id_ in entries] if target == "b" else [target]
        expected.update((start, end) for start in starts for end in ends)
    assert Counter((wire.source, wire.target) for wire in flat.wires) == expected
    assert set(flat.nodes) == {"a", "c", "b/a", "b/b", "b/c"}
