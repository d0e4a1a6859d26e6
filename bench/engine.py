"""flowengine as a side of the comparison: its flows from ``bench/flows``, started by a command line."""

import json
import shlex
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from bench.job import PLANT_CHANGES, Job
from bench.machine import library
from bench.process import Process
from bench.registration import enter_devices
from bench.side import Deploy
from bench.telemetry import OUTPUT_TOPIC, TOPIC_FILTER

FLOWS = Path(__file__).parent / "flows"
STORE = "flowengine.db"
DEFAULT_COMMAND = f"{{scripts}}/flowengine run {{directory}} --port {{port}} --store sqlite:///{STORE}"

Flow = dict[str, Any]


def assignment(target: str, value: int) -> dict[str, Any]:
    return {"set": f"$.{target}", "to": value}


def change(hop: int, follower: str, revision: int) -> dict[str, Any]:
    rules = [assignment("payload.hop", hop)]
    if revision:
        rules.append(assignment("payload.revision", revision))
    return {"type": "change", "config": {"rules": rules}, "wires": {"out": [follower]}}


def chain(name: str, source: str, sink: str, length: int, revision: int) -> dict[str, Any]:
    """Join mqtt-in, `length` change nodes that count themselves, and mqtt-out."""
    ends = json.loads((FLOWS / "map.flow.json").read_text())["nodes"]
    first, last = ends["in"], ends["out"]
    changes = {
        f"hop-{hop}{name}": change(
            hop, f"hop-{hop + 1}{name}" if hop < length else f"out{name}", revision if hop == 1 else 0
        )
        for hop in range(1, length + 1)
    }
    return {
        f"in{name}": {
            **first,
            "config": {**first["config"], "topic": source},
            "wires": {"out": [f"hop-1{name}"]},
        },
        **changes,
        f"out{name}": {**last, "config": {**last["config"], "topic": sink}},
    }


def flow(job: Job) -> Flow:
    """Build the flow of a job, with ports and QoS filled in."""
    match job.kind:
        case "map" | "http" | "outbox":
            name = "http" if job.kind == "http" else "map"
            document: Flow = json.loads((FLOWS / f"{name}.flow.json").read_text())
        case "telemetry" | "telemetry-outbox":
            document = json.loads((FLOWS / "telemetry.flow.json").read_text())
        case "chain":
            nodes = chain("", TOPIC_FILTER, OUTPUT_TOPIC, job.length, 0)
            document = {"flowengine": 1, "id": "chain", "nodes": nodes}
        case "plant":
            nodes = chain("", TOPIC_FILTER, OUTPUT_TOPIC, PLANT_CHANGES, job.revision)
            for line in range(1, job.length):
                nodes |= chain(f"-{line}", f"line/{line}/data", f"line/{line}/out", PLANT_CHANGES, 0)
            document = {"flowengine": 1, "id": "plant", "nodes": nodes}
    for node in document["nodes"].values():
        if "qos" in node["config"]:
            node["config"]["qos"] = job.qos
        if node["type"] == "http-request":
            node["config"]["url"] = f"http://127.0.0.1:{job.web_port}/"
        if node["type"] == "mqtt-out" and job.kind in {"outbox", "telemetry-outbox"}:
            node["stage"] = {"outbox": True}
    return document


def resources(job: Job) -> Flow:
    document: Flow = json.loads((FLOWS / "resources.json").read_text())
    document["resources"]["main"]["config"]["port"] = job.broker_port
    if job.check == "written":
        document["resources"]["registry"] = {"type": "iiot-registry"}
    return document


class FlowEngine:
    """Run our engine.

    Args:
        command: Command line with the places {directory}, {port} and {scripts}, the directory of the scripts
            that are installed beside the running Python.
    """

    name = "flowengine"

    def __init__(self, command: str = DEFAULT_COMMAND) -> None:
        self._command = command

    def version(self) -> str:
        return library("flowengine-iiot")

    def check(self, job: Job) -> str:
        return job.check

    def start(self, job: Job, directory: Path, port: int) -> Process:
        flows = directory / "flows"
        flows.mkdir()
        document = flow(job)
        (flows / f"{document['id']}.flow.json").write_text(json.dumps(document))
        (flows / "resources.json").write_text(json.dumps(resources(job)))
        if job.check == "written":
            enter_devices(directory / STORE, job.devices)
        return self.run(flows, directory, port)

    def run(self, flows: Path, directory: Path, port: int, environment: Mapping[str, str] | None = None) -> Process:
        """Start the engine on a folder of flows, in a directory for its store and its log."""
        scripts = Path(sys.executable).parent
        command = shlex.split(self._command.format(directory=flows, port=port, scripts=scripts))
        return Process(command, log=directory / "engine.log", environment=environment, directory=directory)

    def deploy(self, job: Job, port: int) -> Deploy:
        document = flow(job)
        base = f"http://127.0.0.1:{port}/admin/api"
        before = _ask("GET", f"{base}/flows/{document['id']}")
        nodes = {id_: node for id_, node in document["nodes"].items() if node != before["document"]["nodes"].get(id_)}
        change = {"base": before["revision"], "nodes": nodes}

        def pressed() -> None:
            _ask("PATCH", f"{base}/flows/{document['id']}", change)
            _ask("POST", f"{base}/deploy", {})

        return pressed


def _ask(method: str, url: str, body: Any = None) -> Any:
    # With the fastest JSON there is: the client's own time is in what is measured.
    data = None if body is None else orjson.dumps(body)
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return orjson.loads(answer.read())
