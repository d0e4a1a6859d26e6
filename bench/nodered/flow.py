"""The flow file that Node-RED gets for a job."""

import json
from pathlib import Path
from typing import Any

from bench.job import PLANT_CHANGES, Job
from bench.telemetry import OUTPUT_TOPIC, TOPIC_FILTER

FLOWS = Path(__file__).parent / "flows"
NodeList = list[dict[str, Any]]


def flow(job: Job) -> NodeList:
    """Build all nodes: those of the flow, the broker, and ports and QoS filled in."""
    match job.kind:
        # Node-RED has no outbox: it runs the same without.
        case "map" | "outbox":
            nodes = json.loads((FLOWS / "map.json").read_text())
        case "http":
            nodes = json.loads((FLOWS / "http.json").read_text())
        case "telemetry" | "telemetry-outbox":
            nodes = json.loads((FLOWS / "telemetry.json").read_text().replace("DEVICES", str(job.devices)))
        case "chain":
            nodes = [tab(), *chain("", TOPIC_FILTER, OUTPUT_TOPIC, job.length, 0)]
        case "plant":
            nodes = [tab(), *chain("", TOPIC_FILTER, OUTPUT_TOPIC, PLANT_CHANGES, job.revision)]
            for line in range(1, job.length):
                nodes += chain(f"-{line}", f"line/{line}/data", f"line/{line}/out", PLANT_CHANGES, 0)
    for node in nodes:
        if "qos" in node:
            node["qos"] = str(job.qos)
        if node["type"] == "http request":
            node["url"] = f"http://127.0.0.1:{job.web_port}/"
    return [*nodes, broker(job)]


def tab() -> dict[str, Any]:
    return {"id": "tab", "type": "tab", "label": "chain"}


def assignment(target: str, value: int) -> dict[str, str]:
    return {"t": "set", "p": target, "pt": "msg", "to": str(value), "tot": "num"}


def chain(name: str, source: str, sink: str, length: int, revision: int) -> NodeList:
    """Join mqtt in, `length` change nodes that count themselves, and mqtt out."""
    changes: NodeList = []
    for hop in range(1, length + 1):
        rules = [assignment("payload.hop", hop)]
        if hop == 1 and revision:
            rules.append(assignment("payload.revision", revision))
        follower = f"n-hop-{hop + 1}{name}" if hop < length else f"n-out{name}"
        node = {"id": f"n-hop-{hop}{name}", "type": "change", "z": "tab", "x": 100 * hop, "y": 100}
        changes.append({**node, "rules": rules, "wires": [[follower]]})
    template: NodeList = json.loads((FLOWS / "map.json").read_text())
    by_type = {node["type"]: node for node in template}
    return [
        {**by_type["mqtt in"], "id": f"n-in{name}", "topic": source, "wires": [[f"n-hop-1{name}"]]},
        *changes,
        {**by_type["mqtt out"], "id": f"n-out{name}", "topic": sink},
    ]


def broker(job: Job) -> dict[str, Any]:
    return {
        "id": "n-broker",
        "type": "mqtt-broker",
        "broker": "127.0.0.1",
        "port": str(job.broker_port),
        "clientid": "bench-node-red",
        "autoConnect": True,
        "usetls": False,
        "protocolVersion": str(job.version),
        "keepalive": "60",
        "cleansession": True,
    }
