"""Firmware, updates and rollouts as JSON for those outside."""

from dataclasses import asdict
from typing import Any

from flowengine_nodes.iiot.ota.timestamp import timestamp, timestamp_or_none
from flowengine_nodes.iiot.registry.firmware import Firmware
from flowengine_nodes.iiot.registry.rollout import GroupCounts, Rollout
from flowengine_nodes.iiot.registry.rollouts import RolloutStatus
from flowengine_nodes.iiot.registry.update import Update, UpdateChange


def describe_firmware(firmware: Firmware) -> dict[str, Any]:
    """Return a firmware as JSON."""
    return {
        **asdict(firmware),
        "hardware": list(firmware.hardware),
        "created_at": timestamp(firmware.created_at),
    }


def describe_update(update: Update) -> dict[str, Any]:
    """Return an update as JSON."""
    return {
        "id": update.id,
        "device": update.device,
        "firmware": update.firmware,
        "version": update.version,
        "previous": update.previous,
        "state": update.state.value,
        "attempt": update.attempt,
        "attempts": update.policy.attempts,
        "progress": update.progress,
        "rollout": update.rollout,
        "requested_by": update.requested_by,
        "created_at": timestamp(update.created_at),
        "changed_at": timestamp(update.changed_at),
        "deadline": timestamp_or_none(update.deadline),
        "ended_at": timestamp_or_none(update.ended_at),
        "error": _error(update.error_code, update.error),
    }


def describe_change(change: UpdateChange) -> dict[str, Any]:
    """Return a change of an update as JSON."""
    return {
        "update": change.update,
        "device": change.device,
        "firmware": change.firmware,
        "version": change.version,
        "rollout": change.rollout,
        "idempotency_key": change.key,
        "before": None if change.before is None else change.before.value,
        "state": change.state.value,
        "attempt": change.attempt,
        "at": timestamp(change.at),
        "error": _error(change.error_code, change.error),
    }


def describe_rollout(rollout: Rollout) -> dict[str, Any]:
    """Return a rollout as JSON, without how its devices stand."""
    return {
        "id": rollout.id,
        "name": rollout.plan.name,
        "firmware": rollout.plan.firmware,
        "version": rollout.version,
        "state": rollout.state.value,
        "reason": rollout.reason,
        "group": rollout.plan.groups[rollout.group].name,
        "rolls_back": rollout.rolls_back,
        "idempotency_key": rollout.key,
        "requested_by": rollout.requested_by,
        "created_at": timestamp(rollout.created_at),
        "changed_at": timestamp(rollout.changed_at),
        "ended_at": timestamp_or_none(rollout.ended_at),
    }


def describe_status(status: RolloutStatus) -> dict[str, Any]:
    """Return a rollout as JSON, with how its devices stand."""
    groups = [
        {"name": group.name, **_counts(counts)}
        for group, counts in zip(status.rollout.plan.groups, status.groups, strict=True)
    ]
    sums = [_counts(counts) for counts in status.groups]
    return {
        **describe_rollout(status.rollout),
        "plan": status.rollout.plan.model_dump(mode="json"),
        "devices": {name: sum(one[name] for one in sums) for name in sums[0]},
        "groups": groups,
        "left_out": status.left_out,
    }


def _counts(counts: GroupCounts) -> dict[str, int]:
    return {**asdict(counts), "total": counts.total}


def _error(code: str, message: str) -> dict[str, str] | None:
    return {"code": code, "message": message} if code else None
