"""Points at which an engine can be made to die: before and after each commit, publish, acknowledgement and answer.

It is installed from outside, in the engine's own process, before that begins: nothing of it is in the engine. The
variable ``FAULT_POINTS`` names a file. While it is there, points are counted and written down beside it; at the point
whose number it holds, the process is killed as by a power cut.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flowengine.runtime.requests import RequestTable
from flowengine.storage.sqlite import SqliteDatabase
from flowengine_nodes.network.mqtt.inbound import Inbound
from flowengine_nodes.network.mqtt.mqtt5_client import Mqtt5Client

VARIABLE = "FAULT_POINTS"


class FaultPoints:
    """Count points and die at one of them.

    Args:
        file: Holds the number of the point to die at, while points are counted at all.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._passed = 0

    def reach(self, what: str) -> None:
        """Be at a point."""
        if not self._file.exists():
            self._passed = 0
            return
        self._passed += 1
        with self._file.with_suffix(".passed").open("a") as passed:
            passed.write(f"{what}\n")
        if self._passed == int(self._file.read_text()):
            os.kill(os.getpid(), signal.SIGKILL)


def install() -> None:
    """Put the points into place."""
    points = FaultPoints(Path(os.environ[VARIABLE]))
    write, publish = SqliteDatabase.write, Mqtt5Client.publish
    settle, answer = Inbound.settle, RequestTable.answer

    async def write_and_die(self: SqliteDatabase, work: Any) -> Any:
        points.reach("before a commit")
        result = await write(self, work)
        points.reach("after a commit")
        return result

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
        (SqliteDatabase, "write", write_and_die),
        (Mqtt5Client, "publish", publish_and_die),
        (Inbound, "settle", settle_and_die),
        (RequestTable, "answer", answer_and_die),
    ):
        setattr(owner, name, patched)


def _told(points: FaultPoints, what: str, on_done: Callable[[Any], None]) -> Callable[[Any], None]:
    def told(error: Any) -> None:
        points.reach(what)
        on_done(error)

    return told
