"""Everything that docs/specification.md names is there: tests, nodes, flows, commands, paths, variables, metrics."""

import ast
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from flowengine.registry import Registry, load_node_packs
from flowengine.server.service_api import ENDPOINTS
from flowengine_nodes.iiot.registry.topics import Topics
from tests.docs.test_samples import ROOT, check_command

PAGE = (ROOT / "docs" / "specification.md").read_text()
REFERENCE = "\n".join(path.read_text() for path in (ROOT / "docs" / "reference").rglob("*.md"))
FLOWS = {path.name.removesuffix(".flow.json"): json.loads(path.read_text()) for path in ROOT.glob("flows/*.flow.json")}
UPLOAD = ("PUT", "/api/v1/firmware/{version}")
"""Method and path of the node firmware-upload, which has them without being told."""
ADDON = ROOT / "addons" / "industrial_iot"
TOPICS = {
    "MQTT_CONFIG_REQUEST_TOPIC": ("config_request", "request"),
    "MQTT_CONFIG_RESPONSE_TOPIC": ("config_response", ""),
    "MQTT_TELEMETRY_TOPIC_TEMPLATE": ("telemetry", "telemetry-in"),
    "MQTT_COMMAND_TOPIC_TEMPLATE": ("command", ""),
    "MQTT_COMMAND_RESPONSE_TOPIC_TEMPLATE": ("command_response", "responses"),
    "MQTT_OTA_NOTIFY_TOPIC_TEMPLATE": ("ota_notify", ""),
    "MQTT_OTA_STATUS_TOPIC_TEMPLATE": ("ota_status", "reports"),
    "MQTT_PRESENCE_TOPIC_TEMPLATE": ("presence", "announcement-in"),
}
"""Variables of topics, what devices use them for, and the nodes that subscribe to them."""
RESOURCES = json.loads((ROOT / "flows" / "resources.json").read_text())["resources"]


class Row(NamedTuple):
    heading: str
    item: str
    what: str
    shown_by: str


def rows() -> Iterator[Row]:
    heading = ""
    for line in PAGE.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("|") and not line.startswith(("| Item |", "|---")):
            yield Row(heading, *(cell.strip() for cell in line.strip("|").split("|")))


def http_paths() -> Iterator[tuple[str, str]]:
    yield "GET", "/"
    for endpoint in ENDPOINTS:
        yield endpoint.method, endpoint.path
    for flow in FLOWS.values():
        for node in flow["nodes"].values():
            config = node.get("config", {})
            if node["type"] == "http-in":
                yield config.get("method", "POST"), config["path"]
            elif node["type"] == "firmware-upload":
                yield UPLOAD


ROWS = list(rows())
HTTP_PATHS = set(http_paths())
VARIABLES = set(re.findall(r"\$\{([A-Z_]+)", "\n".join(path.read_text() for path in ROOT.glob("flows/*.json")))) | set(
    re.findall(r"`([A-Z_]{4,})`", (ROOT / "docs" / "reference" / "commands.md").read_text())
)
CODE = re.compile(r"`([^`]+)`")
NODE = re.compile(r"\]\(reference/nodes/([\w-]+)\.md\)")


def test_shown_by_names_tests_that_there_are() -> None:
    functions: dict[str, set[str]] = {}
    cases = {
        path.name.removesuffix(".flow-test.json"): {case["name"] for case in json.loads(path.read_text())["cases"]}
        for path in ROOT.glob("flows/*.flow-test.json")
    }
    missing = []
    for row in ROWS:
        for named in CODE.findall(row.shown_by):
            path, is_function, function = named.partition("::")
            if not is_function:
                flow, _, case = named.partition(": ")
                if case not in cases.get(flow, ()):
                    missing.append(named)
                continue
            if path not in functions:
                file = ADDON / "tests" / path.removeprefix("addon/")
                file = file if path.startswith("addon/") else ROOT / "tests" / path
                tree = ast.parse(file.read_text()) if file.exists() else ast.Module([], [])
                kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
                functions[path] = {one.name for one in ast.walk(tree) if isinstance(one, kinds)}
            if function not in functions[path]:
                missing.append(named)
    assert missing == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.heading}: {row.item}"[:80])
def test_item_is_shown_or_says_why_not(row: Row) -> None:
    assert row.item
    if CODE.search(row.shown_by):
        assert not re.sub(r"`[^`]+`", "", row.shown_by).strip(", "), "a test, and nothing else"
    else:
        assert row.shown_by.startswith(("advice", "open"))
        assert not row.shown_by.startswith("advice") or "](" in row.what + row.shown_by, "advice needs a page"
        assert not row.shown_by.startswith("open") or row.what, "what is there instead?"


def test_what_does_it_is_there() -> None:
    registry = Registry()
    assert load_node_packs(registry) == []
    known_types = {type.name for type in registry}
    missing: list[Any] = []
    for row in ROWS:
        missing += [name for name in NODE.findall(row.what) if name not in known_types]
        for code in CODE.findall(row.what):
            method, _, path = code.partition(" ")
            if code.startswith("flowengine "):
                check_command(shlex.split(code))
            elif method in {"GET", "POST", "PUT"}:
                missing += [code] if (method, path) not in HTTP_PATHS else []
            elif code.startswith("flowengine_"):
                missing += [code] if code not in REFERENCE else []
            elif re.fullmatch(r"[A-Z]+(_[A-Z]+)+|HOST|PORT", code):
                missing += [code] if code not in VARIABLES else []
    assert missing == []


def test_shipped_flows_follow_the_topics_of_the_specification() -> None:
    told = RESOURCES["registry"]["config"]["topics"]
    for name, (kind, id) in TOPICS.items():
        usual = Topics.model_fields[kind].default
        assert told[kind] == f"${{{name}:-{usual}}}"
        nodes = [flow["nodes"][id]["config"].get("topic") for flow in FLOWS.values() if id in flow["nodes"]]
        assert not id or told[kind] in nodes, name
    assert {kind for kind, _ in TOPICS.values()} == set(Topics.model_fields)
