from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.expressions import compile_path
from flowengine_nodes.iiot.commands.response import LARGEST_RESULT, ResponseStatusError, Words, read_response
from flowengine_nodes.iiot.registry.command import CommandState
from flowengine_nodes.iiot.registry.commands import Answer

WORDS = Words.of(["Running"], ["ok", "1"], ["failed"])
STATUS = compile_path("$.payload.status")


def read(payload: Any, properties: dict[str, Any] | None = None, id_field: str = "") -> Answer:
    return read_response(payload, properties or {}, WORDS, STATUS, id_field)


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        ({"status": "running"}, CommandState.ACKNOWLEDGED),
        ({"status": " OK "}, CommandState.SUCCEEDED),
        ({"status": 1}, CommandState.SUCCEEDED),
        ({"status": True}, CommandState.SUCCEEDED),
        ({"status": False}, CommandState.FAILED),
        ({"status": "failed"}, CommandState.FAILED),
        ({"status": None, "uptime": 1}, CommandState.SUCCEEDED),
        ({}, CommandState.SUCCEEDED),
        ({"error": "jammed"}, CommandState.FAILED),
        ({"error": None}, CommandState.SUCCEEDED),
        ({"success": False}, CommandState.FAILED),
        ({"success": True}, CommandState.SUCCEEDED),
        ("ok", CommandState.SUCCEEDED),
        ("failed", CommandState.FAILED),
        ([1, 2], CommandState.SUCCEEDED),
        (None, CommandState.SUCCEEDED),
    ],
)
def test_response_says_how_the_command_went(payload: Any, state: CommandState) -> None:
    assert read(payload).state is state


@pytest.mark.parametrize("status", ["perhaps", 2, {"a": 1}, ["ok"]])
def test_response_in_unknown_words_is_none(status: Any) -> None:
    with pytest.raises(ResponseStatusError, match="none of the words"):
        read({"status": status})


@pytest.mark.parametrize(
    ("payload", "properties", "id_field", "id"),
    [
        ({"id": "a"}, {}, "", "a"),
        ({"id": "a", "command_id": "b"}, {}, "", "b"),
        ({"id": "a", "command_id": "b", "cid": "c"}, {}, "cid", "c"),
        ({"id": "a"}, {"user_properties": [["x", "y"], ["command-id", "d"]]}, "", "d"),
        ({"id": "a"}, {"correlation_data": b"e", "user_properties": [["command-id", "d"]]}, "", "e"),
        ({"id": "a"}, {"correlation_data": "f"}, "", "f"),
        ({"id": 7}, {}, "", None),
        ({"id": ""}, {"correlation_data": b""}, "", None),
        ("ok", {}, "id", None),
    ],
)
def test_response_names_its_command(payload: Any, properties: dict[str, Any], id_field: str, id: str | None) -> None:
    assert read(payload, properties, id_field).id == id


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"status": "failed", "code": "E7"}, "E7"),
        ({"status": "failed", "error_code": 7}, "7"),
        ({"error": "jammed"}, "jammed"),
        ({"error": {"why": "jammed"}}, "device-failed"),
        ({"status": "failed", "code": True, "error": "x" * 101}, "device-failed"),
        ("failed", "device-failed"),
        ({"error": "a\0b"}, "device-failed"),
        ({"status": "ok", "code": "E7"}, ""),
    ],
)
def test_response_says_why_it_failed(payload: Any, code: str) -> None:
    assert read(payload).code == code


def test_response_is_kept_whole_unless_it_is_huge() -> None:
    assert read({"status": "ok", "log": ["a"]}).result == {"status": "ok", "log": ["a"]}
    huge = read({"status": "ok", "log": "x" * LARGEST_RESULT}).result
    assert huge["status"] == "ok"
    assert len(huge["log"]) < 5_000
    assert read(b"\xff").result == {"bytes": 1, "hex": "ff"}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "status", "error", "code", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(payload=anything)
def test_any_response_is_read_or_refused(payload: Any) -> None:
    try:
        answer = read(payload)
    except ResponseStatusError:
        return
    assert answer.state in {CommandState.ACKNOWLEDGED, CommandState.SUCCEEDED, CommandState.FAILED}
