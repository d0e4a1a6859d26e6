import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from flowengine_nodes.network.message_properties import describe_properties, read_properties
from flowengine_nodes.network.mqtt.properties import Properties
from flowengine_nodes.network.topic_fields import (
    FixedTopicText,
    MissingTopicFieldError,
    TopicFilterText,
    TopicPattern,
    TopicText,
)

NAMES = st.text(string.ascii_letters + "_", min_size=1, max_size=5)
LEVELS = st.text(st.characters(exclude_characters="{}/+#\0", exclude_categories=["Cs"]), max_size=5)
VALUES = st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text()))


@given(st.lists(st.one_of(LEVELS, NAMES.map(lambda name: f"{{{name}}}")), min_size=1).filter(any), st.data())
def test_topic_keeps_its_levels_whatever_the_fields_hold(levels: list[str], data: st.DataObject) -> None:
    pattern = TopicPattern("/".join(levels))
    names = {level[1:-1] for level in levels if level.startswith("{")}
    fields: dict[str, Any] = data.draw(st.fixed_dictionaries(dict.fromkeys(names, VALUES)))
    try:
        topic = pattern.of(fields)
    except MissingTopicFieldError:
        return
    made = topic.split("/")
    assert len(made) == len(levels)
    for level, text in zip(levels, made, strict=True):
        assert text == (str(fields[level[1:-1]]) if level.startswith("{") else level)
        assert text or not level


@pytest.mark.parametrize("text", ["a/+", "#", "{x}/#", "a\0b", "x" * 65_536])
@pytest.mark.parametrize("kind", [TopicText, FixedTopicText], ids=["topic", "fixed"])
def test_wrong_topic_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError, match="topic"):
        TypeAdapter(kind).validate_python(text)


def test_fixed_topic_is_never_empty_and_has_no_fields() -> None:
    fixed = TypeAdapter(FixedTopicText)
    with pytest.raises(ValidationError, match="it is empty"):
        fixed.validate_python("")
    assert fixed.validate_python("status/{name}").text == "status/{name}"
    assert fixed.dump_python(fixed.validate_python("a/b"), mode="json") == "a/b"


def test_filter_is_written_as_it_was_read() -> None:
    filters = TypeAdapter(TopicFilterText)
    read = filters.validate_python("$share/g/a/{device}/#")
    assert (read.wire, filters.dump_python(read, mode="json")) == ("$share/g/a/+/#", "$share/g/a/{device}/#")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TOPIC = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1)


@given(
    st.builds(
        Properties,
        payload_is_text=st.booleans(),
        message_expiry=st.none() | st.integers(0, 0xFFFF_FFFF),
        content_type=st.none() | TEXT,
        response_topic=st.none() | TOPIC,
        correlation_data=st.none() | st.binary(),
        user_properties=st.lists(st.tuples(TEXT, TEXT)).map(tuple),
    )
)
def test_properties_are_read_as_they_were_described(properties: Properties) -> None:
    assert read_properties(describe_properties(properties), 0.0) == properties


def test_property_without_a_value_is_left_out() -> None:
    assert read_properties({"content_type": None, "user_properties": None}, 0.0) == Properties()
    assert read_properties(None, 0.0) == Properties()
