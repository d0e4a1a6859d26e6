"""The flows that the tests run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.mosquitto import Mosquitto

RECEIVE_MAXIMUM = 50
"""QoS 1 messages that the engine lets the broker have unacknowledged."""
WORKERS = 8
MOST_CLAIMED = WORKERS * 2
"""Rows that an outbox of so many workers has claimed at most, where its node takes them one by one."""

TO_HTTP = "to-http"
TO_MQTT = "to-mqtt"


def node(type: str, config: Mapping[str, Any], *targets: str, **more: Any) -> dict[str, Any]:
    """Return a node's document; targets are those of its port ``out``."""
    return {"type": type, "config": config, **({"wires": {"out": list(targets)}} if targets else {}), **more}


def mqtt_in(*targets: str, topic: str = "telemetry/{device}/data", payload: str = "json") -> dict[str, Any]:
    return node("mqtt-in", {"broker": "main", "topic": topic, "payload": payload}, *targets)


def change(*targets: str, **fields: Any) -> dict[str, Any]:
    rules = [{"set": "$.payload.device", "to": {"path": "$.device"}}]
    rules += [{"set": f"$.payload.{name}", "to": {"literal": value}} for name, value in fields.items()]
    return node("change", {"rules": rules}, *targets)


def http_request(url: str, *targets: str, outbox: bool = True, queue: int = 1000, **config: Any) -> dict[str, Any]:
    return node(
        "http-request",
        {"method": "POST", "url": f"{url}/{{device}}", **config},
        *targets,
        stage={"order": "$.device", "outbox": outbox, "workers": WORKERS, "queue": queue},
    )


def mqtt_out(*targets: str) -> dict[str, Any]:
    return node("mqtt-out", {"broker": "main", "topic": "out/{device}"})


def to_http(url: str, **config: Any) -> dict[str, Any]:
    """Return the nodes of a flow that takes messages from the broker to an HTTP server."""
    return {"in": mqtt_in("map"), "map": change("sink"), "sink": http_request(url, **config)}


def to_mqtt() -> dict[str, Any]:
    """Return the nodes of a flow that takes messages from the broker, and back to it."""
    return {"in": mqtt_in("map"), "map": change("sink"), "sink": mqtt_out()}


class FlowsFolder:
    """A folder of flows.

    Args:
        path: Where it is; made.
        broker: What its resource ``main`` connects to.
        broker_config: Further settings of that resource.
    """

    def __init__(self, path: Path, broker: Mosquitto, **broker_config: Any) -> None:
        path.mkdir(parents=True)
        self.path = path
        self._broker = broker
        self.write_resources(**broker_config)

    def write_resources(self, **broker_config: Any) -> None:
        config = {
            "host": self._broker.host,
            "port": self._broker.port,
            "client_id": "engine",
            "receive_maximum": RECEIVE_MAXIMUM,
            **broker_config,
        }
        self.write_file("resources.json", {"resources": {"main": {"type": "mqtt-broker", "config": config}}})

    def write(self, flow: str, nodes: Mapping[str, Any], **more: Any) -> None:
        """Write a flow."""
        self.write_file(f"{flow}.flow.json", {"id": flow, "nodes": nodes, **more})

    def remove(self, flow: str) -> None:
        (self.path / f"{flow}.flow.json").unlink()

    def write_file(self, name: str, document: Mapping[str, Any]) -> None:
        # Whole or not at all, as an editor saves.
        half = self.path / f".{name}.half"
        half.write_text(json.dumps({"flowengine": 1, **document}))
        half.rename(self.path / name)
