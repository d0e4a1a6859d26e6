"""Time lint: many flows, one large flow, and both again with one node changed.

Run it with ``python -m bench.lint``.
"""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson

from flowengine.flow.environment import Environment
from flowengine.flow.folder import read_folder
from flowengine.linting import Linter
from flowengine.node import Config, Field, JsonPath, Message, Node, Output, node_type
from flowengine.registry import Registry

T = TypeVar("T")
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


def flow(id_: str, nodes: int, *, mark: int = 0, warned: bool = False) -> bytes:
    """Write a flow: a source, a chain with a second wire at every fourth node, an end."""
    last = f"n{nodes - 1:05}"
    made: dict[str, Any] = {"n00000": {"type": "tick", "wires": {"out": ["n00001"]}}}
    for number in range(1, nodes - 1):
        config = {
            "path": f"$.payload.f{number % 40}",
            "value": mark if number == nodes // 2 else number,
            "label": "at ${SITE}" if number % 10 == 0 else "x",
        }
        targets = {f"n{number + 1:05}", last} if number % 4 == 0 else {f"n{number + 1:05}"}
        made[f"n{number:05}"] = {"type": "set", "config": config, "wires": {"out": sorted(targets)}}
    made[last] = {"type": "show"}
    if warned:
        made["unreached"] = {"type": "show"}
    return orjson.dumps({"flowengine": 1, "id": id_, "nodes": made}, option=orjson.OPT_INDENT_2)


def timed(what: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = work()
    print(f"  {what:<40} {(time.perf_counter() - start) * 1000:9.1f} ms")
    return result


def run(path: Path, flows: int, nodes: int, *, warned: bool) -> None:
    print(f"{flows:,} flows of {nodes:,} nodes{', each with a warning' if warned else ''}")
    ids = [f"flow-{number:04}" for number in range(flows)]
    for id_ in ids:
        (path / f"{id_}.flow.json").write_bytes(flow(id_, nodes, warned=warned))
    linter = Linter(Registry([Tick.__node_type__, Set.__node_type__, Show.__node_type__]))
    folder = timed("read", lambda: read_folder(path))
    result = timed("lint and plan", lambda: linter.lint(folder, ENVIRONMENT))
    assert len(result.plans) == flows, result.problems[:3]
    timed("again, nothing changed", lambda: linter.lint(folder, ENVIRONMENT))
    changed = ids[flows // 2]
    (path / f"{changed}.flow.json").write_bytes(flow(changed, nodes, mark=-1, warned=warned))
    newer = timed("one node changed: read", lambda: read_folder(path, previous=folder))
    again = timed("one node changed: lint and plan", lambda: linter.lint(newer, ENVIRONMENT))
    old, new = result.plans[changed].nodes, again.plans[changed].nodes
    assert sum(new[id_] is not old[id_] for id_ in new) == 1


if __name__ == "__main__":
    for count, size, with_warning in ((1_000, 50, False), (1, 10_000, False), (1, 10_000, True)):
        with TemporaryDirectory() as folder_path:
            run(Path(folder_path), count, size, warned=with_warning)
