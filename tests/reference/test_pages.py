import re
import sys
from enum import IntEnum
from pathlib import Path

import pytest
import typer
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from flowengine.cli.app import app
from flowengine.cli.exit_code import ExitCode
from flowengine.linting import CATALOGUE
from flowengine.node import Config, ConfigNode, Example, Field, JsonPath, Message, Node, NodeError, Output, node_type
from flowengine.reference.api_page import api_page
from flowengine.reference.check_page import check_page
from flowengine.reference.command_page import command_page
from flowengine.reference.document_page import document_page
from flowengine.reference.error_page import error_page
from flowengine.reference.markdown import cell, code, table
from flowengine.reference.metric_page import metric_page
from flowengine.reference.node_page import node_index, node_page
from flowengine.reference.raised import Raised, raised_in
from flowengine.reference.setting import parts_of, settings_of


class Rule(Config):
    """One rule."""

    path: JsonPath = Field(description="What it looks at.")


class SampleConfig(Config):
    """Configure a sample."""

    rules: list[Rule] = Field([], description="Rules | in order.")
    limit: int | None = Field(None, ge=1, le=5, description="Most messages.")
    names: dict[str, str] = Field({}, description="Names.")


@node_type("sample", category="test")
class Sample(Node[SampleConfig]):
    """Do nothing."""

    out = Output("What came in.")
    examples = (
        Example("waits", config={"limit": 2}, given={"payload": 1}, advance=3, expect=[("out", {"payload": 1})]),
        Example("fails", config={}, given={}, error="no-sample"),
    )

    def receive(self, message: Message) -> None:
        raise NodeError(f"the message {message.id} has no sample", code="no-sample")


@node_type("sample-server", category="test")
class SampleServer(ConfigNode[Config]):
    """Serve samples."""


def test_settings_say_what_they_take() -> None:
    rules, limit, names = settings_of(Sample.__node_type__)
    assert rules == ("rules", "list, each rule", "[]", "Rules | in order.")
    assert (limit.kind, limit.default) == ("whole number, at least 1, at most 5 or null", "null")
    assert names.kind == "map of names to text"


def test_settings_that_must_be_given_have_no_default() -> None:
    (rule,) = parts_of(Sample.__node_type__)
    assert (rule.name, rule.description) == ("rule", "One rule.")
    assert rule.settings[0].default is None


def test_node_page_has_everything_a_node_declares() -> None:
    text = node_page(Sample.__node_type__)
    assert "| out | `out` | What came in. |" in text
    assert "| `limit` | whole number, at least 1, at most 5 or null | `null` | Most messages. |" in text
    assert "Rules \\| in order." in text
    assert "## Rule\n\nOne rule." in text
    assert "after   3 s\nsends   out" in text
    assert "fails   with no-sample" in text
    assert "| `no-sample` | the message … has no sample |" in text
    assert "`resources.json`" in node_page(SampleServer.__node_type__)


def test_node_index_groups_by_category() -> None:
    assert "## test\n" in node_index([Sample.__node_type__, SampleServer.__node_type__])


def test_raised_reads_codes_from_the_source_of_a_module() -> None:
    assert raised_in(sys.modules[Sample.__module__]) == [Raised("no-sample", "the message … has no sample")]


def test_check_page_explains_every_check() -> None:
    text = check_page(CATALOGUE.values())
    for check in CATALOGUE.values():
        assert f"\n## {check.code}\n" in text
        assert f"| [{check.code}](#{check.code}) | {check.severity} | " in text


def test_command_page_has_every_option_and_exit_code() -> None:
    text = command_page(typer.main.get_command(app), ExitCode)
    assert "| `--port` | Port to listen on; 0 for any. | `8000` | `PORT` |" in text
    assert "\n## flowengine new node\n" in text
    for code_ in ExitCode:
        assert f"| {int(code_)} | " in text


def test_command_page_refuses_an_exit_code_without_a_meaning() -> None:
    class Codes(IntEnum):
        """No attributes."""

        OK = 0

    with pytest.raises(KeyError):
        command_page(typer.main.get_command(app), Codes)


def test_document_page_has_every_key() -> None:
    text = document_page()
    assert "| `flowengine` | `1` | *required* | Version of the document format. |" in text
    assert "| `nodes` | map of names to `NodeDocument` | `{}` |" in text


def test_metric_page_names_counters_as_prometheus_does() -> None:
    text = metric_page(
        [
            CounterMetricFamily("flowengine_received", "Taken in.", labels=["flow"]),
            GaugeMetricFamily("flowengine_up", "Up."),
        ]
    )
    assert "| `flowengine_received_total` | counter | `flow` | Taken in. |" in text
    assert "| `flowengine_up` | gauge |  | Up. |" in text


def test_api_page_lists_operations_with_their_query() -> None:
    parameters = [{"name": "limit", "in": "query"}, {"name": "flow", "in": "path"}]
    operation = {"summary": "List", "parameters": parameters}
    text = api_page({"paths": {"/a/{flow}": {"get": operation, "post": {"summary": "Make"}}}})
    assert "| `GET /a/{flow}` | List | `limit` |" in text
    assert "| `POST /a/{flow}` | Make |  |" in text


def test_error_page_has_the_codes_of_classes() -> None:
    text = error_page()
    assert "| `node-error` | A node could not do its work on a message, and trying again will not help. |" in text
    assert len(re.findall(r"^\| `node-error` ", text, re.MULTILINE)) == 1


def test_markdown_keeps_cells_on_one_line_and_code_whole() -> None:
    assert cell("a\nb | c") == "a b \\| c"
    assert code("a`b") == "`` a`b ``"
    assert table(("a",), []) == ""


def test_reference_is_as_the_code_says() -> None:
    folder = Path(__file__).parent.parent.parent / "docs" / "reference"
    assert folder.joinpath("checks.md").read_text() == check_page(CATALOGUE.values())
