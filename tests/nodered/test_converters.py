from typing import Any

import pytest

from flowengine_nodes.nodered.export import Entry, Export
from flowengine_nodes.nodered.importing import convert
from flowengine_nodes.nodered.report import Outcome
from tests.nodered.bench import config, imported, one, refusal

PAYLOAD = {"path": "$.payload"}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"props": [{"p": "payload"}], "payload": "", "payloadType": "date"}, {}),
        ({"props": [{"p": "payload"}], "payload": "0", "payloadType": "num"}, {"fields": {"payload": 0}}),
        ({"props": [{"p": "payload", "v": "true", "vt": "bool"}]}, {"fields": {"payload": True}}),
        ({"payload": "on", "payloadType": "str", "topic": "pump"}, {"fields": {"payload": "on", "topic": "pump"}}),
        (
            {"props": [{"p": "at", "v": "iso", "vt": "date"}], "repeat": "0.5"},
            {"fields": {"at": {"jsonata": "$now()"}}, "every": "500ms"},
        ),
        ({"props": [{"p": "n", "v": "count", "vt": "flow"}]}, {"fields": {"n": {"state": "count", "scope": "flow"}}}),
        (
            {"props": [{"p": "n", "v": "a.b", "vt": "global"}]},
            {"fields": {"n": {"jsonata": '$state("a", "global").b'}}},
        ),
        (
            {"props": [{"p": "p", "v": "${A}-${B}", "vt": "env"}]},
            {"fields": {"p": {"template": '{{ env("A") }}-{{ env("B") }}'}}},
        ),
        ({"props": [{"p": "p", "v": "costs ${5}", "vt": "str"}]}, {"fields": {"p": "costs $${5}"}}),
        (
            {"once": True, "onceDelay": "", "crontab": "0 6 * * 1-5"},
            {"at_start": True, "start_delay": "100ms", "cron": "0 6 * * 1-5"},
        ),
    ],
)
def test_inject_is_converted(settings: dict[str, Any], expected: dict[str, Any]) -> None:
    assert config("inject", **settings) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"t": "set", "p": "payload", "pt": "msg", "to": "5", "tot": "num"}, {"set": "$.payload", "to": 5}),
        ({"t": "set", "p": "payload", "to": "msg", "tot": "str"}, {"set": "$.payload", "to": "msg"}),
        (
            {"t": "set", "p": "a[0]['b c']", "pt": "msg", "to": "x[msg.topic].y", "tot": "msg"},
            {"set": "$.a[0]['b c']", "to": {"path": "$.x[$.topic].y"}},
        ),
        (
            {"t": "set", "p": "last", "pt": "global", "to": "payload", "tot": "msg"},
            {"store": "last", "scope": "global", "to": PAYLOAD},
        ),
        (
            {"t": "set", "p": "#:(disk)::last", "pt": "flow", "to": "1", "tot": "num"},
            {"store": "last", "scope": "flow", "to": 1},
        ),
        ({"t": "delete", "p": "last", "pt": "flow"}, {"store": "last", "scope": "flow", "to": None}),
        (
            {"t": "change", "p": "topic", "pt": "msg", "from": "/a/", "fromt": "str", "to": "/b/", "tot": "str"},
            {"change": "$.topic", "from": "/a/", "to": "/b/"},
        ),
        (
            {"t": "change", "p": "topic", "from": "(?<n>x)(?<=y)", "fromt": "re", "to": "$<n>", "tot": "str"},
            {"change": "$.topic", "from": "(?P<n>x)(?<=y)", "to": "$<n>", "regex": True},
        ),
        (
            {"t": "move", "p": "topic", "pt": "msg", "to": "payload.name", "tot": "msg"},
            {"move": "$.topic", "to": "$.payload.name"},
        ),
        ({"t": "set", "p": "statusCode", "to": "404", "tot": "num"}, {"set": "$.status_code", "to": 404}),
        (
            {"t": "set", "p": "payload", "to": "error.source.id", "tot": "msg"},
            {"set": "$.payload", "to": {"path": "$.error.node"}},
        ),
        (
            {"t": "set", "p": "payload", "to": '{"a": "${b}"}', "tot": "json"},
            {"set": "$.payload", "to": {"literal": {"a": "$${b}"}}},
        ),
        (
            {"t": "set", "p": "payload", "to": "$flowContext('n') + 1", "tot": "jsonata"},
            {"set": "$.payload", "to": {"jsonata": "$state('n', \"flow\") + 1"}},
        ),
    ],
)
def test_change_rule_is_converted(rule: dict[str, Any], expected: dict[str, Any]) -> None:
    assert config("change", rules=[rule]) == {"rules": [expected]}


def test_change_of_an_old_version_is_converted() -> None:
    settings = {"action": "replace", "property": "payload", "to": "msg.topic", "from": "", "reg": False}
    assert config("change", **settings) == {"rules": [{"set": "$.payload", "to": {"path": "$.topic"}}]}


@pytest.mark.parametrize(
    "rule",
    [
        {"t": "set", "p": "payload", "to": "[1,2]", "tot": "bin"},
        {"t": "set", "p": "res.headers", "to": "1", "tot": "num"},
        {"t": "set", "p": "a..b", "to": "1", "tot": "num"},
        {"t": "set", "p": "payload", "to": "$moment()", "tot": "jsonata"},
        {"t": "move", "p": "a", "pt": "flow", "to": "b", "tot": "flow"},
        {"t": "set", "p": "a.b", "pt": "flow", "to": "1", "tot": "num"},
    ],
)
def test_change_with_a_rule_that_cannot_be_is_not_converted_in_part(rule: dict[str, Any]) -> None:
    assert refusal("change", rules=[{"t": "delete", "p": "payload", "pt": "msg"}, rule])


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"t": "eq", "v": "5"}, {"when": "eq", "value": 5}),
        ({"t": "eq", "v": "five"}, {"when": "eq", "value": "five"}),
        ({"t": "neq", "v": "", "vt": "prev"}, {"when": "neq", "previous": True}),
        ({"t": "cont", "v": "x", "vt": "str"}, {"when": "contains", "value": "x"}),
        (
            {"t": "btwn", "v": "1", "vt": "num", "v2": "max", "v2t": "flow"},
            {"when": "between", "from": 1, "to": {"state": "max", "scope": "flow"}},
        ),
        ({"t": "regex", "v": "^a", "vt": "str", "case": True}, {"when": "regex", "regex": "^a", "ignore_case": True}),
        ({"t": "istype", "v": "buffer", "vt": "buffer"}, {"when": "type", "type": "bytes"}),
        ({"t": "hask", "v": "id", "vt": "str"}, {"when": "has-key", "key": "id"}),
        ({"t": "jsonata_exp", "v": "payload > 5", "vt": "jsonata"}, {"when": "jsonata", "jsonata": "payload > 5"}),
        ({"t": "head", "v": "2", "vt": "num"}, {"when": "head", "count": 2}),
        ({"t": "index", "v": "0", "vt": "num", "v2": "3", "v2t": "num"}, {"when": "index", "from": 0, "to": 3}),
        ({"t": "nempty"}, {"when": "not-empty"}),
        ({"t": "null"}, {"when": "null"}),
    ],
)
def test_switch_rule_is_converted(rule: dict[str, Any], expected: dict[str, Any]) -> None:
    found = config("switch", property="payload", propertyType="msg", rules=[rule], checkall="true")
    assert found == {"rules": [{**expected, "port": "rule-1"}]}


def test_switch_keeps_the_order_of_its_outputs() -> None:
    made = imported(
        {
            "id": "s",
            "type": "switch",
            "property": "topic",
            "propertyType": "msg",
            "rules": [{"t": "eq", "v": "a", "vt": "str"}, {"t": "else"}],
            "checkall": "false",
            "wires": [["d1"], ["d2", "d1"]],
        },
        {"id": "d1", "type": "debug", "complete": "payload"},
        {"id": "d2", "type": "debug", "complete": "true", "targetType": "full", "active": False},
    )
    nodes = made.flows[0].nodes
    assert nodes["switch"].wires == {"rule-1": ["debug"], "else": ["debug-2", "debug"]}
    assert nodes["switch"].config["value"] == {"path": "$.topic"}
    assert nodes["switch"].config["stop_at_first"] is True
    assert nodes["debug-2"].config == {"path": "$", "active": False}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"template": "{{payload.a.0}} & {{{topic}}} {{&topic}}"}, "{{ payload.a[0] | e }} & {{ topic }} {{ topic }}"),
        (
            {"template": "{{env.X}} {{flow.a.b}} {{global[disk].c}}"},
            '{{ env("X") | e }} {{ state("a", "flow").b | e }} {{ state("c", "global") | e }}',
        ),
        (
            {"template": "{{^ok}}bad{{/ok}}{{! no }} 100 {% {# ${X}"},
            "{% if not ok %}bad{% endif %} 100 {{ '{%' }} {{ '{#' }} $${X}",
        ),
    ],
)
def test_template_is_converted(settings: dict[str, Any], expected: str) -> None:
    found = config("template", field="payload", syntax="mustache", output="str", **settings)
    assert found == {"path": "$.payload", "missing": "empty", "template": expected}


def test_template_without_syntax_becomes_a_change_node() -> None:
    node, _ = one("template", field="page", syntax="plain", output="json", template='{"a": "{{b}}"}')
    assert (node.type, node.config) == ("change", {"rules": [{"set": "$.page", "to": {"literal": {"a": "{{b}}"}}}]})


@pytest.mark.parametrize("template", ["{{#a}}x{{/a}}", "{{>part}}", "{{=<% %>=}}", "{{^a}}x", "{{.}}", ""])
def test_template_whose_meaning_is_not_fixed_is_not_converted(template: str) -> None:
    assert refusal("template", field="payload", syntax="mustache", output="str", template=template)


@pytest.mark.parametrize(
    ("type", "settings", "expected"),
    [
        ("delay", {"pauseType": "delay", "timeout": "5", "timeoutUnits": "minutes"}, {"delay": "5m"}),
        ("delay", {"pauseType": "delay", "timeout": "${WAIT}", "timeoutUnits": "milliseconds"}, {"delay": "${WAIT}ms"}),
        (
            "delay",
            {"pauseType": "random", "randomFirst": "1", "randomLast": "2", "randomUnits": "hours"},
            {"mode": "random", "delay": "1h", "at_most": "2h"},
        ),
        (
            "delay",
            {"pauseType": "rate", "rate": "0.5", "nbRateUnits": "1", "rateUnits": "second"},
            {"mode": "rate", "count": 1, "per": "2s"},
        ),
        (
            "delay",
            {"pauseType": "timed", "rate": "1", "rateUnits": "day"},
            {"mode": "latest", "key": "$.topic", "release": "all", "count": 1, "per": "1d"},
        ),
        ("trigger", {"op1": "1", "op1type": "num", "op2": "0", "op2type": "num"}, {"wait": "250ms"}),
        (
            "trigger",
            {"op1": "", "op1type": "pay", "op2": "", "op2type": "payl", "duration": "0"},
            {"first": {"send": "message"}, "then": {"send": "latest"}, "mode": "until-reset"},
        ),
        (
            "trigger",
            {"op1": "true", "op1type": "val", "op2type": "nul", "duration": "-2", "units": "s"},
            {"first": {"value": True}, "then": {"send": "nothing"}, "mode": "repeat", "wait": "2s"},
        ),
        ("rbe", {"func": "rbei", "septopics": False}, {"first": "stop", "key": None}),
        (
            "rbe",
            {"func": "narrowband", "gap": "5", "inout": "out", "topi": "id"},
            {"mode": "narrowband", "band": 5, "key": "$.id"},
        ),
        (
            "range",
            {"minin": "4", "maxin": "20", "minout": "0", "maxout": "1.5", "action": "roll"},
            {"input": {"from": 4, "to": 20}, "output": {"from": 0, "to": 1.5}, "outside": "wrap"},
        ),
        (
            "json",
            {"property": "payload.x", "action": "str", "pretty": True},
            {"path": "$.payload.x", "action": "write", "pretty": True},
        ),
        (
            "csv",
            {
                "sep": "\\t",
                "temp": 'a, "b"',
                "hdrin": "",
                "hdrout": "none",
                "multi": "mult",
                "strings": False,
                "ret": "\\n",
            },
            {"separator": "\t", "columns": ["a", "b"], "header": False, "numbers": False, "empty": "leave-out"},
        ),
        ("split", {"splt": "3", "spltType": "len", "arraySplt": 1}, {"separator": "", "length": 3}),
        ("join", {"mode": "auto"}, {"timeout": None}),
        (
            "join",
            {"mode": "custom", "build": "object", "key": "id", "count": "3", "timeout": "2", "accumulate": True},
            {
                "mode": "group",
                "build": "object",
                "name": "$.id",
                "count": 3,
                "timeout": "2s",
                "on_timeout": "send",
                "accumulate": True,
            },
        ),
        ("batch", {"mode": "interval", "interval": "5"}, {"send": "parts", "count": None, "interval": "5s"}),
        ("http in", {"method": "post", "url": "a/:id/b", "upload": False}, {"method": "POST", "path": "/a/{id}/b"}),
        ("http response", {"statusCode": "201", "headers": {"x-a": "b"}}, {"status": 201, "headers": {"x-a": "b"}}),
        (
            "mqtt in",
            {"broker": "br", "topic": "a/+/b", "qos": "2", "datatype": "buffer", "rh": 1, "nl": True},
            {"broker": "main", "topic": "a/+/b", "qos": 2, "payload": "bytes", "retained": "new", "no_local": True},
        ),
        (
            "mqtt out",
            {"broker": "br", "topic": "", "qos": "", "retain": ""},
            {"broker": "main", "qos": None, "retain": None},
        ),
        (
            "mqtt out",
            {"broker": "br", "topic": "a", "qos": "0", "retain": "true", "expiry": "9"},
            {"broker": "main", "topic": "a", "qos": 0, "retain": True, "expiry": "9s"},
        ),
    ],
)
def test_node_is_converted(type: str, settings: dict[str, Any], expected: dict[str, Any]) -> None:
    assert config(type, **settings) == expected


def test_http_request_asks_for_its_credentials() -> None:
    made = imported(
        {
            "id": "n",
            "type": "http request",
            "name": "ERP 2",
            "method": "use",
            "url": "erp.example/{{{payload.id}}}",
            "ret": "bin",
            "authType": "bearer",
            "senderr": True,
            "credentials": {"password": "hunter2"},
        }
    )
    found = made.flows[0].nodes["erp-2"].config
    assert (found["method"], found["url"], found["answer"]) == (None, "http://erp.example/{payload.id}", "bytes")
    assert (found["auth"], found["token"], "accept" in found) == ("bearer", "${ERP_2_TOKEN}", False)
    assert made.report.variables["ERP_2_TOKEN"] == "token of ERP 2"
    assert "hunter2" not in made.flows[0].model_dump_json()


@pytest.mark.parametrize(
    ("type", "settings", "advice"),
    [
        ("function", {"func": "return msg;"}, "Python"),
        ("exec", {"command": "ls"}, "HTTP"),
        ("split", {"stream": True}, "join"),
        ("join", {"mode": "custom", "propertyType": "full"}, "batch"),
        ("batch", {"mode": "concat"}, "join"),
        ("link call", {"linkType": "dynamic"}, "switch"),
        ("link out", {"links": ["gone"]}, "entrance"),
        ("mqtt in", {"broker": "br", "topic": "", "inputs": 1}, "+"),
        ("mqtt in", {"broker": "gone", "topic": "a"}, "resources.json"),
        ("http in", {"method": "get", "url": "/a/*"}, "{name}"),
        ("http request", {"url": "http://a", "authType": "digest"}, "bearer"),
        ("complete", {"scope": []}, "nodes"),
        ("subflow:gone", {}, "export"),
        ("node-red-contrib-thing", {"speed": 9}, "flowengine new node"),
    ],
)
def test_node_that_cannot_be_converted_says_what_to_do(type: str, settings: dict[str, Any], advice: str) -> None:
    assert advice in refusal(type, **settings)


def test_placeholder_keeps_the_whole_node_and_its_wires() -> None:
    made = imported(
        {
            "id": "f",
            "type": "function",
            "name": "Twice",
            "func": "msg.payload *= 2;\nreturn [msg, null];\n",
            "initialize": "context.set('n', 0);",
            "libs": [{"var": "os", "module": "os"}],
            "info": "Doubles.",
            "wires": [["d"], []],
        },
        {"id": "d", "type": "debug", "complete": "payload"},
    )
    node = made.flows[0].nodes["twice"]
    assert node.type == "placeholder"
    assert node.config["ports"] == ["out-1", "out-2"]
    assert node.wires == {"out-1": ["debug"]}
    for part in ("msg.payload *= 2;", "context.set('n', 0);", '"module": "os"', "Doubles."):
        assert part in node.description


def test_what_lint_refuses_is_reported() -> None:
    node, fate = one("inject", crontab="99 * * * *")
    assert node.type == "inject"
    assert fate.outcome is Outcome.NOT_CONVERTIBLE
    assert "cron" in fate.notes[-1]


def test_broker_keeps_its_settings_and_no_credentials() -> None:
    broker = {
        "id": "b2",
        "type": "mqtt-broker",
        "name": "",
        "broker": "mqtts://plant.example",
        "port": "",
        "tls": "t",
        "protocolVersion": "4",
        "keepalive": 60,
        "cleansession": False,
        "credentials": {"user": "gateway", "password": "hunter2"},
        "willTopic": "gone",
        "willQos": "1",
        "willRetain": "true",
        "willPayload": "bye",
    }
    tls = {
        "id": "t",
        "type": "tls-config",
        "cert": "",
        "key": "",
        "ca": "",
        "caname": "ca.pem",
        "verifyservercert": False,
    }
    made = convert(Export([Entry(broker), Entry(tls)]), {})
    (resource,) = made.resources.values()
    assert resource.config == {
        "host": "plant.example",
        "port": 8883,
        "version": "3.1.1",
        "username": "gateway",
        "password": "${MQTT_BROKER_PASSWORD:-}",
        "tls": {"verify": False},
        "keep_alive": "1m",
        "will": {"topic": "gone", "payload": "bye", "qos": 1, "retain": True},
    }
    assert any("ca.pem" in note for fate in made.report.fates for note in fate.notes)
