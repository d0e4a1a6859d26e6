import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.ota.signing import new_key, public_key, sign
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.simulator.behaviour import Behaviour, Dice
from flowengine_nodes.iiot.simulator.downloads import Downloads
from flowengine_nodes.iiot.simulator.site import Site
from flowengine_nodes.iiot.simulator.totals import Totals
from flowengine_nodes.iiot.simulator.updating import Updating

IMAGE = bytes(range(256)) * 1024
ALL = ["downloading", "downloaded", "verified", "installing", "rebooting", "succeeded"]


class Workbench:
    """A device that updates, a server with its image, and what the device reports."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ranges: list[str] = []
        self.reports: list[dict[str, Any]] = []
        self.cuts = 0
        self.totals = Totals()
        self.downloads = Downloads()

    def device(self, behaviour: Behaviour | None = None, key: str = "") -> Updating:
        site = Site(update_seconds=0, firmware_key=key)
        return Updating(
            "1.0.0",
            site,
            behaviour or Behaviour(),
            Dice("seed"),
            self.totals,
            VirtualClock(),
            self.downloads,
            self.reports.append,
            self.cut,
        )

    def cut(self) -> None:
        self.cuts += 1

    def notice(self, **other: Any) -> bytes:
        sha256 = hashlib.sha256(IMAGE).hexdigest()
        made = {"update": "u-1", "attempt": 1, "version": "2.0.0", "size": len(IMAGE), "sha256": sha256}
        return json.dumps(made | {"url": self.url, "hardware": [], "min_version": ""} | other).encode()

    async def finish(self, device: Updating) -> list[str]:
        assert device._task is not None
        await device._task
        return [report.get("state", f"runs {report['version']}") for report in self.reports]


@pytest.fixture
async def bench() -> AsyncIterator[Workbench]:
    asked: list[str] = []

    async def image(request: web.Request) -> web.Response:
        wanted = request.headers.get("Range", "")
        asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        return web.Response(status=206 if wanted else 200, body=IMAGE[start:])

    app = web.Application()
    app.router.add_get("/image", image)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made = Workbench(f"http://{host}:{port}/image")
    made.ranges = asked
    yield made
    await made.downloads.close()
    await runner.cleanup()


async def test_device_goes_through_an_update_and_says_so(bench: Workbench) -> None:
    device = bench.device()
    device.notified(bench.notice())
    assert await bench.finish(device) == ALL
    assert [report.get("expected") for report in bench.reports] == [None, *ALL[:-1]]
    assert device.version == bench.reports[-1]["version"] == "2.0.0"
    assert bench.cuts == 1
    assert bench.totals.updates == {"succeeded": 1}


async def test_device_does_not_begin_again_for_the_same_notice(bench: Workbench) -> None:
    device = bench.device()
    device.notified(bench.notice())
    first = device._task
    device.notified(bench.notice(copy=2))
    assert device._task is first
    assert await bench.finish(device) == ALL


async def test_device_refuses_an_image_with_another_digest(bench: Workbench) -> None:
    device = bench.device()
    device.notified(bench.notice(sha256="00" * 32))
    assert await bench.finish(device) == ["downloading", "downloaded", "failed"]
    assert bench.reports[-1]["error"]["code"] == "bad-digest"
    assert device.version == "1.0.0"


async def test_device_goes_back_when_the_new_version_does_not_start(bench: Workbench) -> None:
    device = bench.device(Behaviour(reverted_updates=1))
    device.notified(bench.notice())
    assert await bench.finish(device) == [*ALL[:-1], "rolled_back"]
    assert bench.reports[-1]["error"]["code"] == "does-not-start"
    assert device.version == bench.reports[-1]["version"] == "1.0.0"
    assert bench.totals.updates == {"rolled_back": 1}


async def test_device_takes_only_what_its_key_has_signed(bench: Workbench) -> None:
    private = new_key()
    sha256 = hashlib.sha256(IMAGE).hexdigest()
    signed, _ = sign(Firmware(id="f", version="2.0.0", size=len(IMAGE), sha256=sha256), private)
    for key, state in ((public_key(private), "succeeded"), (public_key(new_key()), "failed")):
        bench.reports.clear()
        device = bench.device(key=key)
        device.notified(bench.notice(signature={"algorithm": "ed25519", "key": "k", "value": signed}))
        assert (await bench.finish(device))[-1] == state


async def test_device_whose_power_goes_fetches_the_rest_or_says_what_it_runs(bench: Workbench) -> None:
    endings: set[str] = set()
    for seed in range(12):
        bench.reports.clear()
        device = bench.device(Behaviour(power_loss=1.0))
        device._dice = Dice(str(seed))
        device.notified(bench.notice())
        states = await bench.finish(device)
        endings.add(states[-1])
        assert states == ALL or states[-1] == "runs 1.0.0"
    assert endings == {"succeeded", "runs 1.0.0"}
    assert any(wanted.startswith("bytes=") for wanted in bench.ranges)


async def test_device_says_nothing_of_an_update_when_it_is_told_to_be_silent(bench: Workbench) -> None:
    device = bench.device(Behaviour(silent_updates=1.0))
    device.notified(bench.notice())
    assert bench.reports == []
    assert bench.totals.updates == {"silent": 1}


async def test_device_fails_in_every_attempt_of_an_update_that_is_to_fail(bench: Workbench) -> None:
    device = bench.device(Behaviour(failing_updates=0.5))
    ends: set[str] = set()
    for update in range(8):
        outcomes: set[str] = set()
        for attempt in (1, 2, 3):
            bench.reports.clear()
            device.notified(bench.notice(update=f"u-{update}", attempt=attempt))
            outcomes.add((await bench.finish(device))[-1])
        assert len(outcomes) == 1
        ends |= outcomes
    assert ends == {"failed", "succeeded"}
    assert bench.totals.updates.total() == 8


async def test_device_loses_its_power_once_in_an_update(bench: Workbench) -> None:
    for seed in range(6):
        bench.reports.clear()
        device = bench.device(Behaviour(power_loss=1.0))
        device._dice = Dice(str(seed))
        device.notified(bench.notice())
        await bench.finish(device)
        device.notified(bench.notice(attempt=2))
        assert (await bench.finish(device))[-1] == "succeeded"
    assert bench.totals.updates == {"succeeded": 6}
    assert bench.totals.power_losses == 6


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"7", b'{"update": "u-1"}', b'{"update": 1, "attempt": "x"}'])
async def test_device_leaves_alone_what_is_no_notice(bench: Workbench, payload: bytes) -> None:
    device = bench.device()
    device.notified(payload)
    assert device._task is None


async def test_device_reports_a_notice_that_lacks_something(bench: Workbench) -> None:
    device = bench.device()
    device.notified(b'{"update": "u-1", "attempt": 1}')
    assert await bench.finish(device) == ["failed"]
    assert bench.reports[-1]["error"]["code"] == "bad-notice"


async def test_device_gives_up_an_update_that_is_withdrawn(bench: Workbench) -> None:
    device = bench.device()
    device.notified(bench.notice())
    device.notified(b'{"update": "u-1", "attempt": 1, "copy": 2, "cancel": true}')
    await device.stop()
    assert bench.totals.updates == {"cancelled": 1}
    assert "succeeded" not in [report["state"] for report in bench.reports]
