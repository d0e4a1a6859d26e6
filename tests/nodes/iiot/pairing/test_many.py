"""Many devices that pair at once: a thousand in the usual way, and in a soak in every way."""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowengine_nodes.iiot.registry.device import Device
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.deployed_mosquitto import with_dynamic_security
from tests.nodes.iiot.pairing.site import PAIRING, PAIRING_PASSWORD, Applicant, PairingSite, may_log_in
from tests.nodes.iiot.registries import add_profile

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.serial, pytest.mark.timeout(300)]

THOUSAND = 1_000
MANY = THOUSAND if "SOAK_ROUNDS" in os.environ else 200
MINUTE = 60.0


@pytest.mark.parametrize(
    ("mode", "rules", "way", "count"),
    [
        ("mosquitto", "acl-file", "mqtt", THOUSAND),
        ("mosquitto", "acl-file", "http", MANY),
        ("mosquitto", "roles", "mqtt", MANY),
        ("shared", "roles", "mqtt", MANY),
    ],
)
async def test_many_devices_pair_at_once(
    tmp_path: Path, new_mosquitto: MosquittoFactory, mode: str, rules: str, way: str, count: int
) -> None:
    broker = new_mosquitto()
    if mode == "mosquitto":
        with_dynamic_security(broker, acl_file=rules == "acl-file")
    await broker.start()
    async with PairingSite(tmp_path, broker, mode=mode, MQTT_DEVICE_RULES=rules) as site:
        if mode == "mosquitto":
            await site.shows("in place")
        requests = await _requests(site, count)
        began = time.monotonic()
        answers = await (_over_http(site, requests) if way == "http" else _over_mqtt(broker, requests))
        seconds = time.monotonic() - began
        print(f"{count} devices paired over {way}, {mode} with {rules}, in {seconds:.1f} s")  # noqa: T201 - the figure
        assert {answer.get("device") for answer in answers} == {f"boiler-{number}" for number in range(count)}
        pairs = Counter(line.subject for line in await _pair_lines(site))
        assert len(pairs) == count
        assert set(pairs.values()) == {1}, "a token was used twice"
        # With roles nearly all of the time is the broker's, which writes its file two thousand times.
        assert seconds < (3 if rules == "roles" else 1) * MINUTE
        for answer in answers[::100]:
            if mode == "mosquitto":
                assert await may_log_in(broker, answer)


async def _requests(site: PairingSite, count: int) -> list[dict[str, str]]:
    await add_profile(site.registry)
    requests = []
    for start in range(0, count, 100):
        ids = [f"boiler-{number}" for number in range(start, start + 100)]
        devices = [Device(id=id, serial=f"SN-{id}", profile="boiler") for id in ids]
        await asyncio.gather(*(site.registry.devices.add(device, "test") for device in devices))
        tokens = await asyncio.gather(*(site.registry.tokens.issue(f"SN-{id}", 900, "test") for id in ids))
        requests += [{"serial": token.serial, "token": token.text, "request_id": token.device} for token in tokens]
    return requests


async def _over_mqtt(broker: Mosquitto, requests: list[dict[str, str]]) -> list[dict[str, Any]]:
    async def pair(several: list[dict[str, str]]) -> list[dict[str, Any]]:
        async with Applicant(broker, (PAIRING, PAIRING_PASSWORD)) as applicant:
            for request in several:
                await applicant.send({**request, "reply_to": applicant.reply})
            return [await applicant.answer(3 * MINUTE) for _ in several]

    # Fifty connections: a thousand clients in one process would be measured instead of us.
    parts = await asyncio.gather(*(pair(requests[start::50]) for start in range(50)))
    return [answer for part in parts for answer in part]


async def _over_http(site: PairingSite, requests: list[dict[str, str]]) -> list[dict[str, Any]]:
    doors = asyncio.Semaphore(90)

    async def pair(request: dict[str, str]) -> dict[str, Any]:
        while True:
            try:
                async with doors:
                    response = await site.post(request)
            except httpx.HTTPError:
                # A connection that was closed while it was taken for the next request; a device tries again too.
                continue
            if response.status_code not in {503, 504}:
                answer: dict[str, Any] = response.json()
                return answer
            await asyncio.sleep(1)

    return await asyncio.gather(*map(pair, requests))


async def _pair_lines(site: PairingSite) -> list[Any]:
    return [*await site.service.engine.world.store.audit.list(what="pair", limit=2 * THOUSAND)]
