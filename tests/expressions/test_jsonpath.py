import copy
import string
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.ext.parser import parse as library_parse

from flowengine.expressions import (
    MISSING,
    EvaluationError,
    JsonPathError,
    Match,
    PathWriteError,
    compile_path,
)
from flowengine.expressions.path_syntax import MAX_DESCENTS, MAX_FILTERS, MAX_LENGTH, MAX_SEGMENTS

MESSAGE: dict[str, Any] = {
    "payload": {
        "temperature": 21.5,
        "none": None,
        "off": False,
        "a b": {"c": "spaced"},
        "readings": [{"v": 1}, {"v": 2}, {"v": 3}],
        "b1": {"v": 9},
    },
    "topic": "b1",
    "index": 1,
}

names = st.sampled_from(
    ["a", "b", "c-d", "x_1", "a b", "true", "null", "where", "1", "0", "", "é", "*", "'", '"', "\\"]
)
indexes = st.integers(-4, 4)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)
messages = st.dictionaries(names, values, max_size=4)
segments = st.lists(names | indexes, max_size=5)


def spell(data: st.DataObject, keys: list[str | int]) -> str:
    """Write the keys as a path in one of the ways that mean the same."""
    text = "$"
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
            continue
        escaped = key.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
        spellings = [f"['{escaped}']", f'["{escaped}"]', f".'{escaped}'"]
        if key and set(key) <= set(string.ascii_letters + "_-1") and key not in {"where", "1"}:
            spellings.append(f".{key}")
        text += data.draw(st.sampled_from(spellings))
    if text.startswith("$.") and data.draw(st.booleans()):
        return text[2:]
    return text


@given(data=st.data(), keys=segments, message=messages)
def test_simple_path_finds_what_the_library_finds(data: st.DataObject, keys: list[str | int], message: Any) -> None:
    text = spell(data, keys)
    path = compile_path(text)
    expected = [found.value for found in library_parse(text).find(message)]
    assert path.is_simple
    assert path.find(message) == expected
    assert path.first(message) == (expected[0] if expected else MISSING)
    assert [match.value for match in path.matches(message)] == expected


@given(data=st.data(), keys=segments.filter(len), message=messages, value=scalars)
def test_set_then_find_gives_the_value_and_shares_the_rest(
    data: st.DataObject, keys: list[str | int], message: Any, value: Any
) -> None:
    before = copy.deepcopy(message)
    path = compile_path(spell(data, keys))
    try:
        changed = path.set(message, value)
    except PathWriteError:
        assert message == before
        return
    assert message == before
    assert path.find(changed) == [value]
    for name in message.keys() - {keys[0]}:
        assert changed[name] is message[name]


@given(data=st.data(), keys=segments.filter(len), message=messages, value=scalars)
def test_set_of_an_existing_place_equals_the_library_update(
    data: st.DataObject, keys: list[str | int], message: Any, value: Any
) -> None:
    text = spell(data, keys)
    path = compile_path(text)
    if not path.find(message):
        return
    assert path.set(message, value) == library_parse(text).update(copy.deepcopy(message), value)


@given(data=st.data(), keys=segments.filter(len), message=messages)
def test_delete_equals_the_library_filter(data: st.DataObject, keys: list[str | int], message: Any) -> None:
    before = copy.deepcopy(message)
    text = spell(data, keys)
    changed = compile_path(text).delete(message)
    assert message == before
    assert changed == library_parse(text).filter(lambda _: True, copy.deepcopy(message))


@given(
    text=st.sampled_from(
        [
            "$..a",
            "$.*",
            "$.*[*]",
            "$..[0]",
            "$..[?(@.a)]",
            "$['a','b']",
            "$.*[0,1]",
            "$..a..b",
            "$.a[1:]",
            "$..*",
        ]
    ),
    message=messages,
)
def test_every_location_leads_to_its_value(text: str, message: Any) -> None:
    path = compile_path(text)
    assert not path.is_simple
    assert path.find(message) == [found.value for found in library_parse(text).find(message)]
    for match in path.matches(message):
        assert match.location is not None
        value: Any = message
        for key in match.location:
            assert isinstance(key, str) or key >= 0
            value = value[key]
        assert value is match.value


@given(
    text=st.sampled_from(["$..a", "$.*", "$..[0]", "$..[?(@.a)]", "$['a','b']", "$.a[0,0,1]", "$..a..b", "$..*"]),
    message=messages,
)
def test_delete_by_any_path_removes_each_match_once(text: str, message: Any) -> None:
    before = copy.deepcopy(message)
    path = compile_path(text)
    locations = {match.location for match in path.matches(message)}
    changed = path.delete(message)
    assert message == before

    def without(node: Any, place: tuple[str | int, ...]) -> Any:
        if isinstance(node, dict):
            return {k: without(v, (*place, k)) for k, v in node.items() if (*place, k) not in locations}
        if isinstance(node, list):
            return [without(v, (*place, i)) for i, v in enumerate(node) if (*place, i) not in locations]
        return node

    assert changed == without(message, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$", [MESSAGE]),
        ("$.payload.temperature", [21.5]),
        ("payload.temperature", [21.5]),
        ("@.payload.temperature", [21.5]),
        ("(payload).temperature", [21.5]),
        ("$.payload.none", [None]),
        ("$.payload.missing", []),
        ("$.payload.temperature.x", []),
        ("$.topic[0]", []),
        ("$.payload['a b'].c", ["spaced"]),
        ("$.payload.readings[-1].v", [3]),
        ("$.payload.readings[3].v", []),
        ("$.payload.0", []),
        ("$.payload[$.topic].v", [9]),
        ("$.payload.readings[$.index].v", [2]),
        ("$.payload[$.topic][$.none]", []),
        ("$.payload[$.payload.off]", []),
        ("$.payload[$['topic']]['v']", [9]),
        ("$.payload.readings[*].v", [1, 2, 3]),
        ("$.payload.readings[?(@.v > 1)].v", [2, 3]),
        ("$.payload.readings[?@.v == 1 || @.v == 3].v", [1, 3]),
        ("$.payload.readings.`len`", [3]),
        ("$.payload.temperature + 1", [22.5]),
        ("$.topic.`sub(/b/, c)`", ["c1"]),
        ("$.topic.$.index", [1]),
    ],
)
def test_find_reads(text: str, expected: list[Any]) -> None:
    assert compile_path(text).find(MESSAGE) == expected
    assert compile_path(text).first(MESSAGE, "none") == (expected[0] if expected else "none")


def test_compile_path_returns_the_same_object_for_the_same_text() -> None:
    assert compile_path("$.payload.x") is compile_path("$.payload.x")


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "empty"),
        ("   ", 4, "empty"),
        ("$.", 3, "too early"),
        ("$.a[", 5, "too early"),
        ("$.a]", 4, "unexpected ']'"),
        ("$.a b", 5, "unexpected 'b'"),
        ("$.a 'b c'", 5, "unexpected 'b c'"),
        ("$.a['b", 5, "no closing '"),
        ("$['x\\'y'].a[\"b", 13, 'no closing "'),
        ("$.a.`len", 5, "no closing `"),
        ("$.温度", 3, "['name']"),
        ("$.where", 3, "['where']"),
        ("$.a.`nope`", 5, "nope"),
        ("$.a.`sub(/(/, x)`.b", 5, "unterminated"),
        ("$.a.`split(x)`", 5, "not valid"),
        ("$.a[1.5]", 5, "unexpected"),
        ("$.a\n.b", 4, "one line"),
        ("$.a | $.b", 5, "deprecated"),
        ("$.a & $.b", 5, "deprecated"),
        ("$[?(@.a == b)]", 12, "after '==' is quoted"),
        ("$[?(@.a =~ '(')]", 12, "regular expression"),
        ("$[?(@.a =~ $.b)]", 12, "after '=~' is quoted"),
        ("$[?(@.a =~ 1)]", 12, "after '=~' is quoted"),
        ("$.a[$.b", 8, "']' is missing"),
        ("$.a[$.]", 7, "too early"),
        ("$.a[$..b]", 5, "one place"),
        ("$.a[$.b].*", 5, "only with names and indexes"),
        ("$." + "a" * MAX_LENGTH, MAX_LENGTH + 1, "longer"),
        ("$" + ".a" * (MAX_SEGMENTS + 1), 2 * MAX_SEGMENTS + 2, "segments"),
        ("$" + "[?@.a]" * (MAX_FILTERS + 1), 6 * MAX_FILTERS + 3, "filters"),
        ("$" + "..a" * (MAX_DESCENTS + 1), 3 * MAX_DESCENTS + 2, "'..'"),
    ],
)
def test_compile_path_reports_the_column(text: str, column: int, reason: str) -> None:
    with pytest.raises(JsonPathError) as caught:
        compile_path(text)
    assert caught.value.code == "json-path"
    assert caught.value.column == column
    assert reason in caught.value.reason
    assert f"column {column}" in str(caught.value)


@given(st.text(alphabet="$.[]ab01'\"`?@*=~&|<>(),:-+/\\ \n温", max_size=15))
def test_any_text_compiles_without_warnings_or_says_where_it_is_wrong(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile_path(text)
        except JsonPathError as error:
            column = error.column
        else:
            column = 1
    assert 1 <= column <= len(text) + 1


def test_matches_give_concrete_locations() -> None:
    assert compile_path("$.payload.readings[-1].v").matches(MESSAGE) == [Match(3, ("payload", "readings", 2, "v"))]
    assert compile_path("$.payload[$.topic].v").matches(MESSAGE) == [Match(9, ("payload", "b1", "v"))]
    assert compile_path("$.payload.readings[?(@.v > 2)]").matches(MESSAGE) == [
        Match({"v": 3}, ("payload", "readings", 2))
    ]
    assert compile_path("$.payload.b1.v.`parent`").matches(MESSAGE) == [Match({"v": 9}, ("payload", "b1"))]


@pytest.mark.parametrize(
    "text",
    [
        "$.payload.readings.`len`",
        "$.payload.temperature + 1",
        "$.payload.b1.`keys`",
        "$.payload.readings[/v][0]",
    ],
)
def test_computed_values_have_no_location_and_cannot_be_written(text: str) -> None:
    assert [match.location for match in compile_path(text).matches(MESSAGE)] == [None]
    with pytest.raises(PathWriteError, match="computes"):
        compile_path(text).set(MESSAGE, 1)
    with pytest.raises(PathWriteError, match="computes"):
        compile_path(text).delete(MESSAGE)


@pytest.mark.parametrize("text", ["$.`parent`", "$.payload.mixed.`sorted`"])
def test_library_failures_become_evaluation_errors(text: str) -> None:
    message = {"payload": {"mixed": [1, "a"]}}
    with pytest.raises(EvaluationError, match="JSONPath") as caught:
        compile_path(text).find(message)
    assert caught.value.detail["text"] == text


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("$.a.b.c", {}, {"a": {"b": {"c": 1}}}),
        ("$.a.b", {"a": None}, {"a": {"b": 1}}),
        ("$.a[0].b", {}, {"a": [{"b": 1}]}),
        ("$.a[1]", {"a": [0]}, {"a": [0, 1]}),
        ("$.a[-1]", {"a": [0, 0]}, {"a": [0, 1]}),
        ("$.a[$.k]", {"k": "x"}, {"k": "x", "a": {"x": 1}}),
        ("$.a[*]", {"a": [0, 0]}, {"a": [1, 1]}),
        ("$..a", {"a": {"a": 0}, "b": [{"a": 0}]}, {"a": 1, "b": [{"a": 1}]}),
        ("$.a[?(@.b)].c", {"a": [{"b": 1, "c": 0}, {"c": 0}]}, {"a": [{"b": 1, "c": 1}, {"c": 0}]}),
        ("$..missing", {"a": 0}, {"a": 0}),
    ],
)
def test_set_writes(text: str, message: dict[str, Any], expected: dict[str, Any]) -> None:
    assert compile_path(text).set(message, 1) == expected


@pytest.mark.parametrize(
    ("text", "message", "reason"),
    [
        ("$.a.b", {"a": "text"}, "$.a is text"),
        ("$.a.b", {"a": 1}, "$.a is a number"),
        ("$.a.b", {"a": False}, "$.a is a boolean"),
        ("$.a.b.c", {"a": {"b": [1]}}, "$.a.b is a list"),
        ("$.a[0]", {"a": {}}, "$.a is an object"),
        ("$.a[2]", {"a": [0]}, "gap"),
        ("$.a[-2]", {"a": [0]}, "gap"),
        ("$[0]", {}, "$ is an object"),
        ("$", {}, "replaced only by an object"),
        ("$.a[$.k]", {"k": None}, "neither text nor an index"),
    ],
)
def test_set_refuses(text: str, message: dict[str, Any], reason: str) -> None:
    with pytest.raises(PathWriteError) as caught:
        compile_path(text).set(message, 1)
    assert reason in str(caught.value)
    assert text in str(caught.value)


def test_set_without_create_parents_creates_the_last_segment_only() -> None:
    assert compile_path("$.a.b").set({"a": {}}, 1, create_parents=False) == {"a": {"b": 1}}
    with pytest.raises(PathWriteError, match=r"\$\.a is missing"):
        compile_path("$.a.b").set({}, 1, create_parents=False)


def test_set_root_takes_an_object() -> None:
    assert compile_path("$").set({"a": 1}, {"b": 2}) == {"b": 2}


def test_delete_of_nothing_returns_the_same_root() -> None:
    assert compile_path("$.payload.missing").delete(MESSAGE) is MESSAGE
    assert compile_path("$..missing").delete(MESSAGE) is MESSAGE


def test_delete_refuses_the_root() -> None:
    with pytest.raises(PathWriteError, match="whole message"):
        compile_path("$").delete(MESSAGE)
