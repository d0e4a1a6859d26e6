"""Print what mapping a message costs, and hold simple rules to a tenth of what jsonpath-ng costs for their paths."""

import asyncio
import json
import sys
import time
import timeit
from collections.abc import Callable
from functools import partial
from typing import Any

from jsonpath_ng.ext.parser import parse

from flowengine.message import Delivery, Message
from flowengine.testing import NodeHarness
from flowengine_nodes.iiot.iiot_registry import EmbeddedRegistry
from flowengine_nodes.iiot.registry.device import BusinessObject, Device
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.telemetry.counts import Counts
from flowengine_nodes.iiot.telemetry.mapping import Mapping
from flowengine_nodes.iiot.telemetry_map import TelemetryMap

READING: dict[str, Any] = {
    "temperature": 81.5,
    "pressure": 2.4,
    "flow": {"rate": 140.2},
    "burner": 55,
    "state": "running",
    "id": 1,
}
PATHS = ["$.temperature", "$.pressure", "$.flow.rate", "$.burner", "$.state"]
DEVICES = 1_000
ROUNDS = 15
RULES: dict[str, list[dict[str, Any]]] = {
    "as it is": [{"path": path, "field": f"x_{number}"} for number, path in enumerate(PATHS)],
    "with unit, scale and deadband": [
        {"path": "$.temperature", "field": "x_a", "transform": {"unit": "°F", "to_unit": "°C", "round": 1}},
        {"path": "$.pressure", "field": "x_b", "transform": {"type": "number", "scale": 0.1}},
        {"path": "$.flow.rate", "field": "x_c", "condition": {"deadband": 0.1}},
        {"path": "$.burner", "field": "x_d", "transform": {"type": "integer"}},
        {"path": "$.state", "field": "x_e", "transform": {"map": {"running": "on", "idle": "off"}}},
    ],
}


def microseconds(work: Callable[[], object]) -> float:
    """Return the cost of one call: the best of some rounds, as the machine has other work too."""
    timer = timeit.Timer(work, timer=time.process_time)
    number, _ = timer.autorange()
    return min(timer.repeat(ROUNDS, max(number // 4, 1))) / max(number // 4, 1) * 1e6


def profile(rules: list[dict[str, Any]]) -> Profile:
    return Profile.model_validate({"id": "boiler", "rules": rules})


async def whole_node(rules: list[dict[str, Any]]) -> float:
    """Return what a message costs the node: bytes in, writes out."""
    async with NodeHarness(TelemetryMap, {}, resources={"registry": (EmbeddedRegistry, {})}) as harness:
        registry: EmbeddedRegistry = harness._engine.world.resource("registry")  # type: ignore[assignment]  # noqa: SLF001 - no way through
        await registry.profiles.save(profile(rules), "bench")
        for number in range(DEVICES):
            one = Device(id=f"b{number}", serial=f"s{number}", profile="boiler", business=BusinessObject("m", number))
            await registry.devices.add(one, "bench")
        for port in harness.node.outputs.values():
            port.connect(lambda _message: None)
        payload = json.dumps(READING).encode()
        delivery = Delivery(harness.account)
        messages = [
            Message({"payload": payload, "topic": f"t/{n}", "qos": 1, "device": f"b{n}"}, delivery)
            for n in range(DEVICES)
        ]
        receive = harness.flow.cells["node"].hop

        def all_of_them() -> None:
            for message in messages:
                receive(message)

        return microseconds(all_of_them) / DEVICES


def main() -> int:
    failed = False
    library = [parse(path) for path in PATHS]
    theirs = microseconds(lambda: [path.find(READING) for path in library])
    print(f"{'jsonpath-ng, the five paths alone':50} {theirs:8.2f} µs")
    for name, rules in RULES.items():
        mapping = Mapping(profile(rules), Counts()).of(
            Member("b", profile(rules), BusinessObject("m", 1), takes_part=True)
        )
        ours = microseconds(partial(mapping.apply, READING, 0.0, []))
        print(f"{'five rules, ' + name:50} {ours:8.2f} µs   jsonpath-ng costs {theirs / ours:.0f} times as much")
        print(f"{'  the whole node, from bytes':50} {asyncio.run(whole_node(rules)):8.2f} µs")
        failed |= name == "as it is" and ours * 10 > theirs
    if failed:
        print("five simple rules cost more than a tenth of what their paths cost jsonpath-ng", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
