import asyncio
import json
import signal
import sys
from pathlib import Path

import aiomqtt
import pytest

from tests.cli.conftest import Command
from tests.mosquitto import Mosquitto, free_port

SCRIPT = str(Path(sys.executable).parent / "flowengine")


async def start(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(SCRIPT, "simulate", *arguments, stdout=pipe, stderr=pipe)


@pytest.mark.mosquitto
async def test_simulate_counts_what_it_sent_until_it_is_interrupted(mosquitto: Mosquitto) -> None:
    process = await start("--port", str(mosquitto.port), "--devices", "3", "--interval", "0.1", "--format", "json")
    # Only once telemetry comes in is there something to count.
    async with aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as watcher:
        await watcher.subscribe("telemetry/+/data", qos=1)
        heard = set[str]()
        while len(heard) < 3:
            heard.add(str((await anext(watcher.messages)).topic))
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    totals = json.loads(out)
    assert (process.returncode, err) == (0, b"")
    assert (totals["devices"], totals["reached"], totals["connected"]) == (3, 3, 0)
    assert totals["sent"] == totals["acknowledged"] > 0


def test_simulate_without_a_broker_says_so(flowengine: Command) -> None:
    port = free_port()
    ended = flowengine("simulate", "--devices", "2", "--seconds", "0.3", "--port", str(port))
    assert ended.code == 1
    assert f"no device has a connection to localhost:{port}: " in ended.err


def test_simulate_without_a_store_to_enter_devices_into_says_so(flowengine: Command) -> None:
    ended = flowengine("simulate", "--pair", "--seconds", "0.1")
    assert ended.code == 2
    assert "there is no store" in ended.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kind", "boilr"), 'there is no kind "boilr"; one of boiler, chiller, press, meter'),
        (("--prefix", "a/"), '"a/boiler-01" cannot be the id of a device'),
        (("--drop", "2"), "--drop"),
        (("--format", "xml"), "--format"),
        (("--ca", "text"), "text: it holds no certificate in PEM"),
        (("--firmware-key", "text"), "text: it holds no public key"),
        (("--firmware-key", "noise"), "noise: it holds no public key"),
    ],
)
def test_simulate_explains_what_is_wrong(
    flowengine: Command, here: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (here / "text").write_text("no key")
    (here / "noise").write_bytes(b"\xff\xfe\x00")
    ended = flowengine("simulate", "--seconds", "0.1", *arguments)
    assert ended.code == 2
    assert sentence in " ".join(ended.err.split())


def test_simulate_takes_any_prefix(flowengine: Command) -> None:
    ended = flowengine(
        "simulate",
        "--prefix",
        "line",
        "--devices",
        "4",
        "--seconds",
        "0.1",
        "--port",
        str(free_port()),
        "--format",
        "json",
    )
    assert ended.json["devices"] == 4
