"""Case 55 of what a Node-RED user expects, and the nodes that hear of others."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.graph import PlannedNode
from flowengine_nodes.common.catch import Catch
from flowengine_nodes.common.complete import Complete
from flowengine_nodes.common.status import StatusChanges
from flowengine_nodes.function.delay import Delay
from flowengine_nodes.function.switch import Switch
from tests.runtime.stand import Relay, Sink, Source, Stand, node, plan


def errors(sink: Any) -> list[Any]:
    return [fields["error"]["node"] for fields in sink.got]


async def test_catch_takes_the_message_with_its_error(stand: Stand) -> None:
    wires = ["source -> relay", "catch -> caught"]
    nodes = [node(Source, "source"), node(Relay, "relay"), node(Catch, "catch"), node(Sink, "caught")]
    await stand.deploy(plan(*nodes, wires=wires))
    stand["source"].produce(payload="bad", topic="t")
    assert stand["caught"].got == [
        {
            "payload": "bad",
            "topic": "t",
            "error": {
                "code": "bad-payload",
                "message": "the payload is bad",
                "node": "relay",
                "type": "relay",
                "flow": "flow",
                "count": 1,
                "detail": {"seen": "bad"},
            },
        }
    ]
    assert stand.balance()["settled"] == 1


async def test_catch_that_names_the_node_beats_all_beats_uncaught(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "one"),
        node(Relay, "two"),
        node(Catch, "named", {"nodes": ["one"]}),
        node(Catch, "all"),
        node(Catch, "rest", {"uncaught": True}),
        *(node(Sink, f"{id}-sink") for id in ("named", "all", "rest")),
    ]
    wires = ["source -> one", "source -> two", *(f"{id} -> {id}-sink" for id in ("named", "all", "rest"))]
    await stand.deploy(plan(*nodes, wires=wires))
    stand["source"].produce(payload="bad")
    assert {id: errors(stand[f"{id}-sink"]) for id in ("named", "all", "rest")} == {
        "named": ["one"],
        "all": ["two"],
        "rest": [],
    }


async def test_catch_uncaught_takes_what_no_other_does(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "one"),
        node(Catch, "named", {"nodes": ["two"]}),
        node(Catch, "rest", {"uncaught": True}),
        node(Sink, "sink"),
    ]
    await stand.deploy(plan(*nodes, wires=["source -> one", "rest -> sink"]))
    stand["source"].produce(payload="bad")
    assert errors(stand["sink"]) == ["one"]


async def test_catch_inside_a_subflow_goes_before_one_outside(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "a/relay"),
        node(Catch, "a/catch"),
        node(Relay, "b/relay"),
        node(Catch, "catch"),
        node(Sink, "inside"),
        node(Sink, "outside"),
    ]
    wires = ["source -> a/relay", "source -> b/relay", "a/catch -> inside", "catch -> outside"]
    await stand.deploy(plan(*nodes, wires=wires))
    stand["source"].produce(payload="bad")
    assert errors(stand["inside"]) == ["a/relay"]
    assert errors(stand["outside"]) == ["b/relay"]


async def test_catch_ends_a_loop_of_errors(stand: Stand) -> None:
    nodes = [node(Source, "source"), node(Relay, "relay"), node(Catch, "catch")]
    await stand.deploy(plan(*nodes, wires=["source -> relay", "catch -> relay"]))
    stand["source"].produce(payload="bad")
    await stand.settle()
    assert stand.balance()["failed"] == 1
    assert stand.flow.cells["relay"].received == 11


async def test_status_tells_each_change_once(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "relay"),
        node(StatusChanges, "status", {"nodes": ["relay"]}),
        node(Sink, "sink"),
    ]
    await stand.deploy(plan(*nodes, wires=["status -> sink"]))
    stand["relay"].context.status("working", "busy")
    stand["relay"].context.status("working", "busy")
    stand["source"].context.status("other")
    assert stand["sink"].got == [{"status": {"node": "relay", "type": "relay", "text": "working", "level": "busy"}}]


async def test_complete_hears_of_a_switch_that_sent_nothing(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Switch, "switch"),
        node(Complete, "complete", {"nodes": ["switch"]}),
        node(Sink, "sink"),
    ]
    await stand.deploy(plan(*nodes, wires=["source -> switch", "complete -> sink"]))
    stand["source"].produce(payload=1)
    assert stand["sink"].got == [{"payload": 1, "complete": {"node": "switch", "type": "switch", "after": []}}]


async def test_complete_hears_of_a_delay_once_the_message_has_left(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Delay, "delay", {"delay": "2s"}),
        node(Complete, "complete", {"nodes": ["delay"]}),
        node(Sink, "sink"),
    ]
    await stand.deploy(plan(*nodes, wires=["source -> delay", "complete -> sink"]))
    stand["source"].produce(payload=1)
    await stand.advance(1.9)
    assert stand["sink"].got == []
    await stand.advance(0.1)
    assert stand["sink"].payloads == [1]


async def test_complete_does_not_hear_of_a_message_that_failed(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "relay"),
        node(Complete, "complete", {"nodes": ["relay"]}),
        node(Sink, "sink"),
    ]
    await stand.deploy(plan(*nodes, wires=["source -> relay", "complete -> sink"]))
    stand["source"].produce(payload="bad")
    assert stand["sink"].got == []


async def test_complete_that_feeds_what_it_hears_of_tells_of_each_node_once(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        node(Relay, "a"),
        node(Relay, "b"),
        node(Complete, "complete", {"nodes": ["a", "b"]}),
        node(Sink, "sink"),
    ]
    wires = ["source -> a", "complete -> sink", "complete -> a", "complete -> b"]
    await stand.deploy(plan(*nodes, wires=wires))
    stand["source"].produce(payload=1)
    await stand.settle()
    news = [fields["complete"] for fields in stand["sink"].got]
    assert [(one["after"], one["node"]) for one in news] == [([], "a"), (["a"], "b")]
    assert stand.balance()["settled"] == 1


def grouped(kind: Any, id: str, *company: str) -> PlannedNode:
    return replace(node(kind, id, {"group": True}), company=frozenset((id, *company)))


async def test_catch_for_a_group_takes_its_errors_before_one_for_all(stand: Stand) -> None:
    nodes = [
        node(Source, "source"),
        *(node(Relay, id) for id in ("one", "two", "three")),
        grouped(Catch, "group", "one", "two"),
        node(Catch, "named", {"nodes": ["two"]}),
        node(Catch, "all"),
        *(node(Sink, f"{id}-sink") for id in ("group", "named", "all")),
    ]
    wires = [
        *(f"source -> {id}" for id in ("one", "two", "three")),
        *(f"{id} -> {id}-sink" for id in ("group", "named", "all")),
    ]
    await stand.deploy(plan(*nodes, wires=wires))
    stand["source"].produce(payload="bad")
    assert {id: errors(stand[f"{id}-sink"]) for id in ("group", "named", "all")} == {
        "group": ["one"],
        "named": ["two"],
        "all": ["three"],
    }


async def test_status_for_a_group_hears_of_its_nodes_only(stand: Stand) -> None:
    nodes = [node(Sink, "in"), node(Sink, "out"), grouped(StatusChanges, "status", "in"), node(Sink, "seen")]
    await stand.deploy(plan(*nodes, wires=["status -> seen"]))
    for id in ("in", "out"):
        stand[id].context.status("busy")
    await stand.settle()
    assert [fields["status"]["node"] for fields in stand["seen"].got] == ["in"]


@pytest.mark.parametrize("kind", [Catch, StatusChanges])
def test_listener_has_one_scope(kind: Any) -> None:
    with pytest.raises(ValidationError, match="leave one out"):
        kind.__node_type__.validate({"nodes": ["a"], "group": True})
