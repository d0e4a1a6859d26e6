"""A job: what a flow has to do, said so that every side can build its own flow for it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["map", "http", "outbox", "chain", "plant", "telemetry", "telemetry-outbox"]

# A plant is this many lines, each of mqtt-in, eight change nodes and mqtt-out: ten nodes.
PLANT_CHANGES = 8


@dataclass(frozen=True, kw_only=True)
class Job:
    """Describe one flow and what it is connected to.

    Args:
        kind: "map" reads JSON, sets and moves fields and writes JSON; "http" asks an HTTP server in between;
            "outbox" is "map" with the output stored durably before the input is acknowledged; "chain" is
            `length` change nodes in a row; "plant" is `length` chains beside each other, of which the first
            gets the telemetry; "telemetry" maps by the rules of profiles, "telemetry-outbox" with the output stored
            durably.
        broker_port: Port of the MQTT broker on the loopback address.
        qos: QoS of subscriptions and publishes, 0 or 1.
        version: MQTT protocol version, 4 (3.1.1) or 5.
        length: Change nodes of a chain, or lines of a plant.
        web_port: Port of the HTTP server on the loopback address.
        prompt: Whether a peer that leaves Nagle's algorithm on is forced to turn it off.
        devices: Number of devices that send.
        revision: Number that the deploy scenario changes to change one node.
    """

    kind: Kind
    broker_port: int
    qos: int = 1
    version: int = 5
    length: int = 1
    web_port: int = 0
    prompt: bool = False
    devices: int = 100
    revision: int = 0

    @property
    def check(self) -> str:
        """Say what must come out, in the words of `Telemetry.expected`."""
        match self.kind:
            case "map" | "outbox":
                return "mapped"
            case "http":
                return "same"
            case "telemetry" | "telemetry-outbox":
                return "written"
            case "chain":
                return f"hop-{self.length}"
            case "plant":
                return f"hop-{PLANT_CHANGES}"
