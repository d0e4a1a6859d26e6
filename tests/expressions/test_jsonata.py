import copy
import sys
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import MISSING, EvaluationError, JsonataError, Scope, compile_jsonata, jsonata

MESSAGE: dict[str, Any] = {
    "payload": {"t": 21.5, "none": None, "list": [1, 2, 3], "empty": [], "o": {"a": [{"b": 1}, {"b": 2}]}},
    "topic": "a/b",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("payload.t * 2", 43),
        ("topic & '!'", "a/b!"),
        ("payload.none", None),
        ("null", None),
        ("payload.missing", MISSING),
        ("payload.list[10]", MISSING),
        ("payload.empty", []),
        ("[payload.none]", [None]),
        ("[[]]", [[]]),
        ("[1..3]", [1, 2, 3]),
        ("payload.o.a.b", [1, 2]),
        ("payload.o.a[b=1]", {"b": 1}),
        ("payload.o.a[b=1][]", [{"b": 1}]),
        ('{"a": payload.none, "b": payload.missing, "c": payload.list[$ > 1]}', {"a": None, "c": [2, 3]}),
        ('$env("PLANT")', "north"),
        ('$env("MISSING")', MISSING),
        ('$state("count")', 1),
        ('$state("count", "flow") + $state("count", "global")', 5),
        ('$state("null")', None),
        ('$state("missing")', MISSING),
        ("$now()", "2026-01-02T03:04:05.000Z"),
        ('$now("[Y]")', "2026"),
        ("$millis()", 1767323045000),
        ("topic ~> $pad(5)", "a/b  "),
        ("($f := function($n) {$n <= 1 ? 1 : $n * $f($n - 1)}; $f(20))", 2432902008176640000),
    ],
)
def test_evaluate_gives_plain_json(text: str, expected: Any, scope: Scope) -> None:
    result = compile_jsonata(text).evaluate(MESSAGE, scope)
    assert result == expected
    assert_plain(result)


def assert_plain(value: Any) -> None:
    assert value is MISSING or type(value) in {dict, list, str, int, float, bool, type(None)}
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        assert_plain(part)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(
    text=st.sampled_from(
        [
            "payload",
            "payload.a",
            "payload.*",
            "payload.**",
            "[payload.a, payload.b]",
            '{"x": payload.a, "y": [payload.b]}',
            "payload ~> |$|{'z': 1}, 'a'|",
            "$append(payload.a, payload.b)",
            "$reverse($append([], payload.a))",
            "$merge([payload, {'a': 1}])",
            "payload.a[0]",
            "$spread(payload)",
        ]
    ),
    payload=json_values,
)
def test_evaluate_leaves_the_message_as_it_was(text: str, payload: Any, scope: Scope) -> None:
    message = {"payload": payload}
    before = copy.deepcopy(message)
    try:
        result = compile_jsonata(text).evaluate(message, scope)
    except EvaluationError:
        result = MISSING
    assert message == before
    assert_plain(result)


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("payload.x +", 1, 12, "unexpected end"),
        ("payload.(", 1, 10, "before end"),
        ('"abc', 1, 5, "quote"),
        ("a ]", 1, 3, "]"),
        ("a..b", 1, 2, ".."),
        ("a := 1", 1, 1, "left side"),
        ("1 + + 2", 1, 5, "unary"),
        ("", 1, 1, "unexpected end"),
        ("payload.x ! y", 1, 11, "'!'"),
        ("/* c", 1, 4, "too early"),
        ('"\\q"', 1, 3, "\\q"),
        ("a.b\n  .c ) d", 2, 6, ")"),
        ("(" * 3000, 1, 1, "too deeply"),
        ("a" * (jsonata.MAX_LENGTH + 1), 1, jsonata.MAX_LENGTH + 1, "longer"),
    ],
)
def test_compile_jsonata_reports_line_and_column(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(JsonataError) as caught:
        compile_jsonata(text)
    assert caught.value.code == "jsonata"
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason


@given(st.text(alphabet="ab.$[](){}1+-*/%&|<>=!?:;,'\"`~^@# \n\\", max_size=12))
def test_any_text_compiles_or_says_where_it_is_wrong(text: str) -> None:
    try:
        compile_jsonata(text)
    except JsonataError as error:
        place = (error.line, error.column)
    else:
        place = (1, 1)
    lines = text.split("\n")
    assert 1 <= place[0] <= len(lines)
    assert 1 <= place[1] <= len(lines[place[0] - 1]) + 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('payload.t + "a"', "right side"),
        ("1/0", "divides by zero"),
        ("1e308*10", "out of range"),
        ("$sum", "function"),
        ("function($x){$x}", "function"),
        ('$error("boom")', "boom"),
        ("$env(1)", "$env takes a name"),
        ('$state("count", "planet")', "$state takes a key"),
        (f"[1..{jsonata.MAX_ITEMS + 1}]", "range"),
        (f'$pad("x", {jsonata.MAX_ITEMS + 1})', "$pad"),
        ("($f := function($n) {1 + $f($n)}; $f(1))", "too deeply"),
    ],
)
def test_evaluate_says_why_it_fails(text: str, reason: str, scope: Scope) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_jsonata(text).evaluate(MESSAGE, scope)
    assert caught.value.code == "expression-failed"
    assert caught.value.language == "JSONata"
    assert reason in str(caught.value)


def test_evaluate_stops_an_endless_loop(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonata, "MAX_SECONDS", 0.05)
    with pytest.raises(EvaluationError, match="longer than"):
        compile_jsonata("($f := function() {$f()}; $f())").evaluate(MESSAGE, scope)


def test_evaluate_counts_the_time_of_each_evaluation_alone(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonata, "MAX_SECONDS", 0.5)
    computation = compile_jsonata("$sum([1..2000].($ * 2))")
    began = time.monotonic()
    while time.monotonic() - began < 0.6:
        assert computation.evaluate(MESSAGE, scope) == 4002000


def test_one_computation_evaluates_in_several_threads(scope: Scope) -> None:
    computation = compile_jsonata("$sum(payload.list.($ * $$.payload.factor))")
    failures: list[object] = []

    def work(factor: int) -> None:
        for _ in range(100):
            result = computation.evaluate({"payload": {"list": [1, 2, 3], "factor": factor}}, scope)
            if result != 6 * factor:
                failures.append(result)

    threads = [threading.Thread(target=work, args=(factor,)) for factor in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_one_computation_evaluates_inside_itself(scope: Scope) -> None:
    computation = compile_jsonata('payload.depth > 0 ? payload.depth + $state("inner") + payload.depth : 0')

    class Nesting:
        def __init__(self, depth: int) -> None:
            self.depth = depth

        def env(self, name: str) -> Any:
            return scope.env(name)

        def now(self) -> Any:
            return scope.now()

        def state(self, scope: str, key: str) -> Any:
            return computation.evaluate({"payload": {"depth": self.depth - 1}}, Nesting(self.depth - 1))

    assert computation.evaluate({"payload": {"depth": 4}}, Nesting(4)) == 2 * (4 + 3 + 2 + 1)


def test_import_leaves_the_recursion_limit_alone() -> None:
    assert sys.getrecursionlimit() < 10_000
