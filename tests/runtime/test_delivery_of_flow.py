from flowengine.flow.document import ErrorPolicy
from flowengine.message import Outcome
from tests.runtime.stand import Catch, Keeper, Relay, Sink, Source, Stand, node, plan


async def test_flow_settles_a_message_when_the_chain_of_plain_nodes_returns(stand: Stand) -> None:
    await stand.deploy(
        plan(node(Source, "in"), node(Relay, "map"), node(Sink, "out"), wires=["in -> map", "map -> out"])
    )
    stand["in"].produce(payload=1)
    assert stand["out"].payloads == [1]
    assert [delivery.outcome for delivery in stand["in"].closed] == [Outcome.SETTLED]
    assert stand.balance() == {"received": 1, "settled": 1, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_flow_settles_only_when_every_branch_has_ended(stand: Stand) -> None:
    await stand.deploy(
        plan(node(Source, "in"), node(Keeper, "one"), node(Keeper, "two"), wires=["in -> one", "in -> two"])
    )
    stand["in"].produce(payload=1)
    stand["one"].let_go()
    assert stand["in"].closed == []
    assert stand.balance()["in_flight"] == 1
    stand["two"].let_go()
    assert len(stand["in"].closed) == 1
    assert stand.balance()["settled"] == 1


async def test_flow_sends_to_targets_in_wire_order_and_shares_the_message(stand: Stand) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Relay, "b", {"tag": "b"}),
            node(Relay, "a", {"tag": "a"}),
            node(Sink, "out"),
            wires=["in -> b", "in -> a", "b -> out", "a -> out"],
        )
    )
    payload = {"deep": [1, 2, 3]}
    stand["in"].produce(payload=payload)
    assert [fields["tag"] for fields in stand["out"].got] == ["b", "a"]
    assert all(fields["payload"] is payload for fields in stand["out"].got)


async def test_flow_ends_a_message_at_a_port_without_wires(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), node(Relay, "map"), wires=["in -> map"]))
    stand["in"].produce(payload=1)
    assert stand.balance()["settled"] == 1


async def test_flow_keeps_a_failed_message_as_a_dead_letter(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), node(Relay, "map"), wires=["in -> map"]))
    stand["in"].produce(payload="bad", topic="t")
    assert stand["in"].closed == []  # not before the letter is durable
    await stand.settle()
    assert [(delivery.outcome, delivery.reason) for delivery in stand["in"].closed] == [(Outcome.FAILED, "bad-payload")]
    (letter,) = await stand.store.dead_letters.list()
    assert (letter.flow, letter.node, letter.error_code, letter.error_text) == (
        "flow",
        "map",
        "bad-payload",
        "the payload is bad",
    )
    assert letter.error_detail == {"seen": "bad"}
    assert letter.source_id == stand["in"].closed[0].id
    assert stand.balance()["failed"] == 1


async def test_flow_drops_a_failed_message_where_the_policy_says_so(stand: Stand) -> None:
    policy = ErrorPolicy.model_validate({"then": "drop"})
    await stand.deploy(plan(node(Source, "in"), node(Relay, "map"), wires=["in -> map"], errors=policy))
    stand["in"].produce(payload="bad")
    assert stand.balance()["dropped"] == {"bad-payload": 1}
    assert await stand.store.dead_letters.count() == 0


async def test_flow_counts_one_outcome_for_branches_that_end_differently(stand: Stand) -> None:
    await stand.deploy(
        plan(node(Source, "in"), node(Relay, "map"), node(Sink, "out"), wires=["in -> map", "in -> out"])
    )
    stand["in"].produce(payload="bad")
    await stand.settle()
    assert stand["out"].payloads == ["bad"]
    assert stand.balance() == {"received": 1, "settled": 0, "failed": 1, "dropped": {}, "in_flight": 0}


async def test_flow_retries_what_may_work_later_and_then_gives_up(stand: Stand) -> None:
    policy = ErrorPolicy.model_validate({"retry": {"attempts": 3, "initial": "1s", "jitter": False}})
    await stand.deploy(plan(node(Source, "in"), node(Relay, "map"), wires=["in -> map"], errors=policy))
    stand["in"].produce(payload="later")
    await stand.advance(2.9)
    assert stand.flow.cells["map"].errors == 2
    assert stand.balance()["in_flight"] == 1
    await stand.advance(0.2)
    assert stand.flow.cells["map"].errors == 3
    (letter,) = await stand.store.dead_letters.list()
    assert letter.attempts == 3
    assert stand.balance()["failed"] == 1


async def test_flow_treats_a_bug_in_a_node_as_an_error_of_its_message(stand: Stand) -> None:
    await stand.deploy(
        plan(node(Source, "in"), node(Relay, "map"), node(Sink, "out"), wires=["in -> map", "map -> out"])
    )
    stand["in"].produce(payload="bug")
    stand["in"].produce(payload=2)
    await stand.settle()
    assert stand["out"].payloads == [2]
    (letter,) = await stand.store.dead_letters.list()
    assert letter.error_code == "unexpected-error"
    assert "a bug in the node" in letter.error_text


async def test_flow_runs_a_chain_far_longer_than_the_stack_allows(stand: Stand) -> None:
    length = 5000
    chain = [node(Relay, f"n{number}") for number in range(length)]
    wires = ["in -> n0", *(f"n{number} -> n{number + 1}" for number in range(length - 1)), f"n{length - 1} -> out"]
    await stand.deploy(plan(node(Source, "in"), *chain, node(Sink, "out"), wires=wires))
    stand["in"].produce(payload="far")
    await stand.settle()
    assert stand["out"].payloads == ["far"]
    assert stand.balance()["settled"] == 1


async def test_flow_sends_an_error_to_the_catch_node_and_settles_the_message(stand: Stand) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Relay, "map"),
            node(Catch, "catch"),
            node(Sink, "seen"),
            wires=["in -> map", "catch -> seen"],
        )
    )
    stand["in"].produce(payload="bad", topic="t")
    (caught,) = stand["seen"].got
    assert caught["payload"] == "bad"
    assert caught["error"] == {
        "code": "bad-payload",
        "message": "the payload is bad",
        "node": "map",
        "type": "relay",
        "flow": "flow",
        "count": 1,
        "detail": {"seen": "bad"},
    }
    assert stand.balance()["settled"] == 1
    assert await stand.store.dead_letters.count() == 0


async def test_catch_for_a_node_beats_catch_for_all_beats_catch_for_the_rest(stand: Stand) -> None:
    await stand.deploy(
        plan(
            node(Source, "in"),
            node(Relay, "first"),
            node(Relay, "second"),
            node(Catch, "of-first", {"nodes": ["first"]}),
            node(Catch, "of-all"),
            node(Catch, "of-rest", {"last": True}),
            node(Sink, "a"),
            node(Sink, "b"),
            node(Sink, "c"),
            wires=["in -> first", "in -> second", "of-first -> a", "of-all -> b", "of-rest -> c"],
        )
    )
    stand["in"].produce(payload="bad")
    assert [fields["error"]["node"] for fields in stand["a"].got] == ["first"]
    assert [fields["error"]["node"] for fields in stand["b"].got] == ["second"]
    assert stand["c"].got == []


async def test_catch_breaks_a_loop_of_errors_after_ten_rounds(stand: Stand) -> None:
    looped = plan(node(Source, "in"), node(Relay, "map"), node(Catch, "catch"), wires=["in -> map", "catch -> map"])
    await stand.deploy(looped)
    stand["in"].produce(payload="bad")
    await stand.settle()
    assert stand.flow.cells["map"].errors == 11
    (letter,) = await stand.store.dead_letters.list()
    assert letter.error_code == "bad-payload"
    assert stand.balance()["failed"] == 1
