"""How the devices of a rollout stand."""

from collections import Counter

from sqlalchemy import Connection, func, select

from flowengine_nodes.iiot.embedded.rollout_rows import STARTED, target
from flowengine_nodes.iiot.embedded.update_rows import update
from flowengine_nodes.iiot.ota.rollout_decision import Ends
from flowengine_nodes.iiot.registry.rollout import GroupCounts, Rollout
from flowengine_nodes.iiot.registry.update import FAILURES, UpdateState


def count_groups(connection: Connection, rollout: str, groups: int) -> list[GroupCounts]:
    """Return how the devices of each group stand.

    Args:
        connection: Connection inside a transaction.
        rollout: Id of the rollout.
        groups: How many groups it has.
    """
    found: list[Counter[str]] = [Counter() for _ in range(groups)]
    outcomes = (
        select(target.c.part, target.c.outcome, func.count())
        .where(target.c.rollout == rollout, target.c.outcome != STARTED)
        .group_by(target.c.part, target.c.outcome)
    )
    for part, outcome, count in connection.execute(outcomes):
        found[part]["cancelled" if outcome == "cancelled" else "left_out" if outcome else "waiting"] += count
    states = (
        select(update.c.part, update.c.state, func.count())
        .where(update.c.rollout == rollout)
        .group_by(update.c.part, update.c.state)
    )
    for part, state, count in connection.execute(states):
        found[part][_column(UpdateState(state))] += count
    return [GroupCounts(**counts) for counts in found]


def count_ends(connection: Connection, rollout: Rollout) -> Ends:
    """Return what counts for the error threshold of a rollout."""
    ended = [state.value for state in (*FAILURES, UpdateState.SUCCEEDED)]
    query = (
        select(update.c.state, func.count())
        .where(update.c.rollout == rollout.id, update.c.state.in_(ended), update.c.ended_at >= rollout.counted_from)
        .group_by(update.c.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    executed = sum(counts.values())
    return Ends(executed, executed - counts.get(UpdateState.SUCCEEDED.value, 0))


def count_left_out(connection: Connection, rollout: str) -> dict[str, int]:
    """Return how many devices of a rollout were left out, by reason."""
    query = (
        select(target.c.outcome, func.count())
        .where(target.c.rollout == rollout, target.c.outcome.not_in(("", STARTED)))
        .group_by(target.c.outcome)
        .order_by(target.c.outcome)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _column(state: UpdateState) -> str:
    if state in FAILURES:
        return "failed"
    if state is UpdateState.SUCCEEDED:
        return "succeeded"
    return "cancelled" if state is UpdateState.CANCELLED else "running"
