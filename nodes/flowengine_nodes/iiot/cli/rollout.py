"""``flowengine rollout``: one firmware for many devices."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer
from pydantic import ValidationError

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import counted, json_text, table, time_text
from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.cli.firmware import UnreadableFileError
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.ota.description import describe_rollout, describe_status, describe_update
from flowengine_nodes.iiot.registry.rollout import Rollout, RolloutAction, RolloutPlan
from flowengine_nodes.iiot.registry.rollouts import RolloutStatus
from flowengine_nodes.iiot.registry.update import Update, UpdateState
from flowengine_nodes.iiot.registry.updates import UpdateFilter

T = TypeVar("T")
rollout = group("rollout")

Id = Annotated[str, typer.Argument(help="Id of the rollout.")]


class RolloutPlanError(FlowEngineError):
    """What is said of a rollout cannot be so.

    Args:
        place: Where.
        reason: What is wrong.
    """

    code = "bad-rollout"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@rollout.callback()
def look() -> None:
    """Update many devices, group by group.

    It works on the store of the engine, which runs the rollout and notices changes within a second.
    """


@rollout.command(
    epilog="Example: flowengine rollout start 2.1.0 --profile boiler --canary 5 --rate 100 --success 95 --error 10"
)
def start(
    firmware: Annotated[str, typer.Argument(help="Id of the firmware.")],
    name: Annotated[str, typer.Option(help="Name for people.")] = "",
    profile: Annotated[str | None, typer.Option(help="Only devices of this profile.")] = None,
    group: Annotated[str | None, typer.Option(help="Only devices in this group.")] = None,
    device: Annotated[list[str] | None, typer.Option(help="Only this device; may be repeated.")] = None,
    canary: Annotated[float | None, typer.Option(help="Percent of the devices that go first; 0 for none.")] = None,
    rate: Annotated[float | None, typer.Option(help="Devices that begin in a minute.")] = None,
    success: Annotated[
        float | None, typer.Option(help="Percent of a group that must succeed before the next one begins.")
    ] = None,
    error: Annotated[
        float | None, typer.Option(help="Percent of failures among those that ended beyond which it pauses.")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="JSON with the whole plan; options win over what it says."),
    ] = None,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Start a rollout."""
    said: dict[str, Any] = _read(plan) if plan is not None else {}
    said["firmware"] = firmware
    given = {"name": name or None, "rate": rate, "success": success, "error": error}
    said |= {field: value for field, value in given.items() if value is not None}
    chosen = {"profile": profile, "group": group, "devices": device}
    said["devices"] = said.get("devices", {}) | {field: value for field, value in chosen.items() if value}
    if canary is not None:
        last = {"name": "all"}
        said["groups"] = [{"name": "canary", "percent": canary}, last] if canary else [last]
    checked = _checked(said)

    async def work(registry: EmbeddedGroups) -> RolloutStatus:
        return await registry.rollouts.get((await registry.rollouts.start(checked, who())).id)

    _print(_with(store, work), format)


@rollout.command(name="list", epilog="Example: flowengine rollout list")
def list_rollouts(
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many at most.")] = 20,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """List rollouts, newest first."""

    async def work(registry: EmbeddedGroups) -> list[Rollout]:
        return list(await registry.rollouts.list(limit=limit))

    found = _with(store, work)
    if format == "json":
        print(json_text([describe_rollout(one) for one in found]))
        return
    if found:
        head = ("ID", "NAME", "FIRMWARE", "STATE", "GROUP", "BEGAN")
        print(table([head, *(_row(one) for one in found)]))
    print(counted(len(found), "rollout"))


@rollout.command(epilog="Example: flowengine rollout show 019b76daa80095df0ff9a691 --failed")
def show(
    id: Id,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Also list devices that failed, and why.")] = False,
    store: LocalStoreAddress = DEFAULT_STORE,
    format: Format = "text",
) -> None:
    """Show how a rollout stands."""

    async def work(registry: EmbeddedGroups) -> tuple[RolloutStatus, list[Update]]:
        status = await registry.rollouts.get(id)
        updates: list[Update] = []
        for state in (UpdateState.FAILED, UpdateState.ROLLED_BACK, UpdateState.TIMED_OUT) if failed else ():
            updates += await registry.updates.list(UpdateFilter(rollout=id, state=state), limit=10_000)
        return status, updates

    status, updates = _with(store, work)
    if format == "json" and failed:
        print(json_text({**describe_status(status), "failed_updates": [describe_update(one) for one in updates]}))
        return
    _print(status, format)
    if updates:
        rows = [(one.device, one.state.value, str(one.attempt), one.error_code, one.error) for one in updates]
        print(table([("DEVICE", "STATE", "ATTEMPT", "CODE", "REASON"), *rows]))


@rollout.command(epilog="Example: flowengine rollout pause 019b76daa80095df0ff9a691")
def pause(id: Id, store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """Let no further device begin."""
    _act(id, RolloutAction.PAUSE, store, format)


@rollout.command(epilog="Example: flowengine rollout resume 019b76daa80095df0ff9a691")
def resume(id: Id, store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """Go on; what has failed until now does not count any more."""
    _act(id, RolloutAction.RESUME, store, format)


@rollout.command(epilog="Example: flowengine rollout cancel 019b76daa80095df0ff9a691 --yes")
def cancel(id: Id, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False, format: Format = "text") -> None:
    """End it; devices that install already go on."""
    confirm(f"Cancel the rollout {id}?", yes=yes)
    _act(id, RolloutAction.CANCEL, store, format)


@rollout.command(epilog="Example: flowengine rollout rollback 019b76daa80095df0ff9a691 --yes")
def rollback(id: Id, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False, format: Format = "text") -> None:
    """End it, and start another one that gives each device the version it had before."""
    confirm(f"Take the devices of the rollout {id} back to the versions they had?", yes=yes)
    _act(id, RolloutAction.ROLL_BACK, store, format)


def _act(id: str, action: RolloutAction, store: str, format: Format) -> None:
    async def work(registry: EmbeddedGroups) -> RolloutStatus:
        return await registry.rollouts.get((await registry.rollouts.act(id, action, who())).id)

    _print(_with(store, work), format)


def _with(store: str, work: Callable[[EmbeddedGroups], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with opened_registry(store) as registry:
            return await work(registry)

    return asyncio.run(opened())


def _read(path: Path) -> dict[str, Any]:
    try:
        said = orjson.loads(path.read_bytes())
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error
    except orjson.JSONDecodeError as error:
        raise RolloutPlanError(f"{path}:{error.lineno}:{error.colno}", f"no JSON: {error.msg}") from error
    if not isinstance(said, dict):
        raise RolloutPlanError(str(path), "a plan is a JSON object")
    return said


def _checked(said: dict[str, Any]) -> RolloutPlan:
    try:
        return RolloutPlan.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise RolloutPlanError(".".join(map(str, first["loc"])) or "plan", first["msg"]) from error


def _row(one: Rollout) -> tuple[str, ...]:
    state = f"{one.state} ({one.reason})" if one.reason else one.state.value
    place = f"{one.plan.groups[one.group].name} ({one.group + 1} of {len(one.plan.groups)})"
    return (one.id, one.plan.name, one.plan.firmware, state, place, time_text(one.created_at))


def _print(status: RolloutStatus, format: Format) -> None:
    if format == "json":
        print(json_text(describe_status(status)))
        return
    one = status.rollout
    print(f"rollout {one.id} of {one.plan.firmware} is {one.state}{f' ({one.reason})' if one.reason else ''}")
    head = ("GROUP", "DEVICES", "WAITING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED", "LEFT OUT")
    rows = [
        (
            group.name,
            f"{counts.total + counts.left_out}",
            *map(str, (counts.waiting, counts.running, counts.succeeded, counts.failed, counts.cancelled)),
            str(counts.left_out),
        )
        for group, counts in zip(one.plan.groups, status.groups, strict=True)
    ]
    print(table([head, *rows]))
    for reason, count in status.left_out.items():
        print(f"left out, {reason}: {counted(count, 'device')}")
