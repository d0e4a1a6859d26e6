"""Commands to devices."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from flowengine.server.access import Role
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine_nodes.iiot.admin.running import RegistryQuery, asker, refusing, registry_of
from flowengine_nodes.iiot.commands.request import read_request
from flowengine_nodes.iiot.commands.taking import Terms, take_request
from flowengine_nodes.iiot.registry.command import Command, CommandState
from flowengine_nodes.iiot.registry.commands import CommandFilter

SOURCE: Final = "editor"


class CommandShown(Answer):
    """A command to a device."""

    id: str
    device: str
    action: str
    params: dict[str, Any]
    state: CommandState
    is_end: bool
    """Whether nothing more is done about it."""
    attempts: int
    who: str
    source: str
    """How it came in: `editor`, `api`, `automation`."""
    created_at: float
    ended_at: float | None
    code: str
    """Word code of what went wrong, or of why it ended."""


class CommandPage(Answer):
    """Commands, newest first."""

    commands: list[CommandShown]
    next: str | None
    """The `before` of the next page; null at the end."""


class CommandMoment(Answer):
    """When a command came to a state."""

    state: Literal["queued", "sent", "delivered", "acknowledged", "ended"]
    at: float


class CommandDetail(Answer):
    """A command, the message it became, and what the device said."""

    command: CommandShown
    message: str
    """What the device gets, as JSON text."""
    result: Any
    """What the device answered last; null for nothing."""
    expires_at: float
    response_timeout: float
    history: list[CommandMoment]
    """Oldest first; of states that came more than once, the last time."""


class CommandsQuery(RegistryQuery):
    """Which commands; what is left out does not matter."""

    device: str | None = None
    state: Annotated[CommandState | None, BeforeValidator(lambda value: None if value == "" else value)] = None
    action: str | None = None
    before: str = ""
    """Only commands before this one."""
    limit: int = Field(default=50, ge=1, le=500)
    """How many at most."""


class CommandWanted(Body):
    """A command to send; what is wrong with it is told as the HTTP API for devices tells it."""

    device: str
    action: str
    params: dict[str, Any] = Field(default={})
    ttl: float | None = None
    """Seconds after which nobody wants it any more; null for an hour."""
    response_timeout: float | None = None
    """Seconds that the device has to answer; null for half a minute."""
    supersede: str | None = None
    """Commands of the device with the same word here that still wait give way to this one."""
    idempotency_key: str | None = None
    """A request that comes again with it is not carried out again."""


async def list_commands(call: Call, query: CommandsQuery) -> CommandPage:
    """List commands, newest first, a page at a time."""
    states = () if query.state is None else (query.state,)
    which = CommandFilter(device=query.device, states=states, action=query.action)
    found = await registry_of(call, query).commands.list(which, before=query.before, limit=query.limit + 1)
    page = found[: query.limit]
    return CommandPage(commands=[_shown(one) for one in page], next=page[-1].id if len(found) > len(page) else None)


@refusing
async def get_command(call: Call, command: str, query: RegistryQuery) -> CommandDetail:
    """Return a command, the message it became, and what the device said."""
    return _detail(await registry_of(call, query).commands.get(command))


@refusing
async def send_command(call: Call, query: RegistryQuery, body: CommandWanted) -> CommandDetail:
    """Send a command to a device, as soon as it can take it."""
    request = read_request(body.model_dump(exclude_none=True))
    clock = call.backend.engine.world.clock
    added = await take_request(registry_of(call, query), request, asker(call), Terms(SOURCE), clock.time())
    return _detail(added.command)


def _shown(command: Command) -> CommandShown:
    return CommandShown(
        id=command.id,
        device=command.device,
        action=command.action,
        params=dict(command.params),
        state=command.state,
        is_end=command.state.is_end,
        attempts=command.attempts,
        who=command.who,
        source=command.source,
        created_at=command.created_at,
        ended_at=command.ended_at,
        code=command.code,
    )


def _detail(command: Command) -> CommandDetail:
    moments: tuple[tuple[Literal["queued", "sent", "delivered", "acknowledged", "ended"], float | None], ...] = (
        ("queued", command.created_at),
        ("sent", command.sent_at),
        ("delivered", command.delivered_at),
        ("acknowledged", command.acknowledged_at),
        ("ended", command.ended_at),
    )
    return CommandDetail(
        command=_shown(command),
        message=command.payload,
        result=command.result,
        expires_at=command.expires_at,
        response_timeout=command.response_timeout,
        history=[CommandMoment(state=state, at=at) for state, at in moments if at is not None],
    )


_ALL: Final = "/admin/api/iiot/commands"
# The registry itself keeps the audit trail of what is done here, in the same transaction.
ENDPOINTS = (
    Endpoint("GET", _ALL, list_commands, "List commands"),
    Endpoint("POST", _ALL, send_command, "Send a command", role=Role.OPERATOR),
    Endpoint("GET", f"{_ALL}/{{command}}", get_command, "Show a command"),
)
