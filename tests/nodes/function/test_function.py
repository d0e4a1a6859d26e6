from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.async_function import AsyncFunction, AsyncFunctionConfig
from flowengine_nodes.function.function import Function, FunctionConfig


async def returned(code: str, setup: str = "", ports: list[str] | None = None, **fields: Any) -> list[tuple[str, Any]]:
    async with NodeHarness(
        Function, {"code": code, "setup": setup, "ports": ports or []}, env={"PLANT": "x"}
    ) as harness:
        sent = await harness.feed(**fields)
        assert harness.errors == []
        assert harness.account.settled == 1
        return [(port, dict(fields)) for port, fields in sent]


async def failures(kind: type[Any], code: str, **config: Any) -> list[tuple[str, str]]:
    async with NodeHarness(kind, {"code": code, **config}) as harness:
        assert await harness.feed(payload=1) == []
        return [(error.code, error.message) for error in harness.errors]


async def test_function_sends_an_object_a_list_or_nothing() -> None:
    assert await returned("msg['payload'] += 1\nreturn msg", payload=1) == [("out", {"payload": 2})]
    assert await returned("return [{'a': 1}, None, {'a': 2}]") == [("out", {"a": 1}), ("out", {"a": 2})]
    assert await returned("return None", payload=1) == []
    assert await returned("pass", payload=1) == []
    assert await returned("", payload=1) == []


async def test_function_with_ports_returns_an_object_of_them() -> None:
    code = "return {'b': msg, 'a': [msg, {'payload': 2}], 'c': None}"
    expected = [("b", {"payload": 1}), ("a", {"payload": 1}), ("a", {"payload": 2})]
    assert await returned(code, ports=["a", "b", "c"], payload=1) == expected


@pytest.mark.parametrize("code", ["return 5", "return [5]", "return {1: 2}", "return 'text'"])
async def test_function_fails_on_what_is_no_message(code: str) -> None:
    assert [code for code, _ in await failures(Function, code)] == ["bad-return"]


@pytest.mark.parametrize("code", ["return msg", "return {'d': msg}", "return [msg]"])
async def test_function_fails_on_a_port_that_it_has_not(code: str) -> None:
    ((found, sentence),) = await failures(Function, code, ports=["a", "b"])
    assert found == "bad-return"
    assert sentence.endswith("a, b")


async def test_function_changes_only_its_own_copy() -> None:
    payload = {"list": [1], "inner": {"x": 1}}
    code = "msg['payload']['list'].append(2)\nmsg['payload']['inner']['x'] = 2\nreturn msg"
    assert await returned(code, payload=payload) == [("out", {"payload": {"list": [1, 2], "inner": {"x": 2}}})]
    assert payload == {"list": [1], "inner": {"x": 1}}


async def test_function_sees_setup_state_time_and_variables() -> None:
    code = "state.set_later('n', 1)\nreturn {'payload': [now().isoformat(), env['PLANT'], pi, state.get('n')]}"
    sent = await returned(code, "from math import pi")
    assert sent == [("out", {"payload": ["2026-01-01T00:00:00+00:00", "x", 3.141592653589793, 1]})]


async def test_function_says_which_line_failed() -> None:
    ((code, sentence),) = await failures(Function, "x = 0\nreturn 1 / x")
    assert (code, sentence) == ("function-failed", "line 2: ZeroDivisionError: division by zero")


async def test_function_may_raise_errors_of_its_own() -> None:
    assert await failures(Function, "raise NodeError('no good', code='no-good')") == [("no-good", "no good")]


async def test_function_that_fails_in_its_setup_does_not_start() -> None:
    with pytest.raises(AssertionError, match="line 1: NameError: name 'nothing' is not defined"):
        async with NodeHarness(Function, {"setup": "nothing"}):
            pass


@pytest.mark.parametrize("kind", [Function, AsyncFunction])
async def test_function_nodes_are_turned_off_by_one_variable(kind: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWENGINE_FUNCTION_NODES", "off")
    # A flow's own variable does not turn them on again.
    with pytest.raises(AssertionError, match="turned off by FLOWENGINE_FUNCTION_NODES"):
        async with NodeHarness(kind, env={"FLOWENGINE_FUNCTION_NODES": "on"}):
            pass


@pytest.mark.parametrize(
    ("code", "line"),
    [("x = (", 1), ("x = 1\nreturn return", 2), ("def f():\n    await x", 2), ("yield 1", 1), ("return msg\n  x", 2)],
)
def test_function_refuses_bad_code_before_anything_runs(code: str, line: int) -> None:
    with pytest.raises(ValidationError) as caught:
        AsyncFunctionConfig.model_validate({"code": code})
    (error,) = caught.value.errors()
    assert error["type"] == "python"
    assert error.get("ctx", {})["line"] == line


@pytest.mark.parametrize("code", ["await x", "return [a async for a in b]", "async with a:\n  pass"])
def test_function_sends_code_that_waits_to_the_other_node(code: str) -> None:
    with pytest.raises(ValidationError, match="async-function"):
        FunctionConfig.model_validate({"code": code})
    AsyncFunctionConfig.model_validate({"code": code})


def test_function_may_define_functions_that_wait() -> None:
    FunctionConfig.model_validate({"code": "async def f():\n    await g()\nreturn msg"})


async def test_async_function_waits_and_stores() -> None:
    code = "await sleep(1)\nn = await state.update('n', lambda n: n + 1, 0)\nreturn {'payload': n}"
    async with NodeHarness(AsyncFunction, {"code": code}) as harness:
        assert await harness.feed(topic="t") == []
        assert [sent.fields for sent in await harness.advance(1)] == [{"payload": 1}]
        await harness.restart()
        await harness.feed(topic="t")
        assert [sent.fields for sent in await harness.advance(1)] == [{"payload": 2}]


async def test_async_function_is_stopped_when_its_time_is_over_and_tried_again() -> None:
    code = "state.set_later('tries', state.get('tries', 0) + 1)\nawait sleep(60)\nreturn msg"
    async with NodeHarness(AsyncFunction, {"code": code, "timeout": "2s"}) as harness:
        await harness.feed(payload=1)
        await harness.advance(1.9)
        assert harness.account.in_flight == 1
        await harness.advance(60)
        assert harness.node.context.state.get("tries") == 3
        assert [error.code for error in harness.errors] == ["function-timeout"]
        assert harness.account.failed == 1


async def test_async_function_keeps_the_order_of_a_topic_only() -> None:
    code = "await sleep(msg['payload'])\nreturn msg"
    async with NodeHarness(AsyncFunction, {"code": code}) as harness:
        for topic, seconds in (("a", 3), ("a", 1), ("b", 1)):
            harness.receive(topic=topic, payload=seconds)
        sent = await harness.advance(10)
        assert [(fields["topic"], fields["payload"]) for _, fields in sent] == [("b", 1), ("a", 3), ("a", 1)]


async def test_async_function_says_which_line_failed() -> None:
    ((code, sentence),) = await failures(AsyncFunction, "await sleep(0)\nreturn msg['none']")
    assert (code, sentence) == ("function-failed", "line 2: KeyError: 'none'")
