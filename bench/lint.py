"""Time lint: many flows, one large flow, and both again with one node changed.

Run it with ``python -m bench.lint``.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from flowengine.flow.environment import Environment
from flowengine.flow.folder import FlowFolder, read_folder
from flowengine.linting import Linter, LintResult
from flowengine.node import Config, Field, JsonPath, Message, Node, Output, node_type
from flowengine.registry import Registry

ENVIRONMENT = Environment({"PATH": "/bin", "SITE": "north"})


class SetConfig(Config):
    path: JsonPath = Field(description="Where to write.")
    value: Any = Field(None, description="What to write.")
    label: str = Field("", description="Shown.")


@node_type("tick", category="bench")
class Tick(Node[Config]):
    """Begin."""

    out = Output("A message.")

    async def run(self) -> None:
        """Do nothing."""


@node_type("set", category="bench")
class Set(Node[SetConfig]):
    """Set a field."""

    out = Output("The message.")

    def receive(self, message: Message) -> None:
        """Pass on."""
        self.send(self.out, message)


@node_type("show", category="bench")
class Show(Node[Config]):
    """End."""

    def receive(self, message: Message) -> None:
        """Do nothing."""


def flow(id_: str, nodes: int, *, mark: int = 0) -> bytes:
    """Write a flow: a source, a chain with a fork at every fourth node, an end."""
    made: dict[str, Any] = {"n00000": {"type": "tick", "wires": {"out": ["n00001"]}}}
    for number in range(1, nodes - 1):
        config = {"path": f"$.payload.f{number % 40}", "value": number, "label": "at ${SITE}" if number % 10 == 0 else "x"}
        if number == nodes // 2:
            config["value"] = mark
        targets = [f"n{number + 1:05}"]
        if number % 4 == 0:
            targets.append(f"n{nodes - 1:05}")
        made[f"n{number:05}"] = {"type": "set", "config": config, "wires": {"out": sorted(set(targets))}}
    made[f"n{nodes - 1:05}"] = {"type": "show"}
    return orjson.dumps({"flowengine": 1, "id": id_, "nodes": made}, option=orjson.OPT_INDENT_2)


def timed(what: str, work: Callable[[], Any], rounds: int = 1) -> Any:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    print(f"  {what:<44} {statistics.median(taken) * 1000:9.1f} ms")
    return result


def run(path: Path, flows: int, nodes: int, *, problem: bool = False) -> None:
    print(f"{flows:,} flows of {nodes:,} nodes{', each with a warning' if problem else ''}")
    for number in range(flows):
        id_ = f"flow-{number:04}"
        data = flow(id_, nodes)
        if problem:
            data = data.replace(b'"nodes": {', b'"nodes": {"zzz": {"type": "show"},', 1)
        (path / f"{id_}.flow.json").write_bytes(data)
    linter = Linter(Registry([Tick.__node_type__, Set.__node_type__, Show.__node_type__]))
    folder: FlowFolder = timed("read", lambda: read_folder(path))
    result: LintResult = timed("lint and plan", lambda: linter.lint(folder, ENVIRONMENT))
    assert len(result.plans) == flows, result.problems[:3]
    timed("again, nothing changed", lambda: linter.lint(folder, ENVIRONMENT), 5)
    for mark in range(1, 6):
        changed = path / f"flow-{flows // 2:04}.flow.json"
        data = flow(changed.name.partition(".")[0], nodes, mark=mark)
        if problem:
            data = data.replace(b'"nodes": {', b'"nodes": {"zzz": {"type": "show"},', 1)
        changed.write_bytes(data)
        previous, before = folder, result
        last = mark == 5
        start = time.perf_counter()
        folder = read_folder(path, previous=previous)
        read = time.perf_counter()
        result = linter.lint(folder, ENVIRONMENT)
        end = time.perf_counter()
        id_ = changed.name.partition(".")[0]
        moved = sum(node is not before.plans[id_].nodes[one] for one, node in result.plans[id_].nodes.items())
        assert moved == 1
        if last:
            print(f"  {'one node changed: read':<44} {(read - start) * 1000:9.1f} ms")
            print(f"  {'one node changed: lint and plan':<44} {(end - read) * 1000:9.1f} ms")


if __name__ == "__main__":
    for count, size, warned in ((1_000, 50, False), (1, 10_000, False), (1, 10_000, True)):
        with TemporaryDirectory() as folder_path:
            run(Path(folder_path), count, size, problem=warned)
