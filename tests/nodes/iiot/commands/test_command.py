import pytest

from flowengine_nodes.iiot.registry.command import END_STATES, TRANSITIONS, CommandState

S = CommandState
ALLOWED = {
    S.QUEUED: {S.SENT, S.ACKNOWLEDGED, S.SUCCEEDED, S.FAILED, S.EXPIRED, S.SUPERSEDED, S.UNKNOWN},
    S.SENT: {S.QUEUED, S.DELIVERED, S.ACKNOWLEDGED, S.SUCCEEDED, S.FAILED, S.UNKNOWN},
    S.DELIVERED: {S.ACKNOWLEDGED, S.SUCCEEDED, S.FAILED, S.TIMED_OUT, S.UNKNOWN},
    S.ACKNOWLEDGED: {S.ACKNOWLEDGED, S.SUCCEEDED, S.FAILED, S.TIMED_OUT},
    S.SUCCEEDED: set(),
    S.FAILED: set(),
    S.TIMED_OUT: {S.SUCCEEDED, S.FAILED},
    S.SUPERSEDED: {S.SUCCEEDED, S.FAILED},
    S.UNKNOWN: {S.SUCCEEDED, S.FAILED},
    S.EXPIRED: set(),
}


@pytest.mark.parametrize("state", CommandState)
def test_state_leads_where_it_should_and_nowhere_else(state: CommandState) -> None:
    assert TRANSITIONS[state] == ALLOWED[state]


@pytest.mark.parametrize("state", CommandState)
def test_state_leads_to_an_end(state: CommandState) -> None:
    reached = {state}
    while more := {target for one in reached for target in TRANSITIONS[one]} - reached:
        reached |= more
    assert reached & END_STATES


def test_end_states_lead_only_to_what_a_device_says() -> None:
    for state in END_STATES:
        assert TRANSITIONS[state] <= {S.SUCCEEDED, S.FAILED}
