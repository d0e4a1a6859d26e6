"""What every back end keeps to with updates."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.ota.report import UpdateReport, read_report
from flowengine_nodes.iiot.registry.device import Device, Lifecycle, Presence
from flowengine_nodes.iiot.registry.errors import UnknownRecordError
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.registry import Registry
from flowengine_nodes.iiot.registry.rollout import RolloutAction, RolloutPlan
from flowengine_nodes.iiot.registry.update import Update, UpdatePolicy, UpdateState
from flowengine_nodes.iiot.registry.updates import (
    MisfitError,
    NoticeOutcome,
    UpdateFilter,
    UpdateRequest,
    UpdateRunningError,
    UpdateTooLateError,
)
from tests.nodes.iiot.registries import add_device

AnyRegistry = Registry[Any]
S = UpdateState


@pytest.fixture(autouse=True)
async def plant(registry: AnyRegistry, add_devices: Callable[..., Awaitable[None]]) -> None:
    """Three devices, and a firmware for them."""
    common: dict[str, Any] = {"profile": "boiler", "firmware": "1.0.0", "hardware": "rev-b"}
    devices = [
        Device(id=f"d{number}", serial=f"SN-d{number}", lifecycle=Lifecycle.ACTIVE, **common) for number in (1, 2, 3)
    ]
    await add_devices(*devices)
    await registry.firmware.add(
        Firmware(id="f2", version="2.0.0", size=1, sha256="00" * 32, hardware=("rev-b",)), "test"
    )


async def ask(registry: AnyRegistry, device: str = "d1", **more: Any) -> Update:
    return (await registry.updates.request(UpdateRequest(device=device, firmware="f2", **more), "me")).update


async def tell(registry: AnyRegistry) -> list[str]:
    """Tell all devices whose time has come, as the dispatch node does."""
    notices = await registry.updates.due(100)
    await registry.updates.settle(
        [NoticeOutcome(one.update.id, one.update.attempt, one.update.state.is_end, is_told=True) for one in notices], 10
    )
    return [one.update.device for one in notices]


def report(device: str = "d1", **said: Any) -> UpdateReport:
    return read_report(device, said)


async def states(registry: AnyRegistry, id: str) -> list[str]:
    return [change.state.value for change in await registry.updates.history(id)]


async def test_request_schedules_an_update(registry: AnyRegistry, clock: VirtualClock) -> None:
    policy = UpdatePolicy(attempts=7)
    update = await ask(registry, policy=policy)
    assert update == await registry.updates.get(update.id)
    assert (update.device, update.firmware, update.version, update.previous) == ("d1", "f2", "2.0.0", "1.0.0")
    assert (update.state, update.attempt, update.copies) == (S.SCHEDULED, 1, 0)
    assert update.policy == policy
    assert update.created_at == update.due_at == clock.time()
    assert update.deadline == clock.time() + policy.timeouts.scheduled
    assert await states(registry, update.id) == ["scheduled"]


async def test_request_with_a_known_key_gets_the_same_update(registry: AnyRegistry) -> None:
    request = UpdateRequest(device="d1", version="2.0.0", key="k")
    first, second = [await registry.updates.request(request, "me") for _ in range(2)]
    assert (first.is_new, second.is_new) == (True, False)
    assert first.update.id == second.update.id
    with pytest.raises(UpdateRunningError):
        await registry.updates.request(request, "somebody else")


async def test_update_is_found_by_its_key_by_all_users_of_a_system(registry: AnyRegistry) -> None:
    request = UpdateRequest(device="d1", version="2.0.0", key="k")
    made = (await registry.updates.request(request, "odoo:anna")).update
    for who in ("odoo:", "odoo:anna"):
        assert await registry.updates.find(who, "k") == made
    for who, key in (("odoo:", "other"), ("odoo", "k"), ("odoo:ben", "k"), ("%:", "k")):
        assert await registry.updates.find(who, key) is None
    (change,) = await registry.updates.untold(10)
    assert change.key == "k"


@pytest.mark.parametrize(
    ("device", "firmware", "code"),
    [
        ({"hardware": "rev-a"}, {}, "wrong-hardware"),
        ({"firmware": "0.9"}, {"min_version": "1.0.0"}, "version-too-old"),
        ({"firmware": "9.9"}, {}, "has-version"),
        ({"lifecycle": Lifecycle.SUSPENDED}, {}, "not-in-service"),
        ({"lifecycle": Lifecycle.RETIRED}, {}, "not-in-service"),
    ],
)
async def test_firmware_that_is_not_for_a_device_is_refused(
    registry: AnyRegistry, device: dict[str, Any], firmware: dict[str, Any], code: str
) -> None:
    await add_device(
        registry, "d9", **{"hardware": "rev-b", "firmware": "1.0.0", "lifecycle": Lifecycle.ACTIVE, **device}
    )
    values: dict[str, Any] = {"version": "9.9", "size": 1, "sha256": "00" * 32, "hardware": ("rev-b",), **firmware}
    await registry.firmware.add(Firmware(id="f9", **values), "test")
    with pytest.raises(MisfitError) as caught:
        await registry.updates.request(UpdateRequest(device="d9", firmware="f9"), "me")
    assert caught.value.code == code


async def test_request_for_what_is_unknown_is_an_error(registry: AnyRegistry) -> None:
    for request in (
        UpdateRequest(device="d9", firmware="f2"),
        UpdateRequest(device="d1", firmware="f9"),
        UpdateRequest(device="d1", version="9"),
    ):
        with pytest.raises(UnknownRecordError):
            await registry.updates.request(request, "me")
    with pytest.raises(UnknownRecordError):
        await registry.updates.get("nothing")
    with pytest.raises(UnknownRecordError):
        await registry.updates.cancel("nothing", "me")


async def test_device_has_one_update_at_a_time(registry: AnyRegistry) -> None:
    requests = [registry.updates.request(UpdateRequest(device="d1", firmware="f2"), f"who {n}") for n in range(10)]
    answers = await asyncio.gather(*requests, return_exceptions=True)
    made = [one for one in answers if not isinstance(one, BaseException)]
    assert len(made) == 1
    assert all(isinstance(one, UpdateRunningError) for one in answers if isinstance(one, BaseException))
    await registry.updates.cancel(made[0].update.id, "me")
    await ask(registry)


async def test_device_has_one_update_though_two_processes_are_asked(
    registry: AnyRegistry, another_registry: Callable[[], AbstractAsyncContextManager[AnyRegistry]]
) -> None:
    async with another_registry() as other:
        for _ in range(10):
            request = UpdateRequest(device="d1", firmware="f2")
            answers = await asyncio.gather(
                registry.updates.request(request, "me"), other.updates.request(request, "you"), return_exceptions=True
            )
            (made,) = [one for one in answers if not isinstance(one, BaseException)]
            (refused,) = [one for one in answers if isinstance(one, BaseException)]
            assert isinstance(refused, UpdateRunningError)
            await registry.updates.cancel(made.update.id, "me")


async def test_update_is_told_once_and_then_notified(registry: AnyRegistry) -> None:
    update = await ask(registry)
    (notice,) = await registry.updates.due(10)
    assert (notice.update.id, notice.update.copies, notice.profile) == (update.id, 1, "boiler")
    assert notice.firmware == await registry.firmware.get("f2")
    assert await registry.updates.due(10) == ()
    await registry.updates.settle([NoticeOutcome(update.id, 1, cancels=False, is_told=True)], 10)
    assert await registry.updates.due(10) == ()
    assert await states(registry, update.id) == ["scheduled", "notified"]


async def test_notice_that_failed_is_due_again_after_the_wait(registry: AnyRegistry, clock: VirtualClock) -> None:
    update = await ask(registry)
    await registry.updates.due(10)
    await registry.updates.settle([NoticeOutcome(update.id, 1, cancels=False, is_told=False)], 10)
    await clock.advance(9)
    assert await registry.updates.due(10) == ()
    await clock.advance(1)
    (notice,) = await registry.updates.due(10)
    assert notice.update.copies == 2


async def test_notice_that_was_on_its_way_in_a_crash_is_due_again(registry: AnyRegistry) -> None:
    await ask(registry, "d1")
    await ask(registry, "d2")
    first, _ = await registry.updates.due(10)
    registry.updates.under_way.begin(first)
    assert await registry.updates.recover() == 1
    (again,) = await registry.updates.due(10)
    assert again.update.device != first.update.device
    assert again.update.copies == 2


async def test_outcome_of_an_earlier_attempt_changes_nothing(registry: AnyRegistry) -> None:
    update = await ask(registry, policy=UpdatePolicy(backoff=0))
    await registry.updates.due(10)
    await registry.updates.report([report(update=update.id, state="failed")])
    await registry.updates.settle([NoticeOutcome(update.id, 1, cancels=False, is_told=True)], 10)
    found = await registry.updates.get(update.id)
    assert (found.state, found.attempt) == (S.SCHEDULED, 2)
    assert len(await registry.updates.due(10)) == 1


async def test_devices_that_are_offline_or_suspended_are_not_told(registry: AnyRegistry) -> None:
    for number in (1, 2, 3):
        await ask(registry, f"d{number}")
    await registry.devices.note([Presence(device="d1", online=False, since=1.0)])
    await registry.devices.note([Presence(device="d2", online=True, since=1.0)])
    await registry.devices.change("d3", {"lifecycle": Lifecycle.SUSPENDED}, "test")
    assert await tell(registry) == ["d2"]
    await registry.devices.note([Presence(device="d1", online=True, since=2.0)])
    assert await tell(registry) == ["d1"]


async def test_update_that_is_cancelled_is_taken_back_where_the_device_knows_of_it(registry: AnyRegistry) -> None:
    first, second = await ask(registry, "d1"), await ask(registry, "d2")
    await registry.updates.cancel(second.id, "me")
    assert await tell(registry) == ["d1"]
    cancelled = await registry.updates.cancel(first.id, "me")
    assert cancelled.state is S.CANCELLED
    assert await registry.updates.cancel(first.id, "me") == cancelled
    (notice,) = await registry.updates.due(10)
    assert (notice.update.id, notice.firmware, notice.update.copies) == (first.id, None, 2)
    await registry.updates.settle([NoticeOutcome(first.id, 1, cancels=True, is_told=False)], 0)
    (again,) = await registry.updates.due(10)
    assert again.update.copies == 3
    await registry.updates.settle([NoticeOutcome(first.id, 1, cancels=True, is_told=True)], 0)
    assert await registry.updates.due(10) == ()


async def test_update_that_installs_cannot_be_cancelled(registry: AnyRegistry) -> None:
    update = await ask(registry)
    await tell(registry)
    await registry.updates.report([report(update=update.id, state="installing")])
    with pytest.raises(UpdateTooLateError, match="installing"):
        await registry.updates.cancel(update.id, "me")


async def test_reports_move_updates_and_note_versions(registry: AnyRegistry) -> None:
    first, second = await ask(registry, "d1"), await ask(registry, "d2")
    await tell(registry)
    answers = await registry.updates.report(
        [
            report("d1", update=first.id, state="downloading", progress=10),
            report("d2", update=second.id, state="rebooting"),
            report("d1", update=first.id, state="downloaded"),
            report("d2", version="2.0.0"),
            report("d2", update=second.id, state="failed"),
            report("d3", version="1.5.0"),
            report("d3", update=first.id, state="failed"),
            report("d1", update="nothing", state="failed"),
        ]
    )
    assert [(answer.reason, answer.before) for answer in answers] == [
        ("", S.NOTIFIED),
        ("", S.NOTIFIED),
        ("", S.DOWNLOADING),
        ("", S.REBOOTING),
        ("ended", S.SUCCEEDED),
        ("no-update", None),
        ("unknown-update", None),
        ("unknown-update", None),
    ]
    assert await states(registry, first.id) == ["scheduled", "notified", "downloading", "downloaded"]
    assert await states(registry, second.id) == ["scheduled", "notified", "rebooting", "succeeded"]
    assert [(await registry.devices.get(id)).firmware for id in ("d1", "d2", "d3")] == ["1.0.0", "2.0.0", "1.5.0"]


async def test_old_report_that_comes_again_does_not_bring_the_old_version_back(registry: AnyRegistry) -> None:
    update = await ask(registry)
    await tell(registry)
    early = report(update=update.id, state="downloading", version="1.0.0")
    await registry.updates.report([early])
    await registry.updates.report([report(update=update.id, state="succeeded", version="2.0.0")])
    assert (await registry.updates.report([early]))[0].reason == "ended"
    assert (await registry.devices.get("d1")).firmware == "2.0.0"


async def test_reports_of_two_processes_at_once_move_an_update_once(registry: AnyRegistry) -> None:
    update = await ask(registry)
    await tell(registry)
    same = report(update=update.id, state="installing")
    answers = await asyncio.gather(*(registry.updates.report([same]) for _ in range(10)))
    assert sorted(answer.reason for (answer,) in answers) == ["", *["repeated"] * 9]


async def test_stay_that_is_too_long_ends(registry: AnyRegistry, clock: VirtualClock) -> None:
    update = await ask(registry, policy=UpdatePolicy(attempts=2, backoff=60))
    await tell(registry)
    await clock.advance(3599)
    assert await registry.updates.expire(100) == 0
    await clock.advance(1)
    assert await registry.updates.expire(100) == 1
    again = await registry.updates.get(update.id)
    assert (again.state, again.attempt, again.due_at) == (S.SCHEDULED, 2, clock.time() + 60)
    await clock.advance(60)
    assert await tell(registry) == ["d1"]
    await clock.advance(3600)
    assert await registry.updates.expire(100) == 1
    ended = await registry.updates.get(update.id)
    assert (ended.state, ended.error_code, ended.ended_at) == (S.TIMED_OUT, "timed-out", clock.time())
    assert await registry.updates.expire(100) == 0


async def test_paused_rollout_holds_back_what_has_not_begun(registry: AnyRegistry, clock: VirtualClock) -> None:
    rollout = await registry.rollouts.start(RolloutPlan(firmware="f2"), "me")
    alone = await ask(registry, "d3")
    await registry.rollouts.step(rollout.id)
    await registry.rollouts.act(rollout.id, RolloutAction.PAUSE, "me")
    assert await tell(registry) == ["d3"]
    await clock.advance(30 * 86_400)
    assert await registry.updates.expire(100) == 1
    assert (await registry.updates.get(alone.id)).attempt == 2
    await registry.rollouts.act(rollout.id, RolloutAction.RESUME, "me")
    assert set(await tell(registry)) <= {"d1", "d2"}


async def test_changes_are_told_until_it_is_noted(registry: AnyRegistry) -> None:
    update = await ask(registry)
    await tell(registry)
    changes = await registry.updates.untold(10)
    assert [(one.before, one.state) for one in changes] == [(None, S.SCHEDULED), (S.SCHEDULED, S.NOTIFIED)]
    assert {(one.update, one.device, one.version) for one in changes} == {(update.id, "d1", "2.0.0")}
    await registry.updates.told([changes[0].id])
    assert await registry.updates.untold(10) == [changes[1]]
    await registry.updates.told([changes[1].id])
    assert await registry.updates.untold(10) == []


async def test_updates_are_listed_newest_first(registry: AnyRegistry, clock: VirtualClock) -> None:
    made = []
    for device in ("d1", "d2", "d3"):
        made.append(await ask(registry, device))
        await clock.advance(1)
    await registry.updates.cancel(made[1].id, "me")

    async def listed(which: UpdateFilter, **more: Any) -> list[str]:
        return [one.device for one in await registry.updates.list(which, **more)]

    assert await listed(UpdateFilter()) == ["d3", "d2", "d1"]
    assert await listed(UpdateFilter(), limit=1, before=made[2].id) == ["d2"]
    assert await listed(UpdateFilter(device="d1")) == ["d1"]
    assert await listed(UpdateFilter(state=S.CANCELLED)) == ["d2"]
    assert await listed(UpdateFilter(running=True)) == ["d3", "d1"]
    assert await listed(UpdateFilter(running=False)) == ["d2"]
    assert await listed(UpdateFilter(rollout="r")) == []
