import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flowengine_nodes.iiot.commands.rendering import (
    CommandMessageError,
    CommandParamsError,
    UnknownActionError,
    check_command,
    render_command,
)
from flowengine_nodes.iiot.registry.command_template import DEFAULT_TEMPLATE
from flowengine_nodes.iiot.registry.device import BusinessObject, Device
from flowengine_nodes.iiot.registry.profile import Profile

DEVICE = Device(
    id="boiler-1", serial="SN-1", profile="boiler", business=BusinessObject("maintenance.equipment", 7), groups=("a",)
)
AT = 1767323045.0

MANY_TYPES = """\
{%- if action == 'reset' -%}
{"command": "device_reset", "delay": {{ params.delay | default(0) }}}
{%- elif action == 'configure' -%}
{"command": "device_config", "settings": {{ params | tojson }}}
{%- elif action == 'ota_update' -%}
{"command": "firmware_update", "url": "{{ params.url }}", "version": "{{ params.version }}"}
{%- else -%}
{"command": "{{ action }}", "params": {{ params | tojson }}}
{%- endif -%}"""
SIMPLE = '{"cmd": "{{ action }}", "args": {{ params | tojson }}}'
DEVICE_SPECIFIC = """\
{
  "device_id": "{{ device_id }}",
  "command": "{{ action }}",
  "timestamp": "{{ now() }}",
  "parameters": {{ params | tojson }}
}"""
ADVANCED = """\
{
  "type": "command",
  "action": "{{ action }}",
  {% if params.priority %}"priority": {{ params.priority }},{% endif %}
  "data": {{ params | tojson }}
}"""
OTA = {"url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}


def profile(template: str = DEFAULT_TEMPLATE, **fields: Any) -> Profile:
    return Profile.model_validate({"id": "boiler", "command_template": template, **fields})


def rendered(template: str, action: str, params: dict[str, Any], **fields: Any) -> str:
    return render_command(profile(template, **fields), DEVICE, action, params, id="c0ffee", at=AT)


@pytest.mark.parametrize(
    ("template", "action", "params", "result"),
    [
        (DEFAULT_TEMPLATE, "reset", {"delay": 5}, '{"action": "reset", "params": {"delay": 5}}'),
        (DEFAULT_TEMPLATE, "reset", {"delay": 10}, '{"action": "reset", "params": {"delay": 10}}'),
        (
            DEFAULT_TEMPLATE,
            "configure",
            {"temperature_threshold": 25.5, "humidity_limit": 60},
            '{"action": "configure", "params": {"temperature_threshold": 25.5, "humidity_limit": 60}}',
        ),
        (
            DEFAULT_TEMPLATE,
            "ota_update",
            OTA,
            '{"action": "ota_update", "params": {"url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}}',
        ),
        (MANY_TYPES, "reset", {"delay": 10}, '{"command": "device_reset", "delay": 10}'),
        (MANY_TYPES, "reset", {}, '{"command": "device_reset", "delay": 0}'),
        (
            MANY_TYPES,
            "configure",
            {"threshold": 25.5, "mode": "auto"},
            '{"command": "device_config", "settings": {"threshold": 25.5, "mode": "auto"}}',
        ),
        (
            MANY_TYPES,
            "ota_update",
            OTA,
            '{"command": "firmware_update", "url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}',
        ),
        (MANY_TYPES, "beep", {"duration": 300}, '{"command": "beep", "params": {"duration": 300}}'),
        (SIMPLE, "reset", {"delay": 10}, '{"cmd": "reset", "args": {"delay": 10}}'),
        (
            DEVICE_SPECIFIC,
            "reset",
            {"delay": 10},
            (
                '{\n  "device_id": "boiler-1",\n  "command": "reset",\n  "timestamp": "2026-01-02T03:04:05+00:00",\n'
                '  "parameters": {"delay": 10}\n}'
            ),
        ),
        (
            ADVANCED,
            "reset",
            {"priority": 3},
            '{\n  "type": "command",\n  "action": "reset",\n  "priority": 3,\n  "data": {"priority": 3}\n}',
        ),
        (
            ADVANCED,
            "reset",
            {"delay": 10},
            '{\n  "type": "command",\n  "action": "reset",\n  \n  "data": {"delay": 10}\n}',
        ),
    ],
)
def test_template_of_the_specification_renders_to_its_result(
    template: str, action: str, params: dict[str, Any], result: str
) -> None:
    assert rendered(template, action, params) == result


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)
# What a parameter would need to break out of its quotes, or to become template text.
hostile = st.one_of(
    st.text(st.characters()),
    st.text(alphabet='"\\{}%#[],:\n\r\t\x00/\u2028\ud800é', max_size=20),
    st.sampled_from(
        [
            '", "admin": true, "x": "',
            "{{ 7 * 7 }}",
            "{% raw %}",
            '\\", "action": "unlock',
            "\\",
            "{{ ''.__class__.__mro__ }}",
            "</script>",
        ]
    ),
)


@given(action=hostile.filter(bool), url=hostile, version=json_values, rest=st.dictionaries(hostile, json_values))
def test_parameter_never_breaks_out_of_its_place(action: str, url: str, version: Any, rest: dict[str, Any]) -> None:
    params = {**rest, "url": url, "version": version}
    template = """{
        "a": "{{ action }}", "u": "{{ params.url }}", "bare": {{ params.url }}, "v": {{ params.version }},
        "text": "url: {{ params.url }}!", "all": {{ params | tojson }}, "again": {{ params }},
        {% if params.missing %}"never": 1,{% endif %} "none": {{ params.missing | default(0) }}
    }"""
    text = rendered(template, action, params)
    text.encode()
    assert json.loads(text) == {
        "a": action,
        "u": url,
        "bare": url,
        "v": version,
        "text": f"url: {url}!",
        "all": params,
        "again": params,
        "none": rest.get("missing", 0),
    } | ({"never": 1} if rest.get("missing") else {})


@given(action=hostile.filter(bool), params=st.dictionaries(hostile, json_values))
def test_default_template_says_exactly_what_was_asked_for(action: str, params: dict[str, Any]) -> None:
    assert json.loads(rendered(DEFAULT_TEMPLATE, action, params)) == {"action": action, "params": params}


@given(action=hostile.filter(bool), params=st.dictionaries(hostile, json_values))
def test_id_in_the_message_is_always_the_command_s_own(action: str, params: dict[str, Any]) -> None:
    text = rendered("{{ params | tojson }}", action, params, command_id_field="id")
    assert json.loads(text) == {**params, "id": "c0ffee"}


def test_template_sees_the_device() -> None:
    template = '{"serial": "{{ device.serial }}", "business": {{ device.business.id }}, "in": {{ device.groups }}}'
    assert rendered(template, "x", {}) == '{"serial": "SN-1", "business": 7, "in": ["a"]}'


def test_missing_parameter_is_an_error_with_its_name() -> None:
    with pytest.raises(CommandMessageError, match=r'line 1 makes no message for "reset": .*delay') as caught:
        rendered('{"delay": {{ params.delay }}}', "reset", {})
    assert caught.value.code == "command-template"


@pytest.mark.parametrize("reach", ["params.__class__", "params.items.__globals__", "device.__init__", "now.__self__"])
def test_template_reaches_nothing_but_its_variables(reach: str) -> None:
    with pytest.raises((CommandMessageError, ValidationError)):
        rendered("{{ " + reach + " }}", "x", {})


def test_template_is_bounded() -> None:
    with pytest.raises(CommandMessageError, match="grows beyond"):
        rendered('"{% for a in params.x %}{{ params.y }}{% endfor %}"', "x", {"x": [0] * 2000, "y": "z" * 1000})
    with pytest.raises(CommandMessageError, match="passes"):
        rendered("{% for a in params.x %}{% for b in params.x %}{% endfor %}{% endfor %}1", "x", {"x": [0] * 1000})


def test_message_without_room_for_the_id_is_an_error() -> None:
    with pytest.raises(CommandMessageError, match="is no object"):
        rendered('["{{ action }}"]', "reset", {}, command_id_field="id")


def test_named_template_is_used_for_its_action_while_it_is_active() -> None:
    named = {"code": "reset", "template": '{"r": 1}'}
    assert rendered(SIMPLE, "reset", {}, command_templates=[named]) == '{"r": 1}'
    assert rendered(SIMPLE, "stop", {}, command_templates=[named]) == '{"cmd": "stop", "args": {}}'
    off = {**named, "active": False}
    assert rendered(SIMPLE, "reset", {}, command_templates=[off]) == '{"cmd": "reset", "args": {}}'


def refusal(template: str, **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        profile(template, **fields)
    (error,) = caught.value.errors()
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ('{"a": {{ action }', "line 1|column 1"),
        ('{"a": "{{ action }}"', "result is not JSON"),
        ('{\n "a": {{ prams }}}', "line 2, column 10: 'prams' is not known"),
        ('{"a": "{{ env(\'SECRET\') }}"}', "column 11: a command template has no 'env'"),
        ('{"a": {{ state("x") }}}', "column 10: a command template has no 'state'"),
        ("{% if action == 'reset' %}{\"a\": 1}{% elif action == 'stop' %}{\"a\": }{% else %}1{% endif %}", "'stop'"),
        ("{% include 'x' %}", "stands alone"),
    ],
)
def test_bad_template_is_refused_when_the_profile_is_saved(template: str, complaint: str) -> None:
    assert re.search(complaint, refusal(template))


@pytest.mark.parametrize(
    "template",
    [
        '{"half": {{ params.delay / 2 }}}',
        '{"list": [{% for one in params.list %}{{ one.id }}{{ "," if not loop.last }}{% endfor %}]}',
        '{"m": {% if params.mode == "auto" %}1{% else %}0{% endif %}}',
        "{% set x = params.y %}{{ x }}",
        "{% macro pair(a, b) %}[{{ a }}, {{ b }}]{% endmacro %}{{ pair(params.a, params.b) }}",
    ],
)
def test_template_that_needs_real_parameters_is_taken(template: str) -> None:
    assert profile(template).command_template.text == template


def test_examples_of_an_action_must_make_a_message() -> None:
    schema = {"type": "object", "properties": {"delay": {"type": "integer"}}, "examples": [{"delay": 1}, {}]}
    said = refusal('{"delay": {{ params.delay }}}', actions={"reset": {"params": schema}})
    assert "actions.reset.params.examples[1]: " in said
    assert "delay" in said
    schema = {**schema, "examples": [{"delay": "x"}]}
    assert "$.delay" in refusal(DEFAULT_TEMPLATE, actions={"reset": {"params": schema}})
    assert "params are an object" in refusal(DEFAULT_TEMPLATE, actions={"reset": {"params": {"examples": [1]}}})


def test_action_that_its_template_cannot_write_is_refused() -> None:
    template = "{% if action != 'reset' and action != 'example' %}{% else %}1{% endif %}"
    assert "actions.stop: " in refusal(template, actions={"stop": {}})


def test_two_active_templates_of_one_action_are_refused() -> None:
    named = {"code": "reset", "template": "1"}
    assert "two active templates are for 'reset'" in refusal(DEFAULT_TEMPLATE, command_templates=[named, named])


def test_actions_say_what_may_be_asked_for() -> None:
    limited = profile(actions={"reset": {"params": {"properties": {"delay": {"maximum": 5}}}}, "stop": {}})
    check_command(limited, "reset", {"delay": 5})
    check_command(limited, "stop", {"anything": 1})
    with pytest.raises(UnknownActionError, match='know no action "unlock"; they know reset, stop'):
        check_command(limited, "unlock", {})
    with pytest.raises(CommandParamsError, match=r"at \$\.delay: 6 is greater") as caught:
        check_command(limited, "reset", {"delay": 6})
    assert caught.value.detail == {"location": "params.delay"}
    check_command(profile(), "anything", {})
