"""Every event in every state."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.ota.report import UpdateReport
from flowengine_nodes.iiot.ota.update_machine import (
    TABLE,
    Fault,
    Ignored,
    UpdateEvent,
    moved,
    reported,
    timed_out,
)
from flowengine_nodes.iiot.registry.update import FAILURES, Update, UpdatePolicy, UpdateState

ONCE = UpdatePolicy(attempts=1)
NOW = 1_000_000.0

# What each event makes of each state, with one attempt; "-" for nothing, and why.
EXPECTED = """
state        notified  downloading downloaded verified installing rebooting new-version old-version failed rolled_back timeout cancel
scheduled    notified  downloading downloaded verified installing rebooting succeeded -not-begun failed rolled_back timed_out cancelled
notified     -repeated downloading downloaded verified installing rebooting succeeded -not-begun failed rolled_back timed_out cancelled
downloading  -stale    -repeated   downloaded verified installing rebooting succeeded failed     failed rolled_back timed_out cancelled
downloaded   -stale    -stale      -repeated  verified installing rebooting succeeded failed     failed rolled_back timed_out cancelled
verified     -stale    -stale      -stale     -repeated installing rebooting succeeded failed    failed rolled_back timed_out cancelled
installing   -stale    -stale      -stale     -stale   -repeated  rebooting succeeded failed     failed rolled_back timed_out -too-late
rebooting    -stale    -stale      -stale     -stale   -stale     -repeated succeeded failed     failed rolled_back timed_out -too-late
succeeded    -ended    -ended      -ended     -ended   -ended     -ended    -ended    -ended     -ended -ended      -ended    -ended
failed       -ended    -ended      -ended     -ended   -ended     -ended    -ended    -ended     -ended -ended      -ended    -ended
rolled_back  -ended    -ended      -ended     -ended   -ended     -ended    -ended    -ended     -ended -ended      -ended    -ended
timed_out    -ended    -ended      -ended     -ended   -ended     -ended    -ended    -ended     -ended -ended      -ended    -ended
cancelled    -ended    -ended      -ended     -ended   -ended     -ended    -ended    -ended     -ended -ended      -ended    -ended
"""  # noqa: E501 - a table
_HEAD, *_ROWS = [line.split() for line in EXPECTED.strip().splitlines()]
MATRIX = [
    pytest.param(UpdateState(row[0]), UpdateEvent(event), expected)
    for row in _ROWS
    for event, expected in zip(_HEAD[1:], row[1:], strict=True)
]


def update(state: UpdateState = UpdateState.SCHEDULED, **fields: object) -> Update:
    values = {"id": "u1", "device": "d1", "firmware": "f", "version": "2.0.0", "previous": "1.0.0", **fields}
    ended = NOW - 1 if state.is_end else None
    return replace(Update(**values, state=state), ended_at=ended)  # type: ignore[arg-type]


def report(**fields: object) -> UpdateReport:
    return UpdateReport(**{"device": "d1", "update": "u1", **fields})  # type: ignore[arg-type]


def after(result: Update | Ignored) -> Update:
    assert isinstance(result, Update), result
    return result


def test_matrix_has_every_event_in_every_state() -> None:
    assert len(MATRIX) == len(UpdateState) * len(UpdateEvent)
    assert set(TABLE) == set(UpdateState)


@pytest.mark.parametrize(("state", "event", "expected"), MATRIX)
def test_event_leads_from_state_to_state(state: UpdateState, event: UpdateEvent, expected: str) -> None:
    result = moved(update(state, policy=ONCE), event, NOW)
    if expected.startswith("-"):
        assert result == Ignored(expected[1:])
        return
    found = after(result)
    assert found.state.value == expected
    assert found.changed_at == NOW
    assert (found.ended_at == NOW) is found.state.is_end
    assert (found.deadline is None) is found.state.is_end
    if not found.state.is_end:
        assert found.deadline == NOW + ONCE.timeouts.of(found.state)


@pytest.mark.parametrize("end", sorted(FAILURES))
@pytest.mark.parametrize("state", [state for state in UpdateState if not state.is_end])
def test_attempt_that_ends_badly_is_followed_by_another(state: UpdateState, end: UpdateState) -> None:
    event = {
        UpdateState.FAILED: UpdateEvent.FAILED,
        UpdateState.ROLLED_BACK: UpdateEvent.ROLLED_BACK,
        UpdateState.TIMED_OUT: UpdateEvent.TIMEOUT,
    }[end]
    policy = UpdatePolicy(attempts=3, backoff=60, retry_on=("failed", "timed_out", "rolled_back"))
    started = update(state, policy=policy, copies=2)
    first = after(moved(started, event, NOW, Fault("no-space", "the flash is full")))
    if state is UpdateState.SCHEDULED and end is UpdateState.TIMED_OUT:
        # It could not even be told.
        assert first.state is UpdateState.TIMED_OUT
        return
    assert (first.state, first.attempt, first.copies) == (UpdateState.SCHEDULED, 2, 0)
    assert first.due_at == NOW + 60
    assert (first.error_code, first.ended_at) == ("no-space", None)
    second = after(moved(replace(first, state=UpdateState.NOTIFIED), event, NOW))
    assert (second.attempt, second.due_at) == (3, NOW + 120)
    third = after(moved(replace(second, state=UpdateState.NOTIFIED), event, NOW))
    assert (third.state, third.attempt, third.ended_at) == (end, 3, NOW)


def test_end_that_is_not_to_be_tried_again_is_the_end() -> None:
    patient = update(UpdateState.INSTALLING)
    assert after(moved(patient, UpdateEvent.ROLLED_BACK, NOW)).state is UpdateState.ROLLED_BACK
    fault = Fault("bad-signature", "the signature is wrong", permanent=True)
    assert after(moved(patient, UpdateEvent.FAILED, NOW, fault)).state is UpdateState.FAILED


def test_device_that_starts_with_the_old_version_has_failed_in_its_attempt() -> None:
    rebooting = update(UpdateState.REBOOTING)
    again = after(reported(rebooting, report(update="", version="1.0.0"), NOW))
    assert (again.state, again.attempt, again.error_code) == (UpdateState.SCHEDULED, 2, "old-version")
    last = after(reported(replace(rebooting, attempt=3), report(update="", version="1.0.0"), NOW))
    assert last.state is UpdateState.FAILED


@pytest.mark.parametrize("state", [state for state in UpdateState if not state.is_end])
def test_device_that_runs_the_new_version_has_succeeded(state: UpdateState) -> None:
    for one in (report(update="", version="2.0.0"), report(state=UpdateState.SUCCEEDED, version="2.0.0", attempt=9)):
        done = after(reported(update(state, error_code="x", error="y"), one, NOW))
        assert (done.state, done.error_code, done.error) == (UpdateState.SUCCEEDED, "", "")


def test_success_needs_the_new_version() -> None:
    rebooting = update(UpdateState.REBOOTING)
    assert reported(rebooting, report(state=UpdateState.SUCCEEDED), NOW) == Ignored("no-version")
    claimed = after(reported(rebooting, report(state=UpdateState.SUCCEEDED, version="1.0.0"), NOW))
    assert claimed.state is UpdateState.SCHEDULED


def test_report_of_another_attempt_or_update_changes_nothing() -> None:
    second = update(UpdateState.NOTIFIED, attempt=2)
    assert reported(second, report(state=UpdateState.FAILED, attempt=1), NOW) == Ignored("other-attempt")
    assert reported(second, report(state=UpdateState.FAILED, attempt=3), NOW) == Ignored("other-attempt")
    assert reported(second, report(state=UpdateState.FAILED, update="u0"), NOW) == Ignored("other-update")


def test_report_that_expects_an_earlier_state_is_stale() -> None:
    installing = update(UpdateState.INSTALLING)
    late = report(state=UpdateState.FAILED, expected=UpdateState.DOWNLOADING)
    assert reported(installing, late, NOW) == Ignored("stale")
    # One that expects more than we know of is newer than what we know: a report in between was lost.
    newer = report(state=UpdateState.REBOOTING, expected=UpdateState.INSTALLING)
    assert after(reported(update(UpdateState.NOTIFIED), newer, NOW)).state is UpdateState.REBOOTING


def test_progress_prolongs_the_download_only_when_it_grows() -> None:
    loading = update(UpdateState.DOWNLOADING, progress=40, deadline=NOW)
    further = after(reported(loading, report(state=UpdateState.DOWNLOADING, progress=41), NOW))
    assert (further.progress, further.deadline) == (41, NOW + 3600)
    for progress in (None, 0, 40):
        same = reported(loading, report(state=UpdateState.DOWNLOADING, progress=progress), NOW)
        assert same == Ignored("repeated")


def test_timeout_says_what_took_too_long() -> None:
    assert "downloading" in after(timed_out(update(UpdateState.DOWNLOADING, policy=ONCE), NOW)).error
    assert "offline" in after(timed_out(update(policy=ONCE), NOW)).error


REPORTS = st.builds(
    UpdateReport,
    device=st.just("d1"),
    update=st.sampled_from(["u1", "u1", "u0", ""]),
    attempt=st.integers(1, 4),
    state=st.sampled_from(
        [*(state for state in UpdateState if state.value not in {"scheduled", "notified", "timed_out", "cancelled"})]
    ),
    expected=st.none() | st.sampled_from(UpdateState),
    version=st.sampled_from(["", "1.0.0", "2.0.0"]),
    progress=st.none() | st.integers(0, 100),
    permanent=st.booleans(),
)
RANK = {state: rank for rank, state in enumerate(UpdateState)}


@given(st.lists(REPORTS | st.sampled_from(["timeout", "notified"]), max_size=60), st.integers(1, 4))
def test_update_never_goes_back_and_always_ends(steps: list[UpdateReport | str], attempts: int) -> None:
    one = update(policy=UpdatePolicy(attempts=attempts))
    for now, step in enumerate(steps):
        if isinstance(step, UpdateReport):
            result = reported(one, step, now)
        elif step == "timeout":
            result = timed_out(one, now)
        else:
            result = moved(one, UpdateEvent.NOTIFIED, now)
        if isinstance(result, Ignored):
            continue
        assert not one.state.is_end
        assert (result.attempt, RANK[result.state], result.progress or 0) > (
            one.attempt,
            RANK[one.state],
            one.progress or 0,
        )
        assert result.attempt <= attempts
        # Something always ends what the device does not.
        assert (result.deadline is None) is result.state.is_end
        one = result
    for _ in range(20):
        if one.state.is_end:
            break
        one = after(timed_out(replace(one, state=UpdateState.NOTIFIED), NOW))
    assert one.state.is_end
