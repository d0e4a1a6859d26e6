"""A case that must fail fails, and says exactly what is other than expected."""

from typing import Any

import pytest

from tests.testing.bench import CHAIN, STORED, Bench, node

GIVE: dict[str, Any] = {"from": "in.out", "message": {"payload": {"n": 1}, "topic": "a"}, "as": "it"}


@pytest.mark.parametrize(
    ("expect", "differences"),
    [
        (
            {"messages": {"sink": [{"body": {"n": 2}}]}},
            ["expect.messages.sink[0].body.n: expected 2, got 1"],
        ),
        ({"messages": {"sink": [{"body": {}}]}}, ["expect.messages.sink[0].body.n: not expected: 1"]),
        (
            {"messages": {"sink": [{"body": {"n": 1, "m": 2}}]}},
            ["expect.messages.sink[0].body.m: missing: 2"],
        ),
        ({"messages": {"sink": []}}, ['expect.messages.sink: not expected: {"body":{"n":1},"to":"a"}']),
        (
            {"messages": {"sink": [{}, {"to": "b"}]}},
            ['expect.messages.sink[1]: missing: {"to":"b"}'],
        ),
        (
            {"messages": {"map.out": [{"$exact": {"payload": {"n": 1}}}]}},
            [
                (
                    'expect.messages["map.out"][0]: expected {"payload":{"n":1}}, '
                    'got {"payload":{"n":1},"topic":"a","seen":true,"tag":""}'
                )
            ],
        ),
        ({"counts": {"map": 2}}, ["expect.counts.map: expected 2, got 1"]),
        ({"tries": {"sink": 2}}, ["expect.tries.sink: expected 2, got 1"]),
        ({"ends": {"it": "open"}}, ["expect.ends.it: expected open, got acknowledged"]),
        ({"ends": {"it": "failed: bad-payload"}}, ["expect.ends.it: expected failed: bad-payload, got acknowledged"]),
        ({"dead_letters": [{"node": "map"}]}, ["expect.dead_letters[0]: there is no such dead letter"]),
        ({"state": {"nodes": {"map": {"count": 2}}}}, ["expect.state.nodes.map.count: expected 2, got 1"]),
        ({"state": {"flow": {"mode": "auto"}}}, ['expect.state.flow.mode: missing: "auto"']),
        ({"state": {"all": {"site": "north"}}}, ['expect.state.all.site: missing: "north"']),
        ({"statuses": {"map": "2 seen"}}, ['expect.statuses.map: expected "2 seen", got "1 seen"']),
        ({"in_flight": 1}, ["expect.in_flight: expected 1, got 0"]),
    ],
)
def test_case_fails_where_it_differs(bench: Bench, expect: dict[str, Any], differences: list[str]) -> None:
    assert bench.differs(CHAIN, [GIVE], expect) == differences
    middle = bench.differs(CHAIN, [GIVE, {"expect": expect}], {"messages": {"sink": [{}]}})
    assert middle == [one.replace("expect.", "given[1].expect.", 1) for one in differences]


def test_case_fails_on_what_waits_in_the_outbox(bench: Bench) -> None:
    down = {"fault": "sink"}
    assert bench.differs(STORED, [down, GIVE], {"outbox": {"sink": []}}) == [
        'expect.outbox.sink: not expected: {"payload":{"n":1},"topic":"a","seen":true,"tag":""}'
    ]
    assert bench.differs(STORED, [down, GIVE], {"outbox": {"sink": [{"payload": 1}]}}) == [
        'expect.outbox.sink[0].payload: expected 1, got {"n":1}'
    ]
    assert bench.differs(STORED, [GIVE], {"outbox": {"sink": [{}]}}) == ["expect.outbox.sink[0]: missing: {}"]


def test_case_fails_on_a_dead_letter_that_is_other_than_expected(bench: Bench) -> None:
    bad = {"into": "map", "message": {"payload": "bad"}}
    letter = {"node": "map", "code": "bad-payload", "error": "the payload is bad", "message": {"payload": "bad"}}
    bench.passes(CHAIN, [bad], {"dead_letters": [letter]})
    assert bench.differs(CHAIN, [bad], {"dead_letters": [{**letter, "node": "sink"}]}) == [
        'expect.dead_letters[0].node: expected "sink", got "map"'
    ]
    assert bench.differs(CHAIN, [bad], {"dead_letters": [{**letter, "code": "other"}]}) == [
        'expect.dead_letters[0].code: expected "other", got "bad-payload"'
    ]
    assert bench.differs(CHAIN, [bad], {"dead_letters": [{**letter, "error": {"$regex": "^x"}}]}) == [
        'expect.dead_letters[0].error: expected a text that matches ^x, got "the payload is bad"'
    ]
    assert bench.differs(CHAIN, [bad], {"dead_letters": [{"message": {"payload": "good"}}]}) == [
        'expect.dead_letters[0].message.payload: expected "good", got "bad"'
    ]


def test_case_fails_on_responses_that_are_other_than_expected(bench: Bench) -> None:
    nodes = {"web": node("web", "work"), "work": node("worker")}
    request = {"request": {"method": "POST", "path": "/things/1", "body": 1}, "as": "it"}
    expect = {"responses": {"it": {"status": 201, "body": {"outcome": "failed"}, "headers": {"x": "y"}}}}
    assert bench.differs(nodes, [request], expect) == [
        'expect.responses.it.headers.x: missing: "y"',
        "expect.responses.it.status: expected 201, got 200",
        'expect.responses.it.body.outcome: expected "failed", got "settled"',
    ]
    slow = {"web": node("web", "sink"), "sink": node("sink")}
    assert bench.differs(
        slow, [{"fault": "sink"}, request], {"responses": {"it": {"status": 200}}, "in_flight": 1}
    ) == ["expect.responses.it: there is no answer"]


def test_case_fails_on_dead_letters_it_does_not_speak_of(bench: Bench) -> None:
    assert bench.differs(CHAIN, [GIVE, {"into": "map", "message": {"payload": "bad"}}], {"counts": {"sink": 1}}) == [
        "expect.dead_letters: not expected: map gave a message up: the payload is bad [bad-payload]"
    ]


def test_case_fails_on_messages_that_have_not_ended(bench: Bench) -> None:
    down = {"fault": "sink"}
    assert bench.differs(CHAIN, [down, GIVE], {"messages": {"sink": []}}) == [
        (
            "given[1]: the message is not acknowledged at the end; it came to these nodes: map, sink; "
            "let time pass, or give it a name and expect it in 'ends'"
        )
    ]
    bench.passes(CHAIN, [down, GIVE], {"ends": {"it": "open"}})
    assert bench.differs(CHAIN, [down, GIVE], {"ends": {"it": "acknowledged"}}) == [
        "expect.ends.it: expected acknowledged, got open; it came to these nodes: map, sink"
    ]


def test_case_fails_on_messages_of_own_sources_that_have_not_ended(bench: Bench) -> None:
    nodes = {"tick": node("ticker", "sink"), "sink": node("sink")}
    given = [{"fault": "sink"}, {"advance": "60s"}]
    assert bench.differs(nodes, given, {"messages": {"sink": []}}) == [
        "account: 1 of the messages of the flow's own sources have not ended; expect 'in_flight'"
    ]
    bench.passes(nodes, given, {"in_flight": 1})


def test_case_fails_on_messages_that_are_dropped_without_its_word(bench: Bench) -> None:
    unwanted = {"into": "map", "message": {"payload": "unwanted"}, "as": "it"}
    assert bench.differs(CHAIN, [unwanted], {"messages": {"sink": []}}) == [
        "given[0]: the message was dropped (unwanted); if it should be, give it a name and say so in 'ends'"
    ]
    bench.passes(CHAIN, [unwanted], {"ends": {"it": "dropped"}})
    bench.passes(CHAIN, [unwanted], {"ends": {"it": "dropped: unwanted"}})
    assert bench.differs(CHAIN, [unwanted], {"ends": {"it": "dropped: other"}}) == [
        "expect.ends.it: expected dropped: other, got dropped: unwanted"
    ]


def test_case_fails_on_faults_and_answers_in_vain(bench: Bench) -> None:
    never = [GIVE, {"fault": "sink"}]
    assert bench.differs(CHAIN, never, {"counts": {"sink": 1}}) == [
        "given[1].fault: the fault never struck: nothing came to the node"
    ]
    assert bench.differs(CHAIN, [{"fault": "sink", "times": 3}, GIVE, {"advance": "1s"}], {"ends": {"it": "open"}}) == [
        "given[0].fault: the fault struck 2 of 3 times"
    ]
    nodes = {"in": node("source", "ask"), "ask": node("ask", "sink"), "sink": node("sink")}
    answers = {"ask": [{"message": {"payload": 1}, "port": "out"}, {"port": "out"}]}
    assert bench.differs(nodes, [GIVE], {"counts": {"sink": 1}}, answers=answers) == [
        "answers.ask: 1 of the answers were not asked for"
    ]
    assert bench.differs(nodes, [GIVE], {"counts": {"sink": 0}}) == [
        "answers.ask: 1 of its messages got no answer, though one of its ports leads on; give an answer for each"
    ]


def test_case_fails_when_the_flow_does_not_start(bench: Bench) -> None:
    nodes = {"in": node("source", "broken"), "broken": node("broken")}
    assert bench.differs(nodes, [GIVE], {"counts": {"broken": 1}}) == ["the flow: does not start: the part is missing"]


def test_case_fails_when_it_never_comes_to_rest(bench: Bench) -> None:
    bench.write_flow({"in": node("source", "circle"), "circle": node("circle", "circle")})
    bench.write_tests({"name": "ends", "given": [GIVE], "expect": {"counts": {"circle": 1}}})
    (result,) = bench.test(longest=0.2).cases
    assert [str(one) for one in result.differences] == [
        (
            "the case: takes longer than 0.2 s of real time; messages may go round in a circle, "
            "or too much happens in the time that passes"
        )
    ]


def test_case_keeps_what_the_flow_said_when_it_fails(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bad = {"into": "map", "message": {"payload": "bad"}}
    result = bench.play(CHAIN, [bad], {"counts": {"sink": 1}})
    assert result.log == ("warning: map: the payload is bad",)
    assert caplog.records == []
