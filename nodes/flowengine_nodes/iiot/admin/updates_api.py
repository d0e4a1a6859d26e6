"""Updates of devices to firmware."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.registry.update import Update, UpdateState
from flowengine_nodes.iiot.registry.updates import UpdateFilter, UpdateRequest


class UpdateShown(Answer):
    """An update of a device."""

    id: str
    device: str
    firmware: str
    version: str
    previous: str
    """Version that the device had before."""
    state: UpdateState
    is_end: bool
    """Whether nothing comes after this state."""
    attempt: int
    attempts: int
    """How often the device may try."""
    progress: int | None
    """How much of the file the device has, in percent."""
    rollout: str | None
    requested_by: str
    created_at: float
    changed_at: float
    ended_at: float | None
    error_code: str
    error: str
    """What was wrong in the last attempt that failed."""

    @classmethod
    def of(cls, update: Update) -> "UpdateShown":
        """Return an update as it is shown."""
        return cls(
            id=update.id,
            device=update.device,
            firmware=update.firmware,
            version=update.version,
            previous=update.previous,
            state=update.state,
            is_end=update.state.is_end,
            attempt=update.attempt,
            attempts=update.policy.attempts,
            progress=update.progress,
            rollout=update.rollout,
            requested_by=update.requested_by,
            created_at=update.created_at,
            changed_at=update.changed_at,
            ended_at=update.ended_at,
            error_code=update.error_code,
            error=update.error,
        )


class UpdatePage(Answer):
    """Updates, newest first."""

    updates: list[UpdateShown]
    next: str | None
    """The `before` of the next page; null at the end."""


class UpdateStep(Answer):
    """One change of an update's state."""

    state: UpdateState
    attempt: int
    at: float
    error_code: str
    error: str


class UpdateDetail(Answer):
    """An update and how it went."""

    update: UpdateShown
    history: list[UpdateStep]
    """Oldest first."""


class UpdatesQuery(RegistryQuery):
    """Which updates; what is left out does not matter."""

    device: str | None = None
    rollout: str | None = None
    state: Annotated[UpdateState | None, BeforeValidator(lambda value: None if value == "" else value)] = None
    running: bool | None = None
    before: str = ""
    """Only updates before this one."""
    limit: int = Field(default=50, ge=1, le=500)
    """How many at most."""


class UpdateWanted(Body):
    """An update to begin."""

    device: str
    firmware: str
    """Id of the firmware."""
    again: bool = False
    """Update the device even if it has the version."""


async def list_updates(call: Call, query: UpdatesQuery) -> UpdatePage:
    """List updates, newest first, a page at a time."""
    which = UpdateFilter(**query.model_dump(include={"device", "rollout", "state", "running"}))
    found = await registry_of(call, query).updates.list(which, before=query.before, limit=query.limit + 1)
    page = found[: query.limit]
    return UpdatePage(
        updates=[UpdateShown.of(one) for one in page], next=page[-1].id if len(found) > len(page) else None
    )


@refusing
async def get_update(call: Call, update: str, query: RegistryQuery) -> UpdateDetail:
    """Return an update with all that has happened to it."""
    updates = registry_of(call, query).updates
    found = await updates.get(update)
    return UpdateDetail(
        update=UpdateShown.of(found),
        history=[
            UpdateStep(state=one.state, attempt=one.attempt, at=one.at, error_code=one.error_code, error=one.error)
            for one in await updates.history(update)
        ],
    )


@refusing
async def begin_update(call: Call, query: RegistryQuery, body: UpdateWanted) -> UpdateShown:
    """Schedule an update; the device is told when it is online."""
    request = UpdateRequest(device=body.device, firmware=body.firmware, again=body.again)
    return UpdateShown.of((await registry_of(call, query).updates.request(request, asker(call))).update)


@refusing
async def cancel_update(call: Call, update: str, query: RegistryQuery) -> UpdateShown:
    """Cancel an update, as long as the device does not install."""
    return UpdateShown.of(await registry_of(call, query).updates.cancel(update, asker(call)))


_ALL: Final = "/admin/api/iiot/updates"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_updates, "List updates"),
    Endpoint("POST", _ALL, begin_update, "Update a device", role=Role.OPERATOR),
    Endpoint("GET", f"{_ALL}/{{update}}", get_update, "Show an update"),
    Endpoint("POST", f"{_ALL}/{{update}}/cancel", cancel_update, "Cancel an update", role=Role.OPERATOR),
)
