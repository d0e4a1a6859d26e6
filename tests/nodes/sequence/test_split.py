from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.sequence.split import Split, SplitConfig


async def split(payload: Any, **config: Any) -> list[dict[str, Any]]:
    async with NodeHarness(Split, config) as harness:
        harness.receive(payload=payload, topic="t", parts={"id": "outer", "index": 3, "count": 9})
        assert not harness.errors
        assert harness.account.in_flight == 0
        return [dict(sent.fields) for sent in harness.take()]


async def test_split_gives_each_part_its_place_and_keeps_the_rest() -> None:
    first, second = await split(["a", "b"])
    assert (first["payload"], second["payload"]) == ("a", "b")
    assert first["topic"] == "t"
    assert first["parts"]["id"] == second["parts"]["id"] != "outer"
    outer = {"id": "outer", "index": 3, "count": 9}
    assert {**first["parts"], "id": ""} == {"id": "", "count": 2, "type": "list", "index": 0, "parts": outer}
    assert second["parts"]["index"] == 1


@pytest.mark.parametrize(
    ("payload", "config", "values", "about"),
    [
        ([1, 2, 3], {"size": 2}, [[1, 2], [3]], {"type": "list", "len": 2}),
        ({"a": 1, "b": None}, {}, [1, None], {"type": "object"}),
        ("a\nb\n", {}, ["a", "b", ""], {"type": "text", "ch": "\n"}),
        ("a, b", {"separator": ", "}, ["a", "b"], {"type": "text", "ch": ", "}),
        ("abc", {"separator": "", "length": 2}, ["ab", "c"], {"type": "text", "len": 2}),
        (b"a\nb", {}, [b"a", b"b"], {"type": "bytes", "ch": "0a"}),
        (b"abc", {"separator": "", "length": 2}, [b"ab", b"c"], {"type": "bytes", "len": 2}),
        ("", {}, [""], {"type": "text"}),
    ],
)
async def test_split_takes_each_kind_of_value(
    payload: Any, config: dict[str, Any], values: list[Any], about: dict[str, Any]
) -> None:
    sent = await split(payload, **config)
    assert [fields["payload"] for fields in sent] == values
    assert [fields["parts"]["index"] for fields in sent] == list(range(len(values)))
    for fields in sent:
        assert about.items() <= fields["parts"].items()


async def test_split_names_the_parts_of_an_object() -> None:
    sent = await split({"a": 1, "b": 2}, key_field="name")
    assert [(fields["name"], fields["parts"]["key"]) for fields in sent] == [("a", "a"), ("b", "b")]


async def test_split_reads_and_writes_any_path() -> None:
    async with NodeHarness(Split, {"path": "$.payload.lines"}) as harness:
        harness.receive(payload={"order": 7, "lines": [1, 2]})
        assert [sent.fields["payload"] for sent in harness.take()] == [
            {"order": 7, "lines": 1},
            {"order": 7, "lines": 2},
        ]


@pytest.mark.parametrize("payload", [[], {}, b""])
async def test_split_does_not_lose_what_has_no_parts(payload: Any) -> None:
    async with NodeHarness(Split, {"separator": "", "length": 1}) as harness:
        harness.receive(payload=payload)
        ((port, fields),) = harness.take()
    assert port == "empty"
    assert (fields["payload"], fields["parts"]["count"]) == (payload, 0)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"payload": 5}, "cannot-split"),
        ({"payload": None}, "cannot-split"),
        ({}, "cannot-split"),
        ({"payload": [1, 2, 3, 4]}, "too-many-parts"),
    ],
)
async def test_split_refuses_what_it_cannot_split(fields: dict[str, Any], code: str) -> None:
    async with NodeHarness(Split, {"max_parts": 3}) as harness:
        harness.receive(fields)
        assert [error.code for error in harness.errors] == [code]
        assert not harness.sent


@pytest.mark.parametrize("config", [{"separator": ""}, {"length": 3}, {"key_field": "payload"}])
def test_split_refuses_a_bad_configuration(config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SplitConfig.model_validate(config)
