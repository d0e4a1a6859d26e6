"""What flow tests see of nodes that talk to the outside is what the nodes would make of it."""

from pathlib import Path
from typing import Any

import pytest

from flowengine.registry import Registry, load_node_packs
from tests.testing.bench import Bench

READINGS = {"type": "mqtt-in", "config": {"broker": "main", "topic": "t/{device}", "payload": "json"}}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.registry = Registry()
    load_node_packs(made.registry)
    (tmp_path / "resources.json").write_text('{"flowengine": 1, "resources": {"main": {"type": "mqtt-broker"}}}')
    return made


def from_broker(**fields: Any) -> list[dict[str, Any]]:
    return [{"from": "readings", "message": {"topic": "t/d1", **fields}, "as": "it"}]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"payload": {"a": 1}},
            {"payload": {"a": 1}, "topic": "t/d1", "device": "d1", "qos": 1, "retain": False},
        ),
        (
            {"payload": "[1]", "qos": 0, "retain": True, "duplicate": True},
            {"payload": [1], "topic": "t/d1", "device": "d1", "qos": 0, "retain": True, "duplicate": True},
        ),
        (
            {"payload": {"$bytes": "NDI="}, "qos": 2},
            {"payload": 42, "topic": "t/d1", "device": "d1", "qos": 1, "retain": False},
        ),
    ],
)
def test_mqtt_in_makes_its_fields_of_what_the_broker_sends(
    bench: Bench, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    bench.passes({"readings": READINGS}, from_broker(**fields), {"messages": {"readings.out": [{"$exact": expected}]}})


def test_mqtt_in_gets_nothing_it_has_not_subscribed_to(bench: Bench) -> None:
    given = [{"from": "readings", "message": {"topic": "u/d1", "payload": 1}}]
    assert bench.refuses({"readings": READINGS}, given, {"messages": {"readings.out": []}}) == [
        "cases[0].given[0]: the broker would not send this: the topic u/d1 does not match t/{device} [topic-mismatch]"
    ]


def test_mqtt_in_fails_on_a_payload_it_cannot_read(bench: Bench) -> None:
    bench.passes(
        {"readings": READINGS},
        from_broker(payload="{"),
        {"ends": {"it": "failed: invalid-payload"}, "dead_letters": [{"node": "readings"}]},
    )


def test_mqtt_out_shows_what_it_would_publish(bench: Bench) -> None:
    nodes = {"send": {"type": "mqtt-out", "config": {"broker": "main", "topic": "cmd/{device}", "retain": None}}}
    message = {"device": "d1", "payload": {"a": 1}, "retain": True, "properties": {"content_type": "x"}}
    bench.passes(
        nodes,
        [
            {"into": "send", "message": message},
            {"into": "send", "message": {**message, "device": "d1/+"}},
            {"into": "send", "message": {**message, "properties": {"colour": "red"}}},
        ],
        {
            "messages": {
                "send": [
                    {
                        "$exact": {
                            "topic": "cmd/d1",
                            "payload": {"a": 1},
                            "qos": 1,
                            "retain": True,
                            "properties": {"content_type": "x"},
                        }
                    }
                ]
            },
            "dead_letters": [{"code": "missing-topic-field"}, {"code": "invalid-properties"}],
        },
    )


def test_http_request_shows_what_it_would_ask(bench: Bench) -> None:
    nodes = {
        "ask": {
            "type": "http-request",
            "config": {
                "method": None,
                "url": "https://x.test/{device}",
                "query": {"n": "{n}"},
                "auth": "bearer",
                "token": "${secret:token}",
            },
            "wires": {"out": ["show"]},
        },
        "show": {"type": "debug"},
    }
    message = {"device": "a/b", "n": 1, "payload": {"a": 1}}
    headers = {"Authorization": "Bearer secret-token"}
    bench.passes(
        nodes,
        [
            {"into": "ask", "message": {**message, "method": "POST"}},
            {"into": "ask", "message": {**message, "method": "GET"}},
            {"into": "ask", "message": {"method": "GET", "n": 1}},
        ],
        {
            "messages": {
                "ask": [
                    {
                        "method": "POST",
                        "url": "https://x.test/a%2Fb?n=1",
                        "headers": {**headers, "Content-Type": "application/json"},
                        "body": {"a": 1},
                    },
                    {"$exact": {"method": "GET", "url": "https://x.test/a%2Fb?n=1", "headers": headers}},
                ],
                "show": [{"payload": "ok", "device": "a/b"}] * 2,
            },
            "dead_letters": [{"code": "missing-field"}],
        },
        answers={"ask": [{"message": {"payload": "ok", "status_code": 200}, "times": 2}]},
    )
