"""Case 56 of what a Node-RED user expects, and links between flows."""

from collections.abc import Sequence
from typing import Any

from flowengine.flow.document import ErrorPolicy, RetryPolicy
from flowengine.graph import FlowPlan
from flowengine_nodes.common.catch import Catch
from flowengine_nodes.common.link_call import LinkCall
from flowengine_nodes.common.link_in import LinkIn
from flowengine_nodes.common.link_out import LinkOut
from flowengine_nodes.function.delay import Delay
from flowengine_nodes.function.function import Function
from tests.runtime.stand import Relay, Sink, Source, Stand, node, plan

ONCE = ErrorPolicy(retry=RetryPolicy(attempts=1))


def caller(wires: Sequence[str] = (), **config: Any) -> FlowPlan:
    return plan(
        node(Source, "source"),
        node(LinkCall, "call", {"to": "double", **config}),
        node(Catch, "catch"),
        node(Sink, "answers"),
        node(Sink, "errors"),
        wires=["source -> call", "call -> answers", "catch -> errors", *wires],
        errors=ONCE,
    )


def called(*middle: Any, wires: Sequence[str]) -> FlowPlan:
    back = node(LinkOut, "back", {"mode": "return"})
    return plan(node(LinkIn, "in", {"name": "double"}), *middle, back, wires=wires, flow="called", errors=ONCE)


DOUBLE = called(
    node(Function, "double", {"code": "msg['payload'] *= 2\nreturn msg"}), wires=["in -> double", "double -> back"]
)


async def test_link_sends_across_flows_and_the_source_waits_for_both(stand: Stand) -> None:
    here = plan(node(Source, "source"), node(LinkOut, "out", {"to": ["there", "there-too"]}), wires=["source -> out"])
    there = plan(
        node(LinkIn, "in", {"name": "there"}),
        node(LinkIn, "in-too", {"name": "there-too"}),
        node(Delay, "delay", {"delay": "1s"}),
        node(Sink, "sink"),
        wires=["in -> delay", "in-too -> sink", "delay -> sink"],
        flow="other",
    )
    await stand.deploy(here, there)
    stand["source"].produce(payload=1)
    await stand.settle()
    assert stand.balance()["in_flight"] == 1
    await stand.advance(1)
    sink: Any = stand.engine.flows["other"].cells["sink"].node
    assert sink.payloads == [1, 1]
    assert stand.balance()["settled"] == 1


async def test_link_that_nobody_opened_is_an_error_that_is_tried_again(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "source"), node(LinkOut, "out", {"to": ["there"]}), wires=["source -> out"]))
    stand["source"].produce(payload=1)
    await stand.advance(60)
    assert stand.balance()["failed"] == 1


async def test_link_call_returns_each_answer_to_its_own_caller(stand: Stand) -> None:
    wait = node(Delay, "wait", {"mode": "message"})
    two = called(wait, wires=["in -> wait", "wait -> back"])
    others = plan(
        node(Source, "source"),
        node(LinkCall, "call", {"to": "double"}),
        node(Sink, "answers"),
        wires=["source -> call", "call -> answers"],
        flow="second",
    )
    await stand.deploy(caller(), two, others)
    second: Any = {id: cell.node for id, cell in stand.engine.flows["second"].cells.items()}
    stand["source"].produce(payload="a", delay=2)
    second["source"].produce(payload="b", delay=1)
    stand["source"].produce(payload="c", delay=0.5)
    await stand.advance(3)
    assert stand["answers"].got == [{"payload": "c", "delay": 0.5}, {"payload": "a", "delay": 2}]
    assert second["answers"].got == [{"payload": "b", "delay": 1}]
    assert stand.balance()["settled"] == 2


async def test_link_calls_may_be_nested(stand: Stand) -> None:
    middle = plan(
        node(LinkIn, "in", {"name": "middle"}),
        node(LinkCall, "inner", {"to": "double"}),
        node(LinkOut, "back", {"mode": "return"}),
        wires=["in -> inner", "inner -> back"],
        flow="middle",
    )
    await stand.deploy(caller(to="middle"), middle, DOUBLE)
    stand["source"].produce(payload=4)
    await stand.settle()
    assert stand["answers"].got == [{"payload": 8}]
    assert stand.balance()["settled"] == 1


async def test_link_call_without_an_answer_fails_when_its_time_is_over(stand: Stand) -> None:
    await stand.deploy(caller(timeout="2s"), called(node(Sink, "sink"), wires=["in -> sink"]))
    stand["source"].produce(payload=4)
    await stand.advance(1.9)
    assert stand["errors"].got == []
    await stand.advance(0.1)
    assert [fields["error"]["code"] for fields in stand["errors"].got] == ["link-timeout"]
    assert "link_calls" not in stand["errors"].got[0]
    assert stand.balance()["settled"] == 1


async def test_link_call_drops_and_counts_an_answer_that_comes_too_late(stand: Stand) -> None:
    wait = node(Delay, "wait", {"delay": "3s"})
    await stand.deploy(caller(timeout="2s"), called(wait, wires=["in -> wait", "wait -> back"]))
    stand["source"].produce(payload=4)
    await stand.advance(5)
    assert stand["answers"].got == []
    assert len(stand["errors"].got) == 1
    assert stand.balance()["in_flight"] == 0


async def test_link_call_takes_only_the_first_answer(stand: Stand) -> None:
    two = node(Function, "two", {"code": "return [msg, msg]"})
    await stand.deploy(caller(), called(two, wires=["in -> two", "two -> back"]))
    stand["source"].produce(payload=4)
    await stand.settle()
    assert stand["answers"].payloads == [4]
    assert stand.balance()["dropped"] == {"late-answer": 1}


async def test_link_call_fails_at_once_when_the_called_flow_fails(stand: Stand) -> None:
    await stand.deploy(caller(), called(node(Relay, "relay"), wires=["in -> relay", "relay -> back"]))
    stand["source"].produce(payload="bad")
    await stand.settle()
    (error,) = (fields["error"] for fields in stand["errors"].got)
    assert error["code"] == "call-failed"
    assert error["detail"] == {"link": "double", "reason": "bad-payload"}
    assert stand.balance()["settled"] == 1


async def test_link_call_waits_for_an_answer_from_the_store(stand: Stand) -> None:
    wait = node(Delay, "wait", {"delay": "3s", "durable": True})
    await stand.deploy(caller(), called(wait, wires=["in -> wait", "wait -> back"]))
    stand["source"].produce(payload=4)
    await stand.advance(2.9)
    assert stand.balance()["in_flight"] == 1
    await stand.advance(0.1)
    assert stand["answers"].payloads == [4]
    assert stand.balance()["settled"] == 1


async def test_link_call_is_made_again_by_its_successor(stand: Stand) -> None:
    wait = node(Delay, "wait", {"delay": "3s"})
    answering = called(wait, wires=["in -> wait", "wait -> back"])
    await stand.deploy(caller(), answering)
    stand["source"].produce(payload=4)
    await stand.advance(1)
    await stand.deploy(caller(timeout="20s"), answering)
    await stand.advance(5)
    assert stand["answers"].payloads == [4]
    assert stand.balance()["in_flight"] == 0
