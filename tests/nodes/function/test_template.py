"""Cases 23 to 26 of what a Node-RED user expects of the template node."""

from typing import Any

import pytest
from pydantic import ValidationError

from flowengine.testing import NodeHarness
from flowengine_nodes.function.template import Template, TemplateConfig


async def rendered(config: dict[str, Any], **fields: Any) -> Any:
    async with NodeHarness(Template, config, env={"PLANT": "north"}) as harness:
        await harness.node.context.flow_state.set("count", 3)
        sent = await harness.feed(**fields)
        assert harness.errors == []
        return sent[0].fields["payload"]


async def test_template_is_never_taken_from_the_message() -> None:
    assert await rendered({"template": "node"}, template="message") == "node"
    assert await rendered({"template": ""}, template="message") == ""


async def test_template_reads_variables_and_state() -> None:
    template = '{{ env("PLANT") }} {{ state("count", "flow") }} {{ payload.level }}'
    assert await rendered({"template": template}, payload={"level": 2}) == "north 3 2"


@pytest.mark.parametrize("template", ["{{ payload.none }}", '{{ env("NONE") }}', '{{ state("none") }}'])
async def test_template_leaves_a_missing_name_empty_or_fails(template: str) -> None:
    assert await rendered({"template": f"[{template}]", "missing": "empty"}, payload={}) == "[]"
    async with NodeHarness(Template, {"template": template}) as harness:
        assert await harness.feed(payload={}) == []
        assert [error.code for error in harness.errors] == ["expression-failed"]


async def test_template_for_json_escapes_what_is_in_values_and_parses() -> None:
    value = 'a "quoted"\n\t\\ text'
    template = '{"in": "{{ payload }}", "bare": {{ payload }}}'
    assert await rendered({"template": template, "output": "json"}, payload=value) == {"in": value, "bare": value}


async def test_template_for_json_that_gives_none_fails() -> None:
    async with NodeHarness(Template, {"template": "{{ payload }},", "output": "json"}) as harness:
        assert await harness.feed(payload=1) == []
        assert [error.code for error in harness.errors] == ["expression-failed"]


async def test_template_writes_to_its_path() -> None:
    async with NodeHarness(Template, {"template": "t", "path": "$.payload.text"}) as harness:
        sent = await harness.feed(payload={"a": 1})
        assert sent[0].fields == {"payload": {"a": 1, "text": "t"}}


@pytest.mark.parametrize("template", ["{{ payload", "{% for %}", "{{ payload | nonsense }}"])
def test_template_refuses_a_bad_template_before_anything_runs(template: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TemplateConfig.model_validate({"template": template})
    (error,) = caught.value.errors()
    assert error["loc"] == ("template",)
    assert error["type"] == "template"
    assert error.get("ctx", {})["column"] >= 1
