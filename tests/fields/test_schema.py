from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from flowengine.expressions import compile_jsonata, compile_path, compile_template
from flowengine.fields import (
    Code,
    Cron,
    Duration,
    Field,
    FunctionCode,
    Jsonata,
    JsonPath,
    JsonSchema,
    LinkName,
    NodeId,
    StrictConfig,
    TextTemplate,
    TimeZone,
    Value,
)


class Rule(StrictConfig):
    """One rule."""

    limit: float = Field(0, description="A limit.")


class Everything(StrictConfig):
    """One field of each kind."""

    path: JsonPath = Field("$.payload", description="A path.")
    jsonata: Jsonata = Field("payload + 1", description="A computation.")
    template: TextTemplate = Field("{{ payload }}", description="A template.")
    value: Value = Field({"path": "$.topic"}, description="A value.")
    code: FunctionCode = Field("return msg", description="Code.")
    setup: Code = Field("import math", description="Statements.")
    check: JsonSchema | None = Field(None, description="A schema.")
    wait: Duration = Field("1m", description="A time.")
    cron: Cron | None = Field(None, description="Times of day.")
    time_zone: TimeZone = Field("UTC", description="A zone.")
    nodes: list[NodeId] = Field([], description="Nodes.")
    link: LinkName = Field("alarms", description="A link.")
    rule: Rule = Field({}, description="A rule.")
    rules: list[Rule] = Field([], description="Rules.")
    values: dict[str, Value] = Field({}, description="Values.")
    active: bool = Field(True, description="On.")
    count: int = Field(1, description="How many.")


def test_fields_have_title_description_and_widget() -> None:
    schema = Everything.model_json_schema()
    Draft202012Validator.check_schema(schema)
    widgets = {name: about["x-widget"] for name, about in schema["properties"].items()}
    assert widgets == {
        "path": "json-path",
        "jsonata": "jsonata",
        "template": "jinja2",
        "value": "value",
        "code": "python",
        "setup": "python",
        "check": "json",
        "wait": "duration",
        "cron": "cron",
        "time_zone": "time-zone",
        "nodes": "list",
        "link": "link",
        "rule": "group",
        "rules": "list",
        "values": "map",
        "active": "checkbox",
        "count": "number",
    }
    assert all(about["title"] and about["description"] for about in schema["properties"].values())
    assert schema["properties"]["time_zone"]["title"] == "Time zone"
    assert schema["$defs"]["Rule"]["properties"]["limit"]["x-widget"] == "number"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"value": 5, "values": {"a": [1], "b": {"literal": {"x": 1}}, "c": {"state": "k", "scope": "flow"}}},
        {"check": {"type": "object"}, "code": "await sleep(1)", "rules": [{"limit": 2}], "cron": "0 6 * * *"},
    ],
)
def test_fields_are_written_as_they_are_read(given: dict[str, Any]) -> None:
    config = Everything.model_validate(given)
    written = config.model_dump(mode="json", exclude_unset=True)
    assert written == given
    assert Everything.model_validate(config.model_dump(mode="json")) == config
    Draft202012Validator(Everything.model_json_schema()).validate(config.model_dump(mode="json", exclude_defaults=True))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"path": "$."}, "json-path"),
        ({"jsonata": "1 +"}, "jsonata"),
        ({"template": "{{"}, "template"),
        ({"code": "return ("}, "python"),
        ({"value": {"path": "$."}}, "json-path"),
        ({"check": {"type": 5}}, "json-schema"),
        ({"check": "text"}, "json-schema"),
        ({"time_zone": "Nowhere"}, "time-zone"),
        ({"cron": "often"}, "cron"),
        ({"path": 5}, "text-expected"),
    ],
)
def test_fields_refuse_bad_text_with_a_word_code(given: dict[str, Any], code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(given)
    assert [error["type"] for error in caught.value.errors()] == [code]


def test_equal_texts_make_equal_configurations_whatever_the_caches_hold() -> None:
    one = Everything()
    for compiler in (compile_path, compile_jsonata, compile_template):
        compiler.cache_clear()
    assert Everything() == one
    assert Everything() is not one
    assert Everything.model_validate({"template": "{{ topic }}"}) != one
    assert compile_template("x", "json") != compile_template("x", "text")
    assert compile_template("x", "text", "empty") != compile_template("x", "text", "error")


def test_equal_code_makes_equal_configurations() -> None:
    one, other = (Everything.model_validate({"code": "return 1", "check": {"type": "object"}}) for _ in range(2))
    assert one == other
    assert one != Everything.model_validate({"code": "return 2", "check": {"type": "object"}})


def test_titles_write_abbreviations_as_people_do() -> None:
    class Uploads(StrictConfig):
        """How firmware gets to devices."""

        ota_notify: str = Field("", description="A topic.")
        base_url: str = Field("", description="An address.")
        mqtt_qos: int = Field(0, description="How surely.")

    properties = Uploads.model_json_schema()["properties"]
    assert [about["title"] for about in properties.values()] == ["OTA notify", "Base URL", "MQTT QoS"]
