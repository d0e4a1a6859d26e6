"""Variables in config values."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.errors import FlowEngineError
from flowengine.flow.environment import (
    Environment,
    EnvironmentFileError,
    Reference,
    references,
    substitute,
)
from flowengine.flow.fault import Fault

VARIABLES = Environment({"HOST": "broker", "PORT": "1883", "EMPTY": "", "ON": "true", "TEXT": "${HOST}"})


class NoSecretError(FlowEngineError):
    code = "no-secret"

    def __str__(self) -> str:
        return "there is none"


def secret(name: str) -> str:
    if name != "key":
        raise NoSecretError
    return "s3cret"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("${HOST}", "broker"),
        ("mqtt://${HOST}:${PORT}/x", "mqtt://broker:1883/x"),
        ("${NONE:-other}", "other"),
        ("${NONE:-}", ""),
        ("${HOST:-other}", "broker"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${NONE:-a:-b $HOST}", "a:-b $HOST"),
        ("${NONE:-telemetry/{device}/data}", "telemetry/{device}/data"),
        ("x/${NONE:-{a}{b}}/${HOST:-{a}}", "x/{a}{b}/broker"),
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("$HOST and {HOST} and $", "$HOST and {HOST} and $"),
        ("${TEXT}", "${HOST}"),
        ("Bearer ${secret:key}", "Bearer s3cret"),
        ("${PORT}", "1883"),
    ],
)
def test_substitute_resolves_references_in_a_text(text: str, result: str) -> None:
    substitution = substitute(text, VARIABLES, secrets=secret)
    assert substitution.value == result
    assert substitution.faults == ()


def test_substitute_reaches_texts_at_any_depth_and_changes_nothing_in_place() -> None:
    config = {"a": ["${HOST}", {"b": "${PORT}"}], "${HOST}": 1, "c": None, "d": 1.5}
    substitution = substitute(config, VARIABLES)
    assert substitution.value == {"a": ["broker", {"b": "1883"}], "${HOST}": 1, "c": None, "d": 1.5}
    assert config["a"] == ["${HOST}", {"b": "${PORT}"}]


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ("1883", 1883),
        ("-3", -3),
        ("1.5", 1.5),
        ("2e3", 2000.0),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("007", "007"),
        ("", ""),
        ("1 ", "1 "),
        ("nan", "nan"),
        ("9" * 30, "9" * 30),
    ],
)
def test_substitute_types_a_text_that_is_one_reference_when_asked(held: str, value: Any) -> None:
    environment = Environment({"V": held})
    result = substitute("${V}", environment, typed=True).value
    assert (type(result), result) == (type(value), value)
    assert substitute("${V}", environment).value == held
    assert substitute(" ${V}", environment, typed=True).value == f" {held}"
    assert substitute("${NONE:-7}", environment, typed=True).value == 7


def test_substitute_never_types_a_secret_or_a_literal() -> None:
    assert substitute("${secret:pin}", VARIABLES, secrets={"pin": "1234"}.__getitem__, typed=True).value == "1234"
    assert substitute("1234", VARIABLES, typed=True).value == "1234"


def test_substitute_reports_every_reference_it_cannot_resolve_and_its_path() -> None:
    config = {"url": "${NONE}:${NADA}", "list": ["${A-B}", "${HOST", "${secret:nope}"]}
    substitution = substitute(config, VARIABLES, path=("nodes", "n", "config"), secrets=secret)
    assert substitution.value == config
    assert [(fault.path[3:], fault.code, fault.message) for fault in substitution.faults] == [
        (("url",), "missing-variable", "NONE is not set"),
        (("url",), "missing-variable", "NADA is not set"),
        (("list", 0), "bad-reference", "${A-B} names no variable"),
        (("list", 1), "bad-reference", "${ names no variable"),
        (("list", 2), "no-secret", "there is none"),
    ]
    assert all(fault.path[:3] == ("nodes", "n", "config") for fault in substitution.faults)


def test_substitute_needs_a_store_for_secrets() -> None:
    (fault,) = substitute("${secret:key}", VARIABLES).faults
    assert fault == Fault((), "missing-secret", "secrets cannot be used here")


@given(st.text(alphabet="${}:-ABsecrt \n", max_size=30))
def test_substitute_resolves_a_text_or_reports_it(text: str) -> None:
    substitution = substitute(text, Environment({"A": "1"}))
    if "${" not in text:
        assert substitution.value == text
        assert not substitution.faults
    escaped = text.replace("${", "$${")
    assert substitute(escaped, Environment()).value == text


def test_references_lists_what_a_value_uses() -> None:
    config = {"a": ["${HOST}:${PORT:-1883}", 3], "b": {"c": "$${NOT} ${secret:key} ${bad name}"}}
    assert list(references(config)) == [
        Reference("HOST"),
        Reference("PORT", "1883"),
        Reference("key", secret=True),
    ]


def test_environment_asks_the_flow_then_the_process_then_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=file\nB='file # b'\nC=file\nD=${C}\nEMPTY\n")
    environment = Environment.of_process(tmp_path, {"A": "process", "B": "process"}).under({"A": "flow"})
    assert [environment.get(name) for name in ("A", "B", "C", "D")] == ["flow", "process", "file", "${C}"]
    assert environment.get("EMPTY") is None
    assert environment.get("E") is None


def test_environment_needs_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "FLOWENGINE_TEST", "x")
    assert Environment.of_process(tmp_path).get("FLOWENGINE_TEST") == "x"


def test_environment_says_that_its_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=\xff")
    with pytest.raises(EnvironmentFileError, match=r"\.env cannot be read: "):
        Environment.of_process(tmp_path, {})
