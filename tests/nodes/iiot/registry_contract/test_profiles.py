"""What every back end keeps to with profiles."""

from typing import Any

import pytest

from flowengine_nodes.iiot.registry.errors import RecordInUseError, UnknownRecordError
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.registry import Registry
from tests.nodes.iiot.registries import add_device, add_profile

AnyRegistry = Registry[Any]

FULL: dict[str, Any] = {
    "id": "press",
    "name": "Press",
    "topics": {"telemetry": "plant/{device}/values"},
    "codec": "json",
    "command_templates": [{"code": "reset", "template": '{"do": "reset"}'}],
    "actions": {"reset": {"description": "Start over", "params": {"type": "object"}}},
    "rules": [{"path": "$.temperature", "field": "x_temperature"}],
    "offline_after": "90s",
}


async def test_profile_comes_back_as_it_was_saved(registry: AnyRegistry) -> None:
    saved = await add_profile(registry, **FULL)
    found = await registry.profiles.get("press")
    assert found.model_dump() == saved.model_dump()
    assert found.topics.telemetry.of("p-1") == "plant/p-1/values"


async def test_profiles_are_listed_by_id(registry: AnyRegistry) -> None:
    for id in ("press", "boiler", "meter-2", "meter-10"):
        await add_profile(registry, id)
    assert [profile.id for profile in await registry.profiles.list()] == ["boiler", "meter-10", "meter-2", "press"]


async def test_profile_saved_again_replaces_the_old_one_in_the_roster_and_in_its_members(registry: AnyRegistry) -> None:
    await add_device(registry, "boiler-1")
    await registry.profiles.save(Profile.model_validate({"id": "boiler", "name": "Kettle"}), "anna")
    assert (await registry.profiles.get("boiler")).name == "Kettle"
    member = registry.roster.member("boiler-1")
    assert member is not None
    assert member.profile.name == "Kettle"
    assert registry.roster.profile("boiler") is member.profile


async def test_profile_that_is_unknown_is_refused(registry: AnyRegistry) -> None:
    with pytest.raises(UnknownRecordError, match='there is no profile "press" in the registry') as raised:
        await registry.profiles.get("press")
    assert raised.value.code == "unknown-profile"
    with pytest.raises(UnknownRecordError):
        await registry.profiles.remove("press", "anna")


async def test_profile_that_devices_have_is_not_removed(registry: AnyRegistry) -> None:
    await add_device(registry, "boiler-1")
    with pytest.raises(RecordInUseError, match='by the device "boiler-1" for one') as raised:
        await registry.profiles.remove("boiler", "anna")
    assert raised.value.code == "profile-in-use"
    assert (await registry.profiles.get("boiler")).id == "boiler"


async def test_profile_that_is_removed_is_gone_until_it_is_saved_again(registry: AnyRegistry) -> None:
    await add_profile(registry)
    await registry.profiles.remove("boiler", "anna")
    assert registry.roster.profile("boiler") is None
    assert await registry.profiles.list() == []
    await add_profile(registry)
    assert registry.roster.profile("boiler") is not None
