"""What could prove nothing is refused before it runs, with its place."""

from typing import Any

import pytest

from tests.testing.bench import CHAIN, Bench, node

GIVE: dict[str, Any] = {"from": "in.out", "message": {"payload": 1}, "as": "it"}
EXPECT: dict[str, Any] = {"counts": {"sink": 1}}


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ({}, "expect: nothing is expected, so nothing is tested [empty-expectation]"),
        ({"messages": {}}, "expect: nothing is expected, so nothing is tested [empty-expectation]"),
        ({"messages": {"snk": []}}, 'expect.messages.snk: the flow "flow" has no node "snk" [unknown-node]'),
        ({"counts": {"snk": 0}}, 'expect.counts.snk: the flow "flow" has no node "snk" [unknown-node]'),
        ({"outbox": {"snk": []}}, 'expect.outbox.snk: the flow "flow" has no node "snk" [unknown-node]'),
        ({"statuses": {"snk": ""}}, 'expect.statuses.snk: the flow "flow" has no node "snk" [unknown-node]'),
        (
            {"state": {"nodes": {"snk": {"a": 1}}}},
            'expect.state.nodes.snk: the flow "flow" has no node "snk" [unknown-node]',
        ),
        (
            {"dead_letters": [{"node": "snk"}]},
            'expect.dead_letters[0].node: the flow "flow" has no node "snk" [unknown-node]',
        ),
        (
            {"messages": {"map.ou": []}},
            'expect.messages.map.ou: node "map" (map) has no port "ou" [unknown-port]',
        ),
        ({"messages": {"in": []}}, 'expect.messages.in: no messages come to node "in" (source) [no-input]'),
        (
            {"tries": {"map": 0}},
            'expect.tries.map: node "map" (map) sends nothing to the outside, so it has no tries [not-outside]',
        ),
        ({"outbox": {"sink": []}}, 'expect.outbox.sink: node "sink" (sink) has no outbox [no-outbox]'),
        (
            {"ends": {"its": "open"}},
            'expect.ends.its: nothing that was given before has the name "its" [unknown-message]',
        ),
        (
            {"responses": {"it": {"status": 200}}},
            'expect.responses.it: nothing that was given before has the name "it" [unknown-message]',
        ),
        (
            {**EXPECT, "order": {"sink": "any"}},
            'expect.order.sink: no messages are expected at "sink" [unused-order]',
        ),
        (
            {"messages": {"sink": [{"body": {"$is": 1}}]}},
            "expect.messages.sink[0].body.$is: there is no matcher $is [matcher]",
        ),
        (
            {"messages": {"sink": [{"body": {"$any": True, "n": 1}}]}},
            "expect.messages.sink[0].body.n: beside $any nothing else may stand [matcher]",
        ),
        ({"messages": {"sink": [{"body": {"$any": 1}}]}}, "expect.messages.sink[0].body.$any: write true [matcher]"),
        (
            {"messages": {"sink": [{"body": {"$contains": {"a": {"$type": "numbre"}}}}]}},
            (
                'expect.messages.sink[0].body.$contains.a.$type: there is no type "numbre"; the types are number, '
                "integer, text, boolean, object, list, null, bytes [matcher]"
            ),
        ),
        (
            {"statuses": {"map": {"$regex": "("}}},
            (
                "expect.statuses.map.$regex: this is no regular expression: missing ), unterminated subpattern at "
                "position 0 [matcher]"
            ),
        ),
        (
            {"dead_letters": [{"error": {"$approx": "x"}}]},
            "expect.dead_letters[0].error.$approx: $approx and within are numbers [matcher]",
        ),
    ],
)
def test_case_with_an_expectation_that_cannot_be_is_refused(bench: Bench, expect: dict[str, Any], problem: str) -> None:
    assert [one.removeprefix("cases[0].") for one in bench.refuses(CHAIN, [GIVE], expect)] == [problem]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([], "cases[0]: nothing is given to the flow, so nothing is tested [nothing-given]"),
        (
            [{"from": "inn", "message": {}}],
            'cases[0].given[0].from: the flow "flow" has no node "inn" [unknown-node]',
        ),
        (
            [{"from": "map", "message": {}}],
            'cases[0].given[0].from: no messages come from outside through node "map" (map) [no-source]',
        ),
        (
            [{"from": "in", "message": {}}],
            'cases[0].given[0].from: node "in" (source) has not exactly one port [unknown-port]',
        ),
        (
            [{"from": "in.x", "message": {}}],
            'cases[0].given[0].from: node "in" (source) has no port "x" [unknown-port]',
        ),
        ([{"into": "in"}], 'cases[0].given[0].into: node "in" (source) takes no messages [no-input]'),
        (
            [{"from": "in.out", "message": {"topic": "x"}}],
            "cases[0].given[0]: it has no payload [no-payload]",
        ),
        (
            [{**GIVE, "message": {"payload": {"$bytes": "?"}}}],
            "cases[0].given[0].message: $bytes takes Base64: Only base64 data is allowed [bad-value]",
        ),
        ([GIVE, GIVE], 'cases[0].given[1].as: another message of the case has the name "it" [duplicate-name]'),
        (
            [GIVE, {"duplicate": "that"}],
            'cases[0].given[1].duplicate: nothing that was given before has the name "that" [unknown-message]',
        ),
        (
            [{"duplicate": "it"}, GIVE],
            'cases[0].given[0].duplicate: nothing that was given before has the name "it" [unknown-message]',
        ),
        (
            [{"expect": {"ends": {"it": "open"}}}, GIVE],
            'cases[0].given[0].expect.ends.it: nothing that was given before has the name "it" [unknown-message]',
        ),
        (
            [GIVE, {"expect": {}}],
            "cases[0].given[1].expect: nothing is expected, so nothing is tested [empty-expectation]",
        ),
        (
            [GIVE, {"fault": "map"}],
            'cases[0].given[1].fault: node "map" (map) sends nothing to the outside, so it has no faults [not-outside]',
        ),
        (
            [GIVE, {"recover": "in"}],
            (
                'cases[0].given[1].recover: node "in" (source) sends nothing to the outside, so it has no faults '
                "[not-outside]"
            ),
        ),
    ],
)
def test_case_that_gives_what_cannot_be_is_refused(bench: Bench, given: list[Any], problem: str) -> None:
    assert bench.refuses(CHAIN, given, EXPECT) == [problem]


def test_case_with_answers_that_cannot_be_is_refused(bench: Bench) -> None:
    nodes = {**CHAIN, "ask": node("ask", "sink"), "map": node("map", "ask")}
    answers = {"ask": [{"port": "ou"}, {}], "sink": [{}], "map": [{}]}
    assert bench.refuses(nodes, [GIVE], EXPECT, answers=answers) == [
        'cases[0].answers.ask[0].port: node "ask" (ask) has no port "ou" [unknown-port]',
        'cases[0].answers.ask[1]: node "ask" (ask) has not exactly one port [unknown-port]',
        'cases[0].answers.sink[0]: node "sink" (sink) has no port that an answer could leave by [unknown-port]',
        'cases[0].answers.map: node "map" (map) sends nothing to the outside, so it has no answers [not-outside]',
    ]


def test_case_with_a_delay_where_nothing_waits_is_refused(bench: Bench) -> None:
    nodes = {"in": node("source", "fire"), "fire": node("fire")}
    given = [{"fault": "fire", "after": "1s"}, GIVE]
    assert bench.refuses(nodes, given, {"counts": {"fire": 1}}) == [
        'cases[0].given[0].after: node "fire" (fire) does not wait for the outside [cannot-wait]'
    ]


def test_case_that_remembers_for_an_unknown_node_is_refused(bench: Bench) -> None:
    assert bench.refuses(CHAIN, [GIVE], EXPECT, state={"nodes": {"mpa": {"a": 1}}}) == [
        'cases[0].state.nodes.mpa: the flow "flow" has no node "mpa" [unknown-node]'
    ]


def test_problems_of_a_case_have_their_line_and_a_hint(bench: Bench) -> None:
    result = bench.play(CHAIN, [GIVE], {"counts": {"snk": 1}})
    (problem,) = result.problems
    line = next(at for at, text in enumerate(bench.tests_file.read_text().splitlines(), 1) if "snk" in text)
    assert (problem.file, problem.line, problem.flow) == (str(bench.tests_file), line, "flow")
    assert problem.hint == 'did you mean "sink"?'
