"""Points at which an engine can be made to die: before and after each commit, publish, acknowledgement and answer.

It is installed from outside, in the engine's own process, before that begins: nothing of it is in the engine. The
variable ``FAULT_POINTS`` names a file. While it is there, points are written down beside it; at the point that it
names, the process is killed as by a power cut.
"""

import os
import re
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from flowengine.runtime.requests import RequestTable
from flowengine.storage.postgresql import PostgresqlDatabase
from flowengine.storage.sqlite import SqliteDatabase
from flowengine_nodes.iiot import command_dispatch, device_automation
from flowengine_nodes.iiot.embedded import rollouts, roster_keeper, updates
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client

VARIABLE = "FAULT_POINTS"

_PERIODS = (
    (command_dispatch, "POLL"),
    (device_automation, "POLL"),
    (rollouts, "LOOK"),
    (roster_keeper, "PERIOD"),
    (updates, "_POLL"),
)
_OFTEN = 0.1
"""Seconds between looks that the engine takes once a second: a walk of many deaths would mostly wait for them."""

_PARTICULAR = re.compile(r"[0-9a-f]{8,}|\d+")


def kind_of(point: str) -> str:
    """Return what a point has in common with the same one in another run: all but numbers and ids."""
    return _PARTICULAR.sub("#", point)


class FaultPoints:
    """Write points down and die at one of them.

    Args:
        file: Says where to die, while points are written down at all: ``3 before a commit`` is the third of this kind.
            Empty to live on.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._place: str | None = None
        self._passed: Counter[str] = Counter()

    def reach(self, what: str) -> None:
        """Be at a point."""
        place = self._file.read_text() if self._file.exists() else None
        if place != self._place:
            self._place = place
            self._passed.clear()
        if place is None:
            return
        kind = kind_of(what)
        self._passed[kind] += 1
        with self._file.with_suffix(".passed").open("a") as passed:
            passed.write(f"{what}\n")
        if place == f"{self._passed[kind]} {kind}":
            os.kill(os.getpid(), signal.SIGKILL)


def install() -> None:
    """Put the points into place."""
    points = FaultPoints(Path(os.environ[VARIABLE]))
    publish, settle, answer = Mqtt5Client.publish, Inbound.settle, RequestTable.answer

    def publish_and_die(
        self: Mqtt5Client, topic: str, payload: bytes, qos: int, retain: Any, properties: Any, on_done: Any
    ) -> None:
        points.reach(f"before publishing to {topic}")
        told = _told(points, f"after publishing to {topic}", on_done)
        publish(self, topic, payload, qos, retain, properties, told)

    def settle_and_die(self: Inbound, *arguments: Any, **more: Any) -> None:
        points.reach(f"before acknowledging {self.topic}")
        settle(self, *arguments, **more)

    def answer_and_die(self: RequestTable, *arguments: Any) -> bool:
        points.reach("before answering over HTTP")
        return answer(self, *arguments)

    for owner, name, patched in (
        (SqliteDatabase, "write", _committing(points, SqliteDatabase.write)),
        (PostgresqlDatabase, "write", _committing(points, PostgresqlDatabase.write)),
        (Mqtt5Client, "publish", publish_and_die),
        (Inbound, "settle", settle_and_die),
        (RequestTable, "answer", answer_and_die),
    ):
        setattr(owner, name, patched)
    for module, name in _PERIODS:
        setattr(module, name, _OFTEN)


def _committing(points: FaultPoints, write: Any) -> Callable[[Any, Any], Awaitable[Any]]:
    async def write_and_die(self: Any, work: Any) -> Any:
        points.reach("before a commit")
        result = await write(self, work)
        points.reach("after a commit")
        return result

    return write_and_die


def _told(points: FaultPoints, what: str, on_done: Callable[[Any], None]) -> Callable[[Any], None]:
    def told(error: Any) -> None:
        points.reach(what)
        on_done(error)

    return told
