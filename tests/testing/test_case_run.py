"""What happens in a case, and what its expectations see of it."""

from collections.abc import Mapping

import pytest

from tests.testing.bench import CHAIN, STORED, Bench, node


def give(payload: object, **more: object) -> dict[str, object]:
    named = {"as": more.pop("as")} if "as" in more else {}
    return {"from": "in.out", "message": {"payload": payload, **more}, **named}


def test_case_gives_messages_as_their_source_would(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [give(1, topic="a")],
        {
            "messages": {
                "in.out": [{"payload": 1, "seen": True}],
                "map": [{"payload": 1, "topic": "a"}],
                "map.out": [{"tag": ""}],
                "sink": [{"$exact": {"body": 1, "to": "a"}}],
                "in.other": [],
            }
        },
    )


def test_case_gives_messages_into_a_node(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"into": "sink", "message": {"payload": 1}, "as": "it"}],
        {"messages": {"map": [], "sink": [{"body": 1}]}, "ends": {"it": "acknowledged"}},
    )


def test_case_gives_and_sees_bytes(bench: Bench) -> None:
    bench.passes(CHAIN, [give({"$bytes": "AP8="})], {"messages": {"sink": [{"body": {"$bytes": "AP8="}}]}})


def test_case_sees_only_the_variables_it_names(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAG", "of the process")
    nodes = {**CHAIN, "map": node("map", "sink", config={"tag": "${TAG}-${OTHER}"})}
    bench.write_flow(nodes)
    given = [give(1)]
    bench.write_tests(
        {"name": "own", "env": {"TAG": "x"}, "given": given, "expect": {"messages": {"map.out": [{"tag": "x-b"}]}}},
        {"name": "shared", "given": given, "expect": {"messages": {"map.out": [{"tag": "a-b"}]}}},
        env={"TAG": "a", "OTHER": "b"},
    )
    assert [case.outcome for case in bench.test().cases] == ["passed", "passed"]


LOOKING = {"in": node("source", "look"), "look": node("look", "sink"), "sink": node("sink")}


def test_case_says_what_a_resource_holds_before_any_node_starts(bench: Bench) -> None:
    bench.write_resources(cupboard={"type": "cupboard"})
    bench.write_flow(LOOKING)
    given = [give(1), {"restart": True}, give(2)]

    def seen(things: object) -> dict[str, object]:
        return {"messages": {"look.out": [{"things": things}, {"things": things}]}}

    bench.write_tests(
        {"name": "shared", "given": given, "expect": seen({"cup": 1})},
        {"name": "own", "resources": {"cupboard": {"plate": 2}}, "given": given, "expect": seen({"plate": 2})},
        {"name": "empty", "resources": {"cupboard": {}}, "given": given, "expect": seen({"$exact": {}})},
        resources={"cupboard": {"cup": 1}},
    )
    assert [(case.name, case.outcome) for case in bench.test().cases] == [
        ("shared", "passed"),
        ("own", "passed"),
        ("empty", "passed"),
    ]


def test_case_with_what_a_resource_cannot_hold_fails_and_says_why(bench: Bench) -> None:
    bench.write_resources(cupboard={"type": "cupboard"}, far={"type": "remote"})
    expect = {"counts": {"sink": 1}}

    def differs(nodes: Mapping[str, object], **held: object) -> list[str]:
        return bench.differs(nodes, [give(1)], expect, resources=held)

    assert differs(LOOKING, cupboard={"snake": 1}) == ['the flow: does not start: resource "cupboard": no snakes']
    assert differs(LOOKING, other={}) == [
        'the flow: does not start: resource "other": the resource "other" is not running'
    ]
    far = {**LOOKING, "look": node("look", "sink", config={"cupboard": "far"})}
    assert differs(far, far={"cup": 1}) == [
        'the flow: does not start: resource "far": a resource of the type remote holds nothing that a test could give'
    ]


def test_case_puts_a_text_in_the_place_of_a_secret(bench: Bench) -> None:
    nodes = {**CHAIN, "map": node("map", "sink", config={"tag": "${secret:key}"})}
    bench.passes(nodes, [give(1)], {"messages": {"map.out": [{"tag": "secret-key"}]}})


def test_case_lets_messages_that_follow_one_another_arrive_together(bench: Bench) -> None:
    nodes = {"in": node("source", "work"), "work": node("worker", "sink", stage={"order": ""}), "sink": node("sink")}
    given = [give(1, seconds=2), give(2, seconds=1)]
    bench.passes(nodes, [*given, {"advance": "2s"}], {"messages": {"sink": [{"body": 2}, {"body": 1}]}})


def test_case_begins_at_the_time_it_names_and_moves_only_by_advance(bench: Bench) -> None:
    nodes = {"tick": node("ticker", "sink"), "sink": node("sink")}
    bench.passes(
        nodes,
        [{"advance": "59s"}, {"expect": {"messages": {"sink": []}}}, {"advance": "61s"}],
        {"messages": {"sink": [{"body": 60.0}, {"body": 120.0}]}},
        start="1970-01-01T00:00:00Z",
    )


def test_case_fails_a_waiting_sink_as_often_as_it_says(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [
            {"fault": "sink", "times": 2, "code": "down"},
            give(1, **{"as": "it"}),
            {"advance": "2999ms"},
            {"expect": {"tries": {"sink": 2}, "ends": {"it": "open"}, "messages": {"sink": []}, "in_flight": 1}},
            {"advance": "1ms"},
        ],
        {"tries": {"sink": 3}, "ends": {"it": "acknowledged"}, "messages": {"sink": [{"body": 1}]}},
    )


def test_case_gives_up_a_message_that_the_outside_refuses(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"fault": "sink", "error": "permanent", "code": "refused"}, give(1, **{"as": "it"})],
        {
            "ends": {"it": "failed: refused"},
            "tries": {"sink": 1},
            "dead_letters": [{"node": "sink", "code": "refused", "error": {"$contains": "refuses"}}],
        },
    )


def test_case_has_a_slow_outside(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [
            {"fault": "sink", "error": "none", "after": "10s"},
            give(1),
            {"advance": "9s"},
            {"expect": {"messages": {"sink": []}, "tries": {"sink": 1}}},
            {"advance": "1s"},
        ],
        {"messages": {"sink": [{"body": 1}]}},
    )


def test_case_lets_an_answer_be_lost_so_that_a_message_arrives_twice(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"fault": "sink", "times": 1, "after": "30s", "taken": True}, give(1), {"advance": "31s"}],
        {"messages": {"sink": [{"body": 1}, {"body": 1}]}, "tries": {"sink": 2}},
    )


def test_case_leaves_the_outside_alone_as_long_as_it_asks(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [
            {"fault": "sink", "times": 1, "retry_after": "1m"},
            give(1),
            {"advance": "59s"},
            {"expect": {"tries": {"sink": 1}}},
            {"advance": "1s"},
        ],
        {"messages": {"sink": [{"body": 1}]}},
    )


def test_case_lets_the_outside_recover(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"fault": "sink"}, give(1), {"advance": "2s"}, {"recover": "sink"}, {"advance": "1s"}],
        {"messages": {"sink": [{"body": 1}]}, "tries": {"sink": 3}},
    )


def test_case_confirms_what_a_holding_node_sends(bench: Bench) -> None:
    nodes = {"in": node("source", "publish"), "publish": node("publish")}
    bench.passes(nodes, [give(1)], {"messages": {"publish": [{"payload": 1}]}})
    fault = {"fault": "publish", "times": 1, "after": "5s"}
    bench.passes(
        nodes,
        [fault, give(1, **{"as": "it"}), {"advance": "4s"}, {"expect": {"ends": {"it": "open"}}}, {"advance": "2s"}],
        {"messages": {"publish": [{"payload": 1}]}, "tries": {"publish": 2}},
    )


def test_case_fails_a_node_that_does_not_wait(bench: Bench) -> None:
    nodes = {"in": node("source", "fire"), "fire": node("fire")}
    bench.passes(
        nodes, [{"fault": "fire", "times": 1}, give(1), {"advance": "1s"}], {"messages": {"fire": [{"payload": 1}]}}
    )


def test_case_fails_a_batch_as_one_call(bench: Bench) -> None:
    nodes = {"in": node("source", "sink"), "sink": node("batch-sink", stage={"order": ""})}
    bench.passes(
        nodes,
        [{"fault": "sink", "times": 1}, give(1), give(2), give("unsendable"), give(3), {"advance": "1s"}],
        {
            "messages": {"sink": [{"body": 1}, {"body": 2}, {"body": 3}]},
            "tries": {"sink": 2},
            "dead_letters": [{"node": "in", "code": "text"}],
        },
    )


def test_case_fails_on_what_the_node_itself_cannot_send(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"into": "sink", "message": {"payload": "unsendable"}}],
        {"dead_letters": [{"code": "unsendable"}], "tries": {"sink": 0}},
    )


def test_case_answers_nodes_that_ask(bench: Bench) -> None:
    nodes = {
        "in": node("source", "ask"),
        "ask": {"type": "ask", "wires": {"out": ["sink"], "none": ["map"]}},
        "map": node("map"),
        "sink": node("sink"),
    }
    bench.passes(
        nodes,
        [give(number) for number in range(5)],
        {"messages": {"sink": [{"body": "a"}, {"body": "b"}, {"body": "b"}, {"body": "c"}], "map": [{"payload": 3}]}},
        answers={
            "ask": [
                {"message": {"payload": "a"}, "port": "out"},
                {"message": {"payload": "b"}, "port": "out", "times": 2},
                {"port": "none"},
                {"message": {"payload": "c"}, "port": "out", "times": None},
            ]
        },
    )


def test_case_gives_a_message_again(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [give(1, **{"as": "it"}), {"duplicate": "it", "as": "again"}],
        {
            "messages": {"map": [{"duplicate": {"$missing": True}}, {"payload": 1, "duplicate": True}]},
            "ends": {"again": "acknowledged"},
        },
    )


def test_restart_gives_again_what_was_not_acknowledged(bench: Bench) -> None:
    nodes = {"in": node("source", "work"), "work": node("worker", "sink"), "sink": node("sink")}
    bench.passes(
        nodes,
        [
            give(1, **{"as": "done"}),
            {"expect": {"ends": {"done": "acknowledged"}}},
            give(2, seconds=5, **{"as": "cut"}),
            {"advance": "4s"},
            {"expect": {"ends": {"cut": "open"}}},
            {"restart": True},
            {"expect": {"ends": {"cut": "open"}, "messages": {"work": [{}, {}, {"payload": 2, "duplicate": True}]}}},
            {"advance": "5s"},
        ],
        {"messages": {"sink": [{"body": 1}, {"body": 2}]}, "ends": {"cut": "acknowledged"}, "in_flight": 0},
    )


def test_restart_loses_what_the_outside_does_not_repeat(bench: Bench) -> None:
    nodes = {"in": node("source", "work"), "work": node("worker", "sink"), "sink": node("sink")}
    bench.passes(
        nodes,
        [give(1, seconds=5, qos=0, **{"as": "it"}), {"restart": True}, {"advance": "1m"}],
        {"messages": {"sink": []}, "ends": {"it": "open"}},
    )


def test_restart_finds_the_outbox_the_state_and_no_old_timer(bench: Bench) -> None:
    bench.passes(
        STORED,
        [
            {"fault": "sink"},
            give(1, topic="a", **{"as": "it"}),
            {"advance": "2s"},
            {"expect": {"ends": {"it": "acknowledged"}, "outbox": {"sink": [{"payload": 1}]}}},
            {"restart": True},
            {"recover": "sink"},
            {"advance": "1m"},
        ],
        {
            "messages": {"sink": [{"body": 1}], "map": [{"payload": 1}]},
            "outbox": {"sink": []},
            "state": {"nodes": {"map": {"count": 1}}},
        },
    )


def test_case_remembers_what_it_is_told_was_remembered(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [give(1)],
        {
            "state": {
                "nodes": {"map": {"count": 42, "other": {"$missing": True}}},
                "flow": {"mode": {"$regex": "^aut"}},
                "all": {"site": "north"},
            },
            "statuses": {"map": "42 seen"},
        },
        state={"nodes": {"map": {"count": 41}}, "flow": {"mode": "auto"}, "all": {"site": "north"}},
    )


def test_case_asks_over_http(bench: Bench) -> None:
    nodes = {"web": node("web", "map"), "map": node("map")}
    request = {"method": "POST", "path": "/things/a%20b?x=1&y=2&y=3", "body": "bad"}
    bench.passes(
        nodes,
        [
            {"request": {**request, "body": [1]}, "as": "good"},
            {"request": {**request, "body": '"bad"'}, "as": "bad"},
            {"request": {"path": "/nowhere"}, "as": "lost"},
            {"request": {"method": "POST", "path": "/things/1", "body": "no JSON"}, "as": "bug"},
        ],
        {
            "messages": {
                "map": [
                    {"id": "a b", "payload": [1], "query": {"x": "1", "y": ["2", "3"]}},
                    {"payload": "bad"},
                ]
            },
            "responses": {
                "good": {
                    "status": 200,
                    "body": {"outcome": "settled"},
                    "headers": {"content-type": "application/json"},
                },
                "bad": {"status": 500, "body": {"outcome": "failed"}},
                "lost": {"status": 404, "body": ""},
                "bug": {"status": 500},
            },
            "dead_letters": [{"node": "map"}],
        },
    )


def test_case_is_the_same_each_time(bench: Bench) -> None:
    nodes = {"in": node("source", "sink"), "sink": node("sink", stage={"order": "$.topic", "outbox": True})}
    given = [give(number, topic=f"device-{number % 7}") for number in range(50)]
    bench.write_flow(nodes, errors={"retry": {"attempts": 5, "initial": "1s"}})
    bench.write_tests(
        {
            "name": "once",
            "given": [{"fault": "sink", "times": 20}, *given, {"advance": "1h"}],
            "expect": {"messages": {"sink": []}},
        }
    )
    first, second = bench.test().cases[0], bench.test().cases[0]
    assert first.outcome == "failed"
    assert len(first.differences) == 50
    assert first.differences == second.differences


def test_message_that_is_tried_again_has_come_once(bench: Bench) -> None:
    bench.passes(
        CHAIN,
        [{"into": "map", "message": {"payload": "later"}}, {"advance": "3s"}],
        {"messages": {"map": [{}], "map.out": [{}], "sink": [{}]}, "state": {"nodes": {"map": {"count": 3}}}},
    )
