import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import EvaluationError, Scope, TemplateError, compile_template, fragment, sandbox

DEFAULT = '{"action": "{{ action }}", "params": {{ params | tojson }}}'
MANY = """{%- if action == 'reset' -%}
{"command": "device_reset", "delay": {{ params.delay | default(0) }}}
{%- elif action == 'configure' -%}
{"command": "device_config", "settings": {{ params | tojson }}}
{%- elif action == 'ota_update' -%}
{"command": "firmware_update", "url": "{{ params.url }}", "version": "{{ params.version }}"}
{%- else -%}
{"command": "{{ action }}", "params": {{ params | tojson }}}
{%- endif -%}
"""
DEVICE = """{
  "device_id": "{{ device_id }}",
  "command": "{{ action }}",
  "timestamp": "{{ now() }}",
  "parameters": {{ params | tojson }}
}"""
DEVICE_RESULT = """{
  "device_id": "b1",
  "command": "reset",
  "timestamp": "2026-01-02T03:04:05+00:00",
  "parameters": {"delay": 5}
}"""
ADVANCED = """{
  "type": "command",
  "action": "{{ action }}",
  {% if params.priority %}"priority": {{ params.priority }},{% endif %}
  "data": {{ params | tojson }}
}"""
OTA = {"url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}


@pytest.mark.parametrize(
    ("template", "action", "params", "expected"),
    [
        (DEFAULT, "reset", {"delay": 5}, '{"action": "reset", "params": {"delay": 5}}'),
        (DEFAULT, "reset", {"delay": 10}, '{"action": "reset", "params": {"delay": 10}}'),
        (
            DEFAULT,
            "configure",
            {"temperature_threshold": 25.5, "humidity_limit": 60},
            '{"action": "configure", "params": {"temperature_threshold": 25.5, "humidity_limit": 60}}',
        ),
        (
            DEFAULT,
            "ota_update",
            OTA,
            '{"action": "ota_update", "params": {"url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}}',
        ),
        (MANY, "reset", {}, '{"command": "device_reset", "delay": 0}'),
        (MANY, "reset", {"delay": 5}, '{"command": "device_reset", "delay": 5}'),
        (MANY, "configure", {"mode": "auto"}, '{"command": "device_config", "settings": {"mode": "auto"}}'),
        (
            MANY,
            "ota_update",
            OTA,
            '{"command": "firmware_update", "url": "http://firmware.example.com/v2.1.bin", "version": "2.1.0"}',
        ),
        (MANY, "blink", {"times": 2}, '{"command": "blink", "params": {"times": 2}}'),
        (
            '{"cmd": "{{ action }}", "args": {{ params | tojson }}}',
            "reset",
            {"delay": 5},
            '{"cmd": "reset", "args": {"delay": 5}}',
        ),
        (
            DEVICE,
            "reset",
            {"delay": 5},
            DEVICE_RESULT,
        ),
        (
            ADVANCED,
            "reset",
            {"priority": 2},
            '{\n  "type": "command",\n  "action": "reset",\n  "priority": 2,\n  "data": {"priority": 2}\n}',
        ),
        (ADVANCED, "reset", {}, '{\n  "type": "command",\n  "action": "reset",\n  \n  "data": {}\n}'),
    ],
)
def test_command_templates_of_the_specification_render_exactly(
    template: str, action: str, params: dict[str, Any], expected: str, scope: Scope
) -> None:
    compiled = compile_template(template, "json")
    variables = {"action": action, "params": params, "device_id": "b1"}
    assert compiled.render(variables, scope) == expected
    assert compiled.evaluate(variables, scope) == json.loads(expected)


hostile = st.one_of(
    st.text(),
    st.text(alphabet='"\\{}[],:%# \n\x00\x7fu0041\u2028é\ud800', max_size=12),
    st.sampled_from(
        ['", "admin": true, "x": "', "\\", '\\"', '"}', "{{ 7 * 7 }}", "null", "1", "[1]", ",", "", '"', " "]
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=3),
    max_leaves=8,
)

MACRO = '{% macro point(x) %} {"v": "{{ x }}"} {% endmacro %}'
BLOCK = '{% set body %} {"v": "{{ a }}"} {% endset %}'
LABEL = "{% macro label(x) %}<{{ x }}>{% endmacro %}"
# Each with what it stands for, given two texts.
TEXT_TEMPLATES = [
    ('{"a": "{{ a }}", "b": "{{ b }}"}', lambda a, b: {"a": a, "b": b}),
    ('{"a": {{ a }}, "b": {{ b }}}', lambda a, b: {"a": a, "b": b}),
    ('{"{{ a }}": "{{ b }}"}', lambda a, b: {a: b}),
    ('["x{{ a }}y{{ b }}z"]', lambda a, b: [f"x{a}y{b}z"]),
    ('["{{ a ~ b }}", {{ a ~ b }}, "{{ a + b }}"]', lambda a, b: [a + b] * 3),
    ('["{{ a | upper }}", {{ b | upper }}]', lambda a, b: [a.upper(), b.upper()]),
    ('["{{ missing | default(a) }}", {{ missing | default(b) }}]', lambda a, b: [a, b]),
    ('["{{ a | safe }}", {{ b | safe }}]', lambda a, b: [a, b]),
    ('[{{ a | tojson }}, "{{ b | tojson }}"]', lambda a, b: [a, json.dumps(b, ensure_ascii=False)]),
    ('[{{ [a, b] | map("tojson") | join(", ") }}]', lambda a, b: [a, b]),
    ('["{{ [a, b] | join(a) }}"]', lambda a, b: [a + a + b]),
    ('[{% for x in [a, b] %}"{{ x }}"{{ "," if not loop.last }}{% endfor %}]', lambda a, b: [a, b]),
    ('{% set c = joiner(",") %}[{% for x in [a, b] %}{{ c() }}{{ x }}{% endfor %}]', lambda a, b: [a, b]),
    (MACRO + "[{{ point(a) }}, {{ point(b) | trim }}]", lambda a, b: [{"v": a}, {"v": b}]),
    (MACRO + '[{{ point(a) ~ "," ~ point(b) }}]', lambda a, b: [{"v": a}, {"v": b}]),
    (MACRO + '[{{ [point(a), point(b)] | join(",") }}]', lambda a, b: [{"v": a}, {"v": b}]),
    (BLOCK + '[{{ body }}, {{ body | trim }}, "{{ b }}"]', lambda a, b: [{"v": a}, {"v": a}, b]),
    (LABEL + '["{{ label(a) }}", "{{ label(b) | upper }}"]', lambda a, b: [f"<{a}>", f"<{b.upper()}>"]),
    (LABEL + '["{{ label(label(a)) ~ b }}"]', lambda a, b: [f"<<{a}>>{b}"]),
    ('["{% filter upper %}x{{ a }}{% endfilter %}"]', lambda a, _b: [f"X{a.upper()}"]),
    ('["{% filter replace(a, b) %}x{{ a }}{% endfilter %}"]', lambda a, b: [f"x{a}".replace(a, b)]),
    (
        '{% macro wrap() %}[{{ caller() }}]{% endmacro %}{% call wrap() %}"{{ a }}", {{ b }}{% endcall %}',
        lambda a, b: [a, b],
    ),
    ('["{% if a %}{{ a }}{% else %}{{ b }}{% endif %}"]', lambda a, b: [a or b]),
    ('{% set ns = namespace(s="") %}{% for x in [a, b] %}{% set ns.s = ns.s ~ x %}{% endfor %}["{{ ns.s }}"]',
     lambda a, b: [a + b]),
    ('{% macro tree(n) %}{"t": "{{ a }}"{% if n %}, "c": {{ tree(n - 1) }}{% endif %}}{% endmacro %}{{ tree(1) }}',
     lambda a, _b: {"t": a, "c": {"t": a}}),
    ('["{{ {"k": a} }}"]', lambda a, _b: [json.dumps({"k": a}, ensure_ascii=False)]),
    ('["{{ \'"\' ~ a }}", {{ \'"\' ~ b }}]', lambda a, b: ['"' + a, '"' + b]),
]  # fmt: skip


@pytest.mark.parametrize(("template", "intended"), TEXT_TEMPLATES)
@given(a=hostile, b=hostile)
def test_json_template_keeps_any_text_in_its_place(template: str, intended: Any, a: str, b: str, scope: Scope) -> None:
    assert compile_template(template, "json").evaluate({"a": a, "b": b}, scope) == intended(a, b)


@given(value=json_values)
def test_json_template_writes_any_value(value: Any, scope: Scope) -> None:
    template = '{"bare": {{ v }}, "filtered": {{ v | tojson }}, "wide": {{ v | tojson(2) }}, "quoted": "{{ v }}"}'
    result = compile_template(template, "json").evaluate({"v": value}, scope)
    assert result["bare"] == result["filtered"] == result["wide"] == value
    assert result["quoted"] == value if isinstance(value, str) else json.loads(result["quoted"]) == value


@given(
    template=st.text(alphabet='"\\{}[]:,1x ', max_size=20).map(lambda text: text.replace("x", "{{ x }}")),
    value=hostile,
)
def test_json_template_gives_every_text_the_same_structure(template: str, value: str, scope: Scope) -> None:
    try:
        compiled = compile_template(template, "json")
        plain = compiled.evaluate({"x": "plain"}, scope)
    except (TemplateError, EvaluationError):
        return

    def replaced(part: Any) -> Any:
        match part:
            case str():
                return part.replace("plain", value)
            case list():
                return [replaced(item) for item in part]
            case dict():
                return {replaced(key): replaced(item) for key, item in part.items()}
        return part

    assert compiled.evaluate({"x": value}, scope) == replaced(plain)


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ('["\\{{ x }}"]', "backslash"),
        ("[{{ x }}", "the result is not JSON"),
        ("{{ x }} {{ x }}", "the result is not JSON"),
        ("[NaN]", "NaN"),
        ("[{{ nan }}]", "NaN and infinity"),
        ('["{{ data }}"]', "bytes"),
        ('["{{ x.upper }}"]', "cannot be written as JSON"),
        ("[" * 40_000 + "]" * 40_000, "too deeply"),  # Python 3.13 takes almost 10,000
    ],
)
def test_json_template_refuses_what_is_no_json(template: str, reason: str, scope: Scope) -> None:
    variables = {"x": '"', "nan": float("nan"), "data": b"x"}
    with pytest.raises(EvaluationError) as caught:
        compile_template(template, "json").render(variables, scope)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Tank {{ payload.name }}: {{ payload.level }} %\n", "Tank A: 4.5 %\n"),
        ("{{ payload.on }} {{ payload.none }} {{ payload.list }}", 'true null [1, "x"]'),
        ("{{ payload.list | join('-') }} {{ 'a' ~ true }}", "1-x atrue"),
        ("{{ payload.items }} {{ payload['items'] }}", "5 5"),
        ("{{ payload | tojson | length > 10 }}", "true"),
        ("{{ env('PLANT') }} {{ env('NONE') | default('-') }}", "north -"),
        ("{{ state('count') }} {{ state('count', 'flow') }}", "1 2"),
        ("{{ now() }} {{ now().year }}", "2026-01-02T03:04:05+00:00 2026"),
        ("{{ '%.1f' | format(payload.level) }}", "4.5"),
        ("{{ '<b>' }}", "<b>"),
        ("{{ 1 if false }}|{% if nothing %}x{% endif %}", "|"),
    ],
)
def test_text_template_renders(template: str, expected: str, scope: Scope) -> None:
    payload = {"name": "A", "level": 4.5, "on": True, "none": None, "list": [1, "x"], "items": 5}
    compiled = compile_template(template)
    assert compiled.render({"payload": payload}, scope) == expected
    assert compiled.evaluate({"payload": payload}, scope) == expected


@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("\n\n{{ payload }}", 3, "'payload' is undefined"),
        ("{{ x.y }}", 1, "no attribute 'y'"),
        ("{{ x['y'] }}", 1, "no attribute 'y'"),
        ("{{ env('NONE') }}", 1, "the environment has no 'NONE'"),
        ("{{ state('none') }}", 1, "there is no state 'none'"),
        ("{{ state('count', 'planet') }}", 1, "state takes"),
        ("{% for i in nothing %}{% endfor %}", 1, "'nothing' is undefined"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
    ],
)
def test_failure_names_the_line(template: str, line: int, reason: str, scope: Scope) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_template(template).render({"x": {}}, scope)
    assert reason in str(caught.value)
    assert caught.value.line == line


def test_missing_names_render_as_empty_text_on_request(scope: Scope) -> None:
    compiled = compile_template("[{{ payload.x.y }}{{ env('NONE') }}{{ z }}]", missing="empty")
    assert compiled.render({}, scope) == "[]"
    compiled = compile_template('{"a": "{{ x.y }}", "b": {{ z }}, "c": {{ z | tojson }}}', "json", "empty")
    assert compiled.evaluate({}, scope) == {"a": "", "b": None, "c": None}


def test_names_are_the_variables_without_the_functions() -> None:
    template = "{% for x in xs %}{{ x ~ y }}{% endfor %}{{ now() }}{{ env('A') }}{{ state('b') }}{{ range(1) }}"
    assert compile_template(template).names == {"xs", "y"}


def test_functions_hide_variables_of_the_same_name(scope: Scope) -> None:
    assert compile_template("{{ env('PLANT') }}").render({"env": "hostile"}, scope) == "north"


@pytest.mark.parametrize(
    ("template", "line", "column", "reason"),
    [
        ("{{ a", 1, 5, "unexpected end"),
        ("{% if x %}", 1, 11, "'endif'"),
        ("{{ a | nope }}", 1, 8, "no filter named 'nope'"),
        ("{{ a is nope }}", 1, 9, "no test named 'nope'"),
        ("a\nb {{ a b }}", 2, 8, "got 'b'"),
        ("a\r\nb {{ a b }}", 2, 8, "got 'b'"),
        ("{% foo %}", 1, 4, "unknown tag 'foo'"),
        ("{{ ? }}", 1, 4, "unexpected char '?'"),
        ("{{ a) }}", 1, 5, "unexpected ')'"),
        ("{{ (a }}", 1, 7, "unexpected '}'"),
        ("{{}}", 1, 3, "expected an expression"),
        ("{{ a }}\n\n{%- if a -%} {{ b c }}", 3, 19, "got 'c'"),
        ("{% include 'x' %}", 1, 4, "stands alone"),
        ("\n {% extends 'x' %}", 2, 5, "stands alone"),
        ("{% import 'x' as y %}", 1, 4, "stands alone"),
        ("{% from 'x' import y %}", 1, 4, "stands alone"),
        ("{% autoescape true %}{% endautoescape %}", 1, 4, "always escapes"),
        ("{% for a in b %}" * 25 + "{% endfor %}" * 25, 1, 1, "too deeply"),
        ("{{ " + "(" * 2000 + " }}", 1, 1, "too deeply"),
        ("x" * 100_001, 1, 1, "longer"),
    ],
)
def test_compile_template_reports_line_and_column(template: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(template, "json")
    assert caught.value.code == "template"
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.column) == (line, column)


@given(st.text(alphabet="{}%#ab |()[]'\"-.~1\n", max_size=15))
def test_any_text_compiles_or_says_where_it_is_wrong(text: str) -> None:
    try:
        compile_template(text, "json")
    except TemplateError as error:
        place = (error.line, error.column)
    else:
        place = (1, 1)
    lines = text.split("\n")
    assert 1 <= place[0] <= len(lines)
    assert 1 <= place[1] <= len(lines[place[0] - 1]) + 1


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ 'x' * 10000000 }}", "grows beyond"),
        ("{{ [0] * 100000000 }}", "grows beyond"),
        ("{{ 2 ** 100000 }}", "bits"),
        ("{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}", "bits"),
        ("{% for i in range(100000) %}{% endfor %}", "range"),
        ("{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}", "passes"),
        ("{% for i in range(9999) %}{{ 'x' * 999 }}{% endfor %}", "grows beyond"),
        ("{% set s %}{% for i in range(9999) %}{{ 'x' * 999 }}{% endfor %}{% endset %}", "grows beyond"),
        ("{% set ns = namespace(s='ab') %}{% for i in range(40) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "grows"),
        ("{% set ns = namespace(s='ab') %}{% for i in range(40) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "grows"),
        ("{{ range(9999) | join('x' * 999) }}", "grows beyond"),
        ("{{ 'x' | center(1000000) }}", "width or count"),
        ("{{ 'x'.ljust(1000000) }}", "width or count"),
        ("{{ 3 | round(100000000) }}", "width or count"),
        ("{{ x | tojson(indent=100000000) }}", "width or count"),
        ("{{ '%100000d' % 1 }}", "format"),
        ("{{ '%*d' | format(100000, 1) }}", "format"),
        ("{{ '{:100000d}'.format(1) }}", "unsafe"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "too deeply"),
        ("{% macro f(n) %}{% if n %}{% set _ = f(n-1), f(n-1) %}{% endif %}{% endmacro %}{{ f(60) }}", "passes"),
        ("{{ ().__class__ }}", "unsafe"),
        ("{{ x.append(1) }}", "unsafe"),
        ("{{ lipsum() }}", "undefined"),
    ],
)
@pytest.mark.parametrize("mode", ["text", "json"])
def test_template_cannot_run_away(
    template: str, reason: str, mode: Any, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine the time would be up before the passes are.
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 60.0)
    with pytest.raises(EvaluationError) as caught:
        compile_template(template, mode).render({"x": [1]}, scope)
    assert reason in str(caught.value)


def test_template_has_a_deadline(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", -1.0)
    with pytest.raises(EvaluationError, match="longer than"):
        compile_template("{{ 1 }}").render({}, scope)


def test_template_text_is_bounded_as_a_whole(scope: Scope) -> None:
    half = "x" * (fragment.MAX_SIZE // 2)
    assert compile_template("{{ x }}{{ x }}").render({"x": half}, scope) == half + half
    with pytest.raises(EvaluationError, match="grows beyond"):
        compile_template("{{ x }}{{ x }}!").render({"x": half}, scope)
