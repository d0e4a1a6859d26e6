"""The telemetry that devices send in every scenario, and what must come out of the flows for it."""

from typing import Any

import orjson

from bench.packet import V5, text

TOPIC_FILTER = "telemetry/+/data"
OUTPUT_TOPIC = "bench/out"

BODY = (
    b'{"id":%d,"sent":%d,"device":"%b","temperature":%.1f,"humidity":48.2,"pressure":1013.2,"battery":3.71,'
    b'"state":"running","alarms":[],"position":{"line":4,"slot":12},"firmware":"1.4.2"}'
)


class Telemetry:
    """Encode telemetry messages of about 200 bytes as ready PUBLISH packets.

    Args:
        topics: Number of devices, each with a topic of its own, used in turn.
        qos: 0 or 1.
        version: Protocol version of the connection that the packets go to.
    """

    def __init__(self, *, topics: int, qos: int, version: int) -> None:
        self.qos = qos
        self._devices = [b"dev-%06d" % number for number in range(topics)]
        self._topics = [text(f"telemetry/{device.decode()}/data") for device in self._devices]
        self._first = 0x32 if qos else 0x30
        self._properties = b"\x00" if version == V5 else b""

    def body(self, number: int, sent: int) -> bytes:
        """Encode the payload of a message sent at `sent`, in nanoseconds of the monotonic clock."""
        device = self._devices[number % len(self._devices)]
        return BODY % (number, sent, device, 15 + number % 100 / 10)

    def packet(self, number: int, sent: int) -> bytes:
        identifier = (number % 65535 + 1).to_bytes(2, "big") if self.qos else b""
        topic = self._topics[number % len(self._topics)]
        rest = topic + identifier + self._properties + self.body(number, sent)
        # Always between 128 and 16383 bytes: two digits of length.
        return bytes((self._first, len(rest) & 0x7F | 0x80, len(rest) >> 7)) + rest

    def expected(self, number: int, sent: int, check: str) -> dict[str, Any]:
        """Say what a flow must make of a message.

        Args:
            number: The message's number.
            sent: Its time stamp in nanoseconds.
            check: "same" for an echo, "mapped" for the mapping flow, "hop-N" for a chain of N nodes,
                "written" for the mapping by rules, whose time is not looked at.
        """
        document: dict[str, Any] = orjson.loads(self.body(number, sent))
        if check == "mapped":
            document["site"] = "plant-1"
            document["condition"] = document["state"]
            document["values"] = {name: document.pop(name) for name in ("temperature", "humidity")}
        elif check == "written":
            values = {name: document[name] for name in ("id", "sent", "temperature", "humidity", "state")}
            record = number % len(self._devices) + 1
            write = {"model": "maintenance.equipment", "id": record, "values": values}
            return {"device": document["device"], "writes": [write]}
        elif check.startswith("hop-"):
            document["hop"] = int(check.removeprefix("hop-"))
        return document
