"""Rollouts: one firmware for many devices, group by group."""

from dataclasses import asdict
from typing import Any, Final

from pydantic import Field

from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine_nodes.iiot.admin.forms import DocumentCheck, check_document, form_schema, read_document
from flowengine_nodes.iiot.admin.profiles_api import FormSchema
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.registry.rollout import RolloutAction, RolloutPlan, RolloutState
from flowengine_nodes.iiot.registry.rollouts import RolloutStatus


class GroupShown(Answer):
    """How the devices of a group stand."""

    name: str
    waiting: int
    left_out: int
    """Not to be updated: it does not fit them, or they have it."""
    running: int
    succeeded: int
    failed: int
    cancelled: int
    total: int
    """All that are to be updated."""


class RolloutShown(Answer):
    """A rollout and how its devices stand."""

    id: str
    name: str
    firmware: str
    version: str
    state: RolloutState
    is_end: bool
    """Whether nothing comes after this state."""
    reason: str
    """Why it is paused: `operator`, `error-threshold`, `success-threshold`."""
    group: int
    """The group it is at, from 0."""
    groups: list[GroupShown]
    left_out: dict[str, int]
    """How many devices were left out, by reason."""
    rolls_back: str | None
    """The rollout whose devices it takes back."""
    requested_by: str
    created_at: float
    changed_at: float
    ended_at: float | None


class RolloutPage(Answer):
    """Rollouts, newest first."""

    rollouts: list[RolloutShown]
    next: str | None
    """The `before` of the next page; null at the end."""


class RolloutsQuery(RegistryQuery):
    """Which page of rollouts."""

    before: str = ""
    """Only rollouts before this one."""
    limit: int = Field(default=20, ge=1, le=100)
    """How many at most."""


class RolloutDraft(Body):
    """A rollout to start."""

    plan: dict[str, Any]
    idempotency_key: str | None = None
    """A request that comes again with it is not carried out again."""


class RolloutStep(Body):
    """What somebody wants of a rollout."""

    action: str = Field(pattern=f"^({'|'.join(RolloutAction)})$")
    """`pause`, `resume`, `cancel` or `rollback`."""


async def list_rollouts(call: Call, query: RolloutsQuery) -> RolloutPage:
    """List rollouts with how their devices stand, newest first, a page at a time."""
    rollouts = registry_of(call, query).rollouts
    found = await rollouts.list(before=query.before, limit=query.limit + 1)
    page = found[: query.limit]
    return RolloutPage(
        rollouts=[_shown(await rollouts.get(one.id)) for one in page],
        next=page[-1].id if len(found) > len(page) else None,
    )


@refusing
async def get_rollout(call: Call, rollout: str, query: RegistryQuery) -> RolloutShown:
    """Return a rollout and how its devices stand."""
    return _shown(await registry_of(call, query).rollouts.get(rollout))


async def get_rollout_form(call: Call) -> FormSchema:
    """Return the JSON Schema of a rollout's plan, from which a form is made."""
    return FormSchema(form=form_schema(RolloutPlan))


async def check_rollout(call: Call, body: RolloutDraft) -> DocumentCheck:
    """Return everything that is wrong with a plan, without starting it."""
    return check_document(RolloutPlan, body.plan)


@refusing
async def start_rollout(call: Call, query: RegistryQuery, body: RolloutDraft) -> RolloutShown:
    """Start a rollout with the devices that are there now."""
    rollouts = registry_of(call, query).rollouts
    started = await rollouts.start(read_document(RolloutPlan, body.plan), asker(call), body.idempotency_key)
    return _shown(await rollouts.get(started.id))


@refusing
async def act_on_rollout(call: Call, rollout: str, query: RegistryQuery, body: RolloutStep) -> RolloutShown:
    """Pause, resume, cancel or roll back a rollout; a roll back answers with the new one that takes devices back."""
    rollouts = registry_of(call, query).rollouts
    acted = await rollouts.act(rollout, RolloutAction(body.action), asker(call))
    return _shown(await rollouts.get(acted.id))


def _shown(status: RolloutStatus) -> RolloutShown:
    rollout = status.rollout
    return RolloutShown(
        id=rollout.id,
        name=rollout.plan.name,
        firmware=rollout.plan.firmware,
        version=rollout.version,
        state=rollout.state,
        is_end=rollout.state.is_end,
        reason=rollout.reason,
        group=rollout.group,
        groups=[
            GroupShown(name=group.name, total=counts.total, **asdict(counts))
            for group, counts in zip(rollout.plan.groups, status.groups, strict=True)
        ],
        left_out=status.left_out,
        rolls_back=rollout.rolls_back,
        requested_by=rollout.requested_by,
        created_at=rollout.created_at,
        changed_at=rollout.changed_at,
        ended_at=rollout.ended_at,
    )


_ALL: Final = "/admin/api/iiot/rollouts"
_ONE: Final = "/admin/api/iiot/rollouts/{rollout}"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_rollouts, "List rollouts"),
    Endpoint("POST", _ALL, start_rollout, "Start a rollout", role=Role.OPERATOR),
    Endpoint("GET", _ONE, get_rollout, "Show a rollout"),
    Endpoint("POST", f"{_ONE}/act", act_on_rollout, "Pause, resume, cancel or roll back a rollout", role=Role.OPERATOR),
    Endpoint("GET", "/admin/api/iiot/rollout-form", get_rollout_form, "Describe rollouts"),
    Endpoint("POST", "/admin/api/iiot/rollout-check", check_rollout, "Check a rollout"),
)
