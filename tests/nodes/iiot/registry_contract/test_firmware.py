"""What every back end keeps to with firmware."""

from dataclasses import replace
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, RecordInUseError, UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.rollout import RolloutAction, RolloutPlan
from flowengine_nodes.iiot.registry.updates import UpdateRequest
from tests.nodes.iiot.registries import add_device

AnyRegistry = Registry[Any]

FULL = Firmware(
    id="boiler-2",
    version="2.0.0",
    size=5_000_000_000,
    sha256="ab" * 32,
    url="https://files.test/b.bin",
    signature="c2ln" * 21 + "cw==",
    key_id="k1",
    hardware=("rev-a", "rev-b"),
    min_version="1.2.0",
    notes="Ünïcode",
)


async def test_firmware_comes_back_as_it_was_added(registry: AnyRegistry, clock: VirtualClock) -> None:
    added = await registry.firmware.add(FULL, "test")
    assert added == replace(FULL, created_at=clock.time())
    assert await registry.firmware.get("boiler-2") == added
    assert await registry.firmware.with_file("ab" * 32) == [added]
    assert await registry.firmware.with_file("cd" * 32) == []


async def test_firmware_is_listed_newest_first_and_found_by_version_and_hardware(
    registry: AnyRegistry, clock: VirtualClock
) -> None:
    for id, fits in (("a", ""), ("b", "rev-b"), ("c", "rev-c")):
        hardware = (fits,) if fits else ()
        await registry.firmware.add(Firmware(id=id, version="1.0", size=1, sha256="00" * 32, hardware=hardware), "test")
        await clock.advance(1)
    assert [one.id for one in await registry.firmware.list()] == ["c", "b", "a"]
    for revision, expected in (("rev-b", "b"), ("rev-c", "c"), ("rev-x", "a"), ("", "a")):
        found = await registry.firmware.find("1.0", revision)
        assert found is not None
        assert found.id == expected
    assert await registry.firmware.find("1", "rev-b") is None


async def test_id_of_firmware_is_its_own(registry: AnyRegistry) -> None:
    await registry.firmware.add(FULL, "test")
    with pytest.raises(DuplicateRecordError):
        await registry.firmware.add(replace(FULL, version="3.0.0"), "test")


async def test_firmware_that_is_unknown_is_an_error(registry: AnyRegistry) -> None:
    with pytest.raises(UnknownRecordError, match="boiler-2"):
        await registry.firmware.get("boiler-2")
    with pytest.raises(UnknownRecordError):
        await registry.firmware.remove("boiler-2", "test")


async def test_firmware_that_is_needed_is_not_removed(registry: AnyRegistry) -> None:
    await add_device(registry, "d1")
    await add_device(registry, "d2")
    firmware = Firmware(id="f", version="2", size=1, sha256="00" * 32)
    await registry.firmware.add(firmware, "test")
    update = (await registry.updates.request(UpdateRequest(device="d1", firmware="f"), "test")).update
    with pytest.raises(RecordInUseError, match=update.id):
        await registry.firmware.remove("f", "test")
    await registry.updates.cancel(update.id, "test")
    rollout = await registry.rollouts.start(RolloutPlan(firmware="f"), "test")
    with pytest.raises(RecordInUseError, match=rollout.id):
        await registry.firmware.remove("f", "test")
    await registry.rollouts.act(rollout.id, RolloutAction.CANCEL, "test")
    assert (await registry.firmware.remove("f", "test")).id == "f"
    assert await registry.firmware.list() == []
