"""A bridge whose registry is in Odoo, from end to end: real Odoo, real broker."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from flowengine_nodes.iiot.firmware_store import FirmwareStore
from flowengine_nodes.iiot.registry.commands import CommandFilter
from flowengine_nodes.iiot.registry.device import Lifecycle
from flowengine_nodes.iiot.registry.updates import UpdateFilter
from tests.conftest import MosquittoFactory
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.odoo.bridge_site import BridgeSite, running_bridge
from tests.nodes.iiot.odoo_site import KEY
from tests.nodes.iiot.pairing.site import Applicant
from tests.odoo_server import Odoo

pytestmark = [pytest.mark.odoo, pytest.mark.mosquitto, pytest.mark.timeout(240)]
CONTENT = b"firmware " * 100_000


async def until(happens: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await happens():  # noqa: ASYNC110 - Odoo and the broker bring it about
            await asyncio.sleep(0.05)


@pytest.fixture
async def broker(new_mosquitto: MosquittoFactory) -> Mosquitto:
    broker = new_mosquitto()
    await broker.start()
    return broker


def applicant(broker: Mosquitto) -> Applicant:
    return Applicant(broker, ("anybody", "with any password"))


async def make_firmware(site: BridgeSite, **values: Any) -> int:
    """Upload firmware in Odoo, and release it."""
    content = base64.b64encode(CONTENT).decode()
    firmware: int = await site.call("iiot.firmware", "create", {"version": "2.0.0", "file": content, **values})
    await site.call("iiot.firmware", "action_release", [firmware])
    return firmware


async def test_change_in_odoo_is_known_here_at_once(tmp_path: Path, broker: Mosquitto, odoo: Odoo) -> None:
    async with running_bridge(tmp_path, broker, odoo, "odoo", "automation", "commands") as site:
        device = await site.make_device()

        async def is_there() -> bool:
            return site.registry.roster.member("b1") is not None

        # Without a hint it would take a minute.
        await until(is_there, 20)
        await site.call("iiot.device", "action_suspend", [device])

        async def is_suspended() -> bool:
            return (await site.registry.devices.get("b1")).lifecycle is Lifecycle.SUSPENDED

        await until(is_suspended, 20)


async def test_token_made_in_odoo_pairs_a_device_over_mqtt(tmp_path: Path, broker: Mosquitto, odoo: Odoo) -> None:
    async with running_bridge(tmp_path, broker, odoo, "pairing", tells=False) as site:
        device = await site.make_device()
        token = await site.make_token(device)
        async with applicant(broker) as asking:
            request = {"serial": "SN-b1", "token": token, "hardware": "rev-c", "firmware": "1.2"}
            answer = await asking.ask(**request, request_id="one")
            assert (answer["device"], answer["profile"]) == ("b1", "boiler"), answer
            again = await asking.ask(**request, request_id="one")
            assert (again["device"], again["password"]) == ("b1", answer["password"])
            refused = await asking.ask(**request, request_id="two")
            assert refused["code"] == "token-used"
        (found,) = await site.call(
            "iiot.device", "read", [device], ["lifecycle", "hardware_revision", "firmware_version"]
        )
        assert (found["lifecycle"], found["hardware_revision"], found["firmware_version"]) == ("paired", "rev-c", "1.2")


async def test_token_shown_to_odoo_and_to_the_bridge_at_once_is_used_once(
    tmp_path: Path, broker: Mosquitto, odoo: Odoo
) -> None:
    async with running_bridge(tmp_path, broker, odoo, "pairing", tells=False) as site, applicant(broker) as asking:
        winners = set()
        for number in range(4):
            id = f"b{number}"
            token = await site.make_token(await site.make_device(id))
            request = {"serial": f"SN-{id}", "token": token}
            async with httpx.AsyncClient(timeout=60) as client:
                over_http, over_mqtt = await asyncio.gather(
                    client.post(f"{odoo.url}/iiot/config", json={**request, "request_id": "http"}),
                    asking.ask(**request, request_id="mqtt"),
                )
            answers = {"odoo": over_http.json(), "bridge": over_mqtt}
            won = {name for name, answer in answers.items() if answer.get("device") == id}
            assert len(won) == 1, answers
            (lost,) = answers.keys() - won
            assert answers[lost]["code"] == "token-used"
            winners |= won
            await site.registry.refresh()
            (holder,) = [one for one in await site.registry.tokens.holders() if one.device == id]
            if "odoo" in won and answers["odoo"].get("password"):
                # Both derive the same password, so it does not matter who has answered.
                assert site.registry.tokens.password(holder) == answers["odoo"]["password"]
        assert winners


async def test_pairing_waits_while_odoo_is_away(tmp_path: Path, broker: Mosquitto, own_odoo: Odoo) -> None:
    own_odoo.call("ir.config_parameter", "set_param", "iiot.bridge_key", KEY)
    async with running_bridge(tmp_path, broker, own_odoo, "pairing", tells=False) as site:
        token = await site.make_token(await site.make_device())
        await site.registry.refresh()
        await asyncio.to_thread(own_odoo.stop)
        async with applicant(broker) as asking:
            await asking.send({"reply_to": asking.reply, "serial": "SN-b1", "token": token, "request_id": "one"})
            with pytest.raises(TimeoutError):
                await asking.answer(1.5)
            await asyncio.to_thread(own_odoo.start)
            answer = await asking.answer(60)
        assert answer["device"] == "b1"


async def test_firmware_comes_with_its_file_and_is_offered_then(tmp_path: Path, broker: Mosquitto, odoo: Odoo) -> None:
    async with running_bridge(tmp_path, broker, odoo, "odoo", "ota", "automation", "commands") as site:
        await make_firmware(site, code="boiler-2")

        async def is_there() -> bool:
            await site.registry.refresh()
            found = await site.registry.firmware.list()
            store = site.service.engine.world.resource("firmware")
            assert isinstance(store, FirmwareStore)
            return bool(found) and await store.is_ready(found[0])

        await until(is_there)
        (firmware,) = await site.registry.firmware.list()
        assert (firmware.id, firmware.version, firmware.size) == ("boiler-2", "2.0.0", len(CONTENT))
        assert firmware.sha256 == hashlib.sha256(CONTENT).hexdigest()


async def test_update_that_odoo_could_not_tell_of_is_asked_for_all_the_same(
    tmp_path: Path, broker: Mosquitto, odoo: Odoo
) -> None:
    async with running_bridge(tmp_path, broker, odoo, "odoo", "ota", "automation", "commands", tells=False) as site:
        device = await site.make_device(lifecycle="active", firmware_version="1.0.0")
        firmware = await make_firmware(site)
        update = await site.call("iiot.update", "create", {"device_id": device, "firmware_id": firmware})
        await site.call("iiot.update", "action_start", [update])
        await site.registry.refresh()

        async def is_scheduled() -> bool:
            return bool(await site.registry.updates.list(UpdateFilter(device="b1")))

        await until(is_scheduled)
        (scheduled,) = await site.registry.updates.list(UpdateFilter(device="b1"))
        (wanted,) = await site.call("iiot.update", "read", [update], ["uuid"])
        assert (scheduled.key, scheduled.requested_by, scheduled.version) == (wanted["uuid"], "odoo:admin", "2.0.0")

        async def is_known_in_odoo() -> bool:
            (found,) = await site.call("iiot.update", "read", [update], ["bridge_id"])
            return bool(found["bridge_id"] == scheduled.id)

        await until(is_known_in_odoo)
        assert await site.registry.wanted_updates() == []
        assert len(await site.call("iiot.update", "search", [])) == 1


async def test_command_of_odoo_is_asked_for_in_the_name_of_its_user(
    tmp_path: Path, broker: Mosquitto, odoo: Odoo
) -> None:
    async with running_bridge(tmp_path, broker, odoo, "odoo", "commands", "automation") as site:
        device = await site.make_device(lifecycle="active")
        await site.call("iiot.device", "send_command", [device], "reset")
        (sent,) = await site.call("iiot.command", "search_read", [], ["uuid", "state"])

        async def is_taken() -> bool:
            return bool(await site.registry.commands.list(CommandFilter(device="b1")))

        await until(is_taken)
        (command,) = await site.registry.commands.list(CommandFilter(device="b1"))
        assert (command.action, command.key, command.who) == ("reset", sent["uuid"], "odoo:admin")
