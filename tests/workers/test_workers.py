import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from tests.mosquitto import Mosquitto, free_port
from tests.postgresql import Postgresql

PROGRAM = Path(sys.executable).with_name("flowengine")
FLOW = {
    "flowengine": 1,
    "id": "echo",
    "nodes": {
        "in": {
            "type": "mqtt-in",
            "config": {"broker": "main", "topic": "in/{device}"},
            "wires": {"out": ["who"]},
        },
        "who": {
            "type": "function",
            "config": {"code": "import os\nreturn {**msg, 'payload': {'n': msg['payload'], 'pid': os.getpid()}}"},
            "wires": {"out": ["out"]},
        },
        "out": {"type": "mqtt-out", "config": {"broker": "main", "topic": "out/{device}"}},
        "tick": {
            "type": "inject",
            "config": {"every": "200ms", "fields": {"payload": "tick", "device": "tick"}},
            "wires": {"out": ["who"]},
        },
    },
}
MESSAGES = 400


@asynccontextmanager
async def two_workers(folder: Path, store: str, broker: Mosquitto) -> AsyncIterator[asyncio.subprocess.Process]:
    resources = {"main": {"type": "mqtt-broker", "config": {"host": broker.host, "port": broker.port}}}
    (folder / "echo.flow.json").write_text(json.dumps(FLOW))
    (folder / "resources.json").write_text(json.dumps({"flowengine": 1, "resources": resources}))
    command = [str(PROGRAM), "run", str(folder), "--workers", "2", "--store", store, "--port", str(free_port())]
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stderr=log)
    try:
        yield process
    finally:
        if process.returncode is None:
            # The workers notice that it is gone, and stop.
            process.kill()
        await process.wait()


@pytest.mark.mosquitto
@pytest.mark.postgresql
@pytest.mark.timeout(120)
async def test_workers_share_the_messages_and_one_that_is_killed_loses_none(
    tmp_path: Path, mosquitto: Mosquitto, postgresql: Postgresql
) -> None:
    store = await postgresql.new_database()
    async with (
        two_workers(tmp_path, store, mosquitto) as parent,
        aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        await client.subscribe("out/#", qos=1)
        got: Counter[int] = Counter()
        pids: set[int] = set()
        ticking: set[int] = set()
        complete = asyncio.Event()

        async def collect() -> None:
            async for message in client.messages:
                answer = json.loads(bytes(message.payload))
                if message.topic.matches("out/tick"):
                    ticking.add(answer["pid"])
                else:
                    got[answer["n"]] += 1
                    pids.add(answer["pid"])
                    if all(got[number] for number in range(MESSAGES)):
                        complete.set()

        collecting = asyncio.create_task(collect())
        async with asyncio.timeout(60):
            # Both have subscribed when a message has reached each.
            probe = -1
            while len(pids) < 2:
                await client.publish("in/a", str(probe), qos=1)
                probe -= 1
                await asyncio.sleep(0.02)
            for number in range(MESSAGES):
                await client.publish(f"in/{number % 7}", str(number), qos=1)
                if number == MESSAGES // 2:
                    os.kill(max(pids), signal.SIGKILL)
            await complete.wait()
            while len(pids) < 3:
                await client.publish("in/a", str(probe), qos=1)
                probe -= 1
                await asyncio.sleep(0.05)
        assert len(ticking) in {1, 2}  # one at a time; another takes over when it dies
        parent.terminate()
        async with asyncio.timeout(30):
            assert await parent.wait() == 0
        collecting.cancel()


def test_workers_without_postgresql_are_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "flow.flow.json").write_text(json.dumps({"flowengine": 1, "id": "flow", "nodes": {}}))
    done = subprocess.run([PROGRAM, "run", tmp_path, "--workers", "2"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "workers-store" in done.stderr
    assert "postgresql://" in done.stderr
    assert "Traceback" not in done.stderr
