"""Cases 27 to 29 of what a Node-RED user expects of the json node."""

from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from flowengine.testing import Failed, NodeHarness
from flowengine_nodes.function.json import Json, JsonConfig


async def converted(payload: Any, **config: Any) -> Any:
    async with NodeHarness(Json, config) as harness:
        sent = await harness.feed(payload=payload)
        assert harness.errors == []
        return sent[0].fields["payload"]


async def failure(payload: Any, **config: Any) -> Failed:
    async with NodeHarness(Json, config) as harness:
        assert await harness.feed(payload=payload) == []
        return harness.errors[0]


@pytest.mark.parametrize("text", ['{"a": [1, null]}', b'{"a": [1, null]}'])
async def test_json_parses_text_and_bytes(text: str | bytes) -> None:
    assert await converted(text) == {"a": [1, None]}


@pytest.mark.parametrize(("value", "text"), [({"a": 1}, '{"a":1}'), (5, "5"), (True, "true"), (None, "null")])
async def test_json_writes_other_values(value: Any, text: str) -> None:
    assert await converted(value) == text


async def test_json_with_one_action_passes_what_is_right_already() -> None:
    assert await converted({"a": 1}, action="parse") == {"a": 1}
    assert await converted("any text", action="write") == "any text"
    assert await converted({"a": 1}, action="write", pretty=True) == '{\n  "a": 1\n}'


@pytest.mark.parametrize("text", ["{a: 1}", "", b"\xff", "[1,", "NaN"])
async def test_json_fails_on_bad_json_with_the_parsers_sentence(text: str | bytes) -> None:
    error = await failure(text)
    assert error.code == "bad-json"
    assert error.message.startswith("$.payload is no JSON: ")


async def test_json_passes_a_message_without_the_value() -> None:
    async with NodeHarness(Json) as harness:
        assert [sent.fields for sent in await harness.feed(topic="t")] == [{"topic": "t"}]


async def test_json_checks_against_a_schema_and_says_where_it_does_not_fit() -> None:
    schema = {"type": "object", "properties": {"level": {"type": "number", "maximum": 5}}, "required": ["level"]}
    assert await converted('{"level": 3}', check=schema) == {"level": 3}
    assert await converted({"level": 3}, check=schema) == '{"level":3}'
    assert await converted('{"level": 3}', check=schema, action="write") == '{"level": 3}'
    for wrong in ('{"level": 7}', {"level": 7}):
        error = await failure(wrong, check=schema)
        assert error.code == "schema"
        assert "$.level" in error.message


async def test_json_does_not_take_the_schema_of_a_message() -> None:
    async with NodeHarness(Json) as harness:
        sent = await harness.feed(payload="1", schema={"type": "string"})
        assert sent[0].fields == {"payload": 1, "schema": {"type": "string"}}


async def test_json_schema_fetches_nothing() -> None:
    error = await failure("{}", check={"$ref": "http://127.0.0.1:9/schema.json"})
    assert "which is not in it" in error.message


async def test_json_cannot_write_bytes() -> None:
    assert (await failure({"a": b"x"})).code == "not-json"
    assert (await failure(b"x", action="write")).code == "not-json"


def test_json_refuses_a_bad_schema_before_anything_runs() -> None:
    with pytest.raises(ValidationError, match="no valid JSON Schema"):
        JsonConfig.model_validate({"check": {"type": "strnig"}})


@pytest.mark.parametrize("value", [{"a": [1]}, [{"a": 1}], {}])
async def test_json_writes_objects_as_it_writes_lists_and_keeps_the_other_fields(value: Any) -> None:
    async with NodeHarness(Json, {"action": "write"}) as harness:
        given = {"payload": value, "topic": "t"}
        (sent,) = await harness.feed(**given)
        assert list(sent.fields.items()) == [("payload", orjson.dumps(value).decode()), ("topic", "t")]
        assert given["payload"] is value


@pytest.mark.parametrize("value", [{"a": object()}, [object()]])
async def test_json_says_what_cannot_be_written(value: Any) -> None:
    assert (await failure(value)).code == "not-json"
