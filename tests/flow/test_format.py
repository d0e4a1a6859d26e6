"""The canonical form: what it looks like, that it loses nothing, and that git can merge it."""

import subprocess
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.flow.document import (
    Document,
    FlowDocument,
    LayoutDocument,
    NodeDocument,
    ResourcesDocument,
)
from flowengine.flow.format import LINE_LENGTH, format_document, write_json
from flowengine.flow.reader import read_document
from flowengine.flow.source import Source

TELEMETRY = """\
{
  "flowengine": 1,
  "id": "telemetry",
  "name": "Telemetry to Odoo",
  "description": "Markdown, shown in the editor.",
  "nodes": {
    "map": {"type": "telemetry-map", "wires": {"mapped": ["odoo"], "unmatched": ["seen"]}},
    "odoo": {"type": "odoo-write", "config": {"server": "odoo"}},
    "seen": {"type": "debug"},
    "telemetry-in": {
      "type": "mqtt-in",
      "config": {"broker": "main", "topic": "telemetry/{device}/data", "qos": 1},
      "wires": {"out": ["map"]}
    }
  }
}
"""


D = TypeVar("D", bound=Document)


def parse(model: type[D], text: str) -> D:
    return read_document(model, Source(text.encode()))


def test_format_leaves_the_canonical_form_as_it_is() -> None:
    assert format_document(parse(FlowDocument, TELEMETRY)) == TELEMETRY


def test_format_sorts_what_has_an_id_orders_keys_and_drops_defaults() -> None:
    untidy = """
    {"nodes": {"b": {"wires": {"z": ["a"], "out": ["a"]}, "config": {"b": 1, "a": 2}, "type": "x"},
               "a": {"disabled": false, "type": "y", "config": {}, "stage": {}}},
     "errors": {"retry": {"attempts": 3, "maximum": "90s"}, "then": "dead-letter"},
     "env": {"B": "2", "A": "1"}, "groups": {"g": {}}, "name": "",
     "id": "f", "flowengine": 1, "$schema": "s.json"}
    """
    assert (
        format_document(parse(FlowDocument, untidy))
        == """\
{
  "$schema": "s.json",
  "flowengine": 1,
  "id": "f",
  "env": {
    "A": "1",
    "B": "2"
  },
  "errors": {"retry": {"maximum": "1m30s"}},
  "groups": {
    "g": {}
  },
  "nodes": {
    "a": {"type": "y"},
    "b": {"type": "x", "config": {"b": 1, "a": 2}, "wires": {"out": ["a"], "z": ["a"]}}
  }
}
"""
    )


def test_format_writes_whole_pixels_without_a_fraction_and_keeps_hundredths() -> None:
    text = '{"flowengine": 1, "viewport": {"zoom": 0.5}, "nodes": {"a": {"x": 10.0, "y": 2.3456}}}'
    assert (
        format_document(parse(LayoutDocument, text))
        == """\
{
  "flowengine": 1,
  "viewport": {"zoom": 0.5},
  "nodes": {
    "a": {"x": 10, "y": 2.35}
  }
}
"""
    )


@pytest.mark.parametrize("model", [FlowDocument, ResourcesDocument, LayoutDocument])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_format_loses_nothing_and_is_stable(model: type[Document], data: st.DataObject) -> None:
    document = data.draw(st.from_type(model))
    text = format_document(document)
    again = parse(model, text)
    assert again == document
    assert format_document(again) == text


def test_write_json_breaks_a_line_at_the_limit_and_not_before() -> None:
    fits = "x" * (LINE_LENGTH - len('  "a": [""],'))
    assert write_json({"a": [fits]}) == f'{{\n  "a": ["{fits}"]\n}}\n'
    assert write_json({"a": [fits + "x"]}) == f'{{\n  "a": [\n    "{fits}x"\n  ]\n}}\n'


def test_write_json_keeps_non_ascii_and_refuses_what_json_cannot_say() -> None:
    assert write_json({"a": "温度 é \u2028"}) == '{\n  "a": "温度 é \u2028"\n}\n'
    assert write_json([]) == "[]\n"
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"a": float("nan")})


def merged(folder: Path, mine: str, base: str, theirs: str) -> tuple[int, str]:
    for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
        (folder / name).write_text(text)
    command = ["git", "merge-file", "-p", "mine", "base", "theirs"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def flow_of(nodes: dict[str, NodeDocument]) -> str:
    return format_document(FlowDocument(flowengine=1, id="f", nodes=nodes))


@st.composite
def added_nodes(draw: st.DrawFn) -> tuple[dict[str, NodeDocument], ...]:
    """Draw the nodes of a flow, and those that two people add to it."""
    short = NodeDocument(type="debug")
    long = NodeDocument(type="mqtt-in", config={"topic": "x" * LINE_LENGTH}, wires={"out": ["a"]})
    ids = st.from_regex("[a-e][a-e]?", fullmatch=True)
    nodes = draw(st.dictionaries(ids, st.sampled_from([short, long]), min_size=2, max_size=10))
    owners = {id_: draw(st.sampled_from(["base", "mine", "theirs"])) for id_ in nodes}

    def of(owner: str) -> dict[str, NodeDocument]:
        return {id_: node for id_, node in nodes.items() if owners[id_] == owner}

    return of("base"), of("mine"), of("theirs")


@given(drawn=added_nodes())
@settings(max_examples=100, deadline=None)
def test_nodes_that_two_people_add_merge_unless_they_are_neighbours(
    drawn: tuple[dict[str, NodeDocument], ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Git conflicts in two cases only, and never merges wrongly.

    Both put nodes between the same two old ones; or one puts a node behind the last old one, which gives that one
    a comma, and the other puts one right before it, and it takes a single line.
    """
    base, mine, theirs = drawn

    def gaps(added: dict[str, NodeDocument]) -> set[int]:
        return {sum(old < new for old in base) for new in added}

    my_gaps, their_gaps, end = gaps(mine), gaps(theirs), len(base)
    neighbours = bool(my_gaps & their_gaps)
    if base and not base[max(base)].config:
        neighbours |= end in my_gaps and end - 1 in their_gaps
        neighbours |= end in their_gaps and end - 1 in my_gaps
    folder = tmp_path_factory.mktemp("merge")
    status, text = merged(folder, flow_of(base | mine), flow_of(base), flow_of(base | theirs))
    assert (status == 0) == (not neighbours)
    if not neighbours:
        assert text == flow_of(base | mine | theirs)
