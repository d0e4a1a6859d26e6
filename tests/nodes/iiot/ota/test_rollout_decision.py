"""What a rollout does next, for whatever counts."""

from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.ota.grouping import grouped
from flowengine_nodes.iiot.ota.rollout_decision import MOST_AT_ONCE, Ends, Step, decide
from flowengine_nodes.iiot.registry.rollout import GroupCounts, Rollout, RolloutGroup, RolloutPlan, RolloutState

NUMBERS = st.integers(0, 50)
COUNTS = st.builds(
    GroupCounts,
    waiting=NUMBERS,
    left_out=NUMBERS,
    running=NUMBERS,
    succeeded=NUMBERS,
    failed=NUMBERS,
    cancelled=NUMBERS,
)
ENDS = st.integers(0, 100).flatmap(lambda executed: st.builds(Ends, st.just(executed), st.integers(0, executed)))
PERCENT = st.floats(0, 100)


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[Rollout, list[GroupCounts]]:
    counts = draw(st.lists(COUNTS, min_size=1, max_size=4))
    plan = RolloutPlan(
        firmware="f",
        groups=tuple(RolloutGroup(name=f"g{number}") for number in range(len(counts))),
        rate=draw(st.floats(0.1, 100_000)),
        success=draw(PERCENT),
        error=draw(PERCENT),
        error_minimum=draw(st.integers(1, 50)),
    )
    group = draw(st.integers(0, len(counts) - 1))
    return Rollout(id="r", plan=plan, group=group, next_at=draw(st.floats(0, 2000))), counts


@given(rollouts(), ENDS)
def test_decision_keeps_to_the_plan(given_: tuple[Rollout, list[GroupCounts]], ends: Ends) -> None:
    rollout, counts = given_
    plan, here = rollout.plan, counts[rollout.group]
    decision = decide(rollout, counts, ends, 1000.0)
    fails = ends.executed >= plan.error_minimum and ends.failed > plan.error * ends.executed / 100 + 1e-9
    match decision.step:
        case Step.START:
            assert not fails
            assert 0 < decision.count <= min(here.waiting, MOST_AT_ONCE)
            assert decision.next_at > max(rollout.next_at, 999.0)
        case Step.NEXT_GROUP:
            assert not fails
            assert not here.waiting
            assert rollout.group < len(counts) - 1
            assert here.succeeded >= plan.success * here.total / 100 - 1e-9
        case Step.FINISH:
            assert all(one.is_over for one in counts)
            assert rollout.group == len(counts) - 1
        case Step.PAUSE if decision.reason == "error-threshold":
            assert ends.executed >= plan.error_minimum
            assert ends.failed >= plan.error * ends.executed / 100 - 1e-9
        case Step.PAUSE:
            assert here.succeeded + here.running < plan.success * here.total / 100 + 1e-9
        case Step.WAIT:
            # Something else must come first: a device that ends, or time.
            assert here.running or rollout.next_at > 1000.0 or any(not one.is_over for one in counts)


@given(rollouts(), ENDS)
def test_rollout_that_does_not_run_does_nothing(given_: tuple[Rollout, list[GroupCounts]], ends: Ends) -> None:
    rollout, counts = given_
    for state in RolloutState:
        if state is not RolloutState.RUNNING:
            still = Rollout(id="r", plan=rollout.plan, group=rollout.group, state=state)
            assert decide(still, counts, ends, 1000.0).step is Step.WAIT


@given(st.floats(1, 6_000), st.lists(st.floats(0.1, 30), min_size=1, max_size=60))
def test_devices_never_begin_faster_than_the_rate(rate: float, waits: list[float]) -> None:
    plan = RolloutPlan(firmware="f", groups=(RolloutGroup(name="all"),), rate=rate)
    now, next_at, begun = 1000.0, 0.0, 0
    for wait in waits:
        decision = decide(Rollout(id="r", plan=plan, next_at=next_at), [GroupCounts(waiting=1_000_000)], Ends(), now)
        if decision.step is Step.START:
            begun += decision.count
            next_at = decision.next_at
        now += wait
    # What a look's worth of time allows may come at once.
    assert begun <= rate / 60 * (now - 1000.0 + 1.0) + 1


@given(
    st.sets(st.integers(0, 500).map(str), max_size=200),
    st.lists(st.tuples(st.floats(0.1, 100), st.booleans()), max_size=4),
    st.text(max_size=5),
)
def test_each_device_is_in_one_group(devices: set[str], shares: list[tuple[float, bool]], rollout: str) -> None:
    groups = [
        RolloutGroup(name=f"g{number}", percent=percent, device_group="north" if chosen else None)
        for number, (percent, chosen) in enumerate(shares)
    ]
    groups.append(RolloutGroup(name="all"))
    north = {device for device in devices if device.endswith("1")}
    shared = grouped(rollout, devices, groups, {"north": north})
    assert sorted(device for group in shared for device in group) == sorted(devices)
    assert shared == grouped(rollout, devices, groups, {"north": north})
    left = set(devices)
    for group, members in zip(groups, shared, strict=True):
        fitting = left & north if group.device_group else left
        assert set(members) <= fitting
        assert len(fitting) * group.percent / 100 <= len(members) + 1e-6
        assert len(members) < len(fitting) * group.percent / 100 + 1
        left -= set(members)
