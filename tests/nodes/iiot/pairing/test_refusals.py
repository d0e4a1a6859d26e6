"""What each kind of wrong request is told, over MQTT and HTTP, and what the audit trail says of it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import aiomqtt
import pytest

from flowengine_nodes.iiot.pairing.token_text import ALPHABET, SYMBOLS
from flowengine_nodes.iiot.registry.device import Lifecycle
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.pairing.site import Applicant, PairingSite

pytestmark = [pytest.mark.mosquitto]


class Ask(Protocol):
    """Ask in one of the two ways, and return the answer's body."""

    async def __call__(self, **request: Any) -> dict[str, Any]: ...


@pytest.fixture
async def site(tmp_path: Path, mosquitto: Mosquitto) -> AsyncIterator[PairingSite]:
    async with PairingSite(tmp_path, mosquitto, mode="shared") as site:
        yield site


@pytest.fixture(params=["mqtt", "mqtt-3.1.1", "http"])
async def ask(site: PairingSite, mosquitto: Mosquitto, request: pytest.FixtureRequest) -> AsyncIterator[Ask]:
    if request.param == "http":

        async def over_http(**request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = (await site.post(request)).json()
            return answer

        yield over_http
        return
    version = aiomqtt.ProtocolVersion.V5 if request.param == "mqtt" else aiomqtt.ProtocolVersion.V311
    async with Applicant(mosquitto, protocol=version) as applicant:
        yield applicant.ask


def guess() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))


async def codes(site: PairingSite) -> list[tuple[str, str]]:
    """Return serial number and code of the refusals in the audit trail."""
    return [(line.subject, line.detail["code"]) for line in await site.audit("pair-refuse")]


async def test_each_kind_of_wrong_token_has_its_answer_and_its_line(site: PairingSite, ask: Ask) -> None:
    right = await site.new_device("used")
    expired = await site.new_device("expired", expires_in=0)
    other = await site.new_device("other")
    void = await site.new_device("void")
    await site.registry.tokens.issue("SN-void", 900, "test")
    assert (await ask(serial="SN-used", token=right, request_id="one"))["device"] == "used"
    wrong = [
        ("SN-used", right, "token-used"),
        ("SN-expired", expired, "token-expired"),
        ("SN-void", void, "token-void"),
        ("SN-expired", other, "wrong-serial"),
        ("SN-used", guess(), "token-unknown"),
        ("SN-nobody", guess(), "token-unknown"),
        ("SN-used", "1234", "token-malformed"),
        ("", right, "request-malformed"),
    ]
    for serial, token, code in wrong:
        answer = await ask(serial=serial, token=token, request_id="two")
        assert (answer["code"], answer["request_id"]) == (code, "two")
        assert set(answer) == {"code", "message", "location", "request_id"}
    assert await codes(site) == [(serial, code) for serial, _, code in wrong]
    assert [line.subject for line in await site.audit("pair")] == ["used"]
    # The same request as the first.
    assert (await ask(serial="SN-used", token=right, request_id="one"))["device"] == "used"


async def test_unknown_serial_number_and_wrong_token_are_told_the_same(site: PairingSite, ask: Ask) -> None:
    await site.new_device("known")
    told = [await ask(serial=serial, token=guess()) for serial in ("SN-known", "SN-unknown")]
    assert told[0] == told[1]


async def test_suspended_and_retired_devices_are_refused(site: PairingSite, ask: Ask) -> None:
    for lifecycle in ("suspended", "retired"):
        token = await site.new_device(lifecycle)
        await site.registry.devices.change(lifecycle, {"lifecycle": Lifecycle(lifecycle)}, "test")
        assert (await ask(serial=f"SN-{lifecycle}", token=token))["code"] == f"device-{lifecycle}"
    assert [code for _, code in await codes(site)] == ["device-suspended", "device-retired"]


async def test_refusal_goes_nowhere_unless_the_asker_names_his_own_topic(
    site: PairingSite, mosquitto: Mosquitto
) -> None:
    token = await site.new_device("boiler-1")
    async with Applicant(mosquitto) as applicant:
        await applicant.client.subscribe("#", qos=1)
        await applicant.send({"serial": "SN-boiler-1", "token": guess()})
        await applicant.send({"serial": "SN-boiler-1", "token": guess(), "reply_to": "iiot/config/boiler-1"})
        await applicant.send({"serial": "SN-boiler-1", "token": token, "reply_to": "command/boiler-1/action"})
        await applicant.send({"serial": "SN-boiler-1", "token": token, "reply_to": "iiot/config/reply/#"})
        await applicant.send(b"\xff no JSON")
        await applicant.send({"serial": "SN-boiler-1", "token": token})
        seen = set()
        async with asyncio.timeout(20):
            async for message in applicant.client.messages:
                seen.add(message.topic.value)
                if message.topic.value == "iiot/config/boiler-1":
                    break
    assert seen == {"iiot/config/request", "iiot/config/boiler-1"}
    refused = ["token-unknown", "reply-topic-refused", "reply-topic-refused", "reply-topic-refused"]
    assert sorted(code for _, code in await codes(site)) == sorted([*refused, "request-malformed"])


async def test_token_is_in_no_line_of_the_audit_trail(site: PairingSite, ask: Ask) -> None:
    token = await site.new_device("boiler-1")
    answer = await ask(serial="SN-boiler-1", token=token)
    await ask(serial="SN-boiler-1", token=token)
    lines = repr(await site.service.engine.world.store.audit.list(limit=1000))
    assert token not in lines
    assert token.replace("-", "") not in lines
    assert "pair-refuse" in lines
    assert answer["device"] == "boiler-1"


@pytest.mark.slow
async def test_flood_of_guesses_over_mqtt_fails_and_lets_the_right_device_through(
    site: PairingSite, mosquitto: Mosquitto
) -> None:
    token = await site.new_device("boiler-1")
    flow = site.service.engine.flows["pairing"]
    async with Applicant(mosquitto, max_queued_outgoing_messages=0) as flooder, Applicant(mosquitto) as device:
        for _ in range(10_000):
            await flooder.client.publish(
                "iiot/config/request", f'{{"serial": "SN-boiler-1", "token": "{guess()}"}}', qos=0
            )
        answer = await device.ask(serial="SN-boiler-1", token=token)
        assert answer["device"] == "boiler-1"
        # And when all are through.
        async with asyncio.timeout(60):
            while sum(flow.account.dropped.values()) < 10_000:  # noqa: ASYNC110 - the flow tells nobody
                await asyncio.sleep(0.05)
    lines = await codes(site)
    assert len(lines) <= 10, "a flood writes a line for each guess"
    assert lines[-1] == ("SN-boiler-1", "too-many-tries")


async def test_flood_over_http_is_told_to_wait(site: PairingSite) -> None:
    token = await site.new_device("boiler-1")
    answers = [await site.post({"serial": f"SN-{number}", "token": guess()}) for number in range(200)]
    assert [answer.status_code for answer in answers] == [403] * 99 + [429] * 101
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert len(await codes(site)) == 100
    assert (await site.post({"serial": "SN-boiler-1", "token": token})).status_code == 200
