"""``flowengine automation``: rules by which devices are sent commands by themselves."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.confirmation import Yes, confirm
from flowengine.cli.exit_code import ExitCode
from flowengine.cli.parameters import Format
from flowengine.cli.store_address import DEFAULT_STORE, LocalStoreAddress
from flowengine.cli.text import counted, json_text, table
from flowengine.flow.problem import DocumentError
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.cli.suggesting import suggesting
from flowengine_nodes.iiot.registry.automation import (
    CronTrigger,
    Devices,
    EventTrigger,
    ThresholdTrigger,
    Trigger,
)
from flowengine_nodes.iiot.registry.folder import read_rules, rule_json, rule_value

automation = group("automation")

Id = Annotated[str, typer.Argument(help="Id of the rule.")]
Files = Annotated[list[Path], typer.Argument(help="Files, each with one rule.", metavar="FILE...")]


@automation.callback()
def look() -> None:
    """See, check and store rules that send devices commands."""


@automation.command(name="list", epilog="Example: flowengine automation list")
def list_rules(store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """List all automation rules."""

    async def work() -> None:
        async with opened_registry(store) as registry:
            found = await registry.automations.list()
        if format == "json":
            print(json_text([rule_value(one) for one in found]))
            return
        if found:
            rows = [
                (
                    one.id,
                    "yes" if one.active else "no",
                    _devices_text(one.devices),
                    _trigger_text(one.trigger),
                    one.command.action,
                    one.name,
                )
                for one in found
            ]
            print(table([("ID", "ACTIVE", "DEVICES", "WHEN", "COMMAND", "NAME"), *rows]))
        print(counted(len(found), "rule"))

    asyncio.run(work())


@automation.command(epilog="Example: flowengine automation show cool > cool.json")
def show(id: Id, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Print a rule as JSON, as `automation import` takes it."""

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            print(rule_json(await registry.automations.get(id)), end="")

    asyncio.run(work())


@automation.command(epilog="Example: flowengine automation check registry/automation/*.json")
def check(files: Files, format: Format = "text") -> None:
    """Check files with rules; nothing is stored. Exits with 1 if something is wrong."""
    read, problems = read_rules(files)
    if format == "json":
        print(json_text([problem.as_dict() for problem in problems]))
    else:
        for problem in problems:
            print(f"{problem}\n    {problem.hint}" if problem.hint else str(problem))
        print(f"{counted(len(read.rules), 'rule')} well, {counted(len(problems), 'problem')}")
    if problems:
        raise typer.Exit(ExitCode.PROBLEMS)


@automation.command(name="import", epilog="Example: flowengine automation import cool.json")
def import_rules(files: Files, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Store rules from files, new or changed: all of them, or none if one is wrong or does not fit to its profile."""
    read, problems = read_rules(files)
    if problems:
        raise DocumentError(problems)

    async def work() -> None:
        async with opened_registry(store, make=True) as registry:
            await registry.folders.run(read, who())
        print(f"{counted(len(read.rules), 'rule')} stored: {', '.join(read.rules)}")

    asyncio.run(work())


@automation.command(epilog="Example: flowengine automation enable cool")
def enable(id: Id, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Let a rule send commands."""
    _switch(id, store, active=True)


@automation.command(epilog="Example: flowengine automation disable cool")
def disable(id: Id, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Let a rule send nothing, and keep it."""
    _switch(id, store, active=False)


@automation.command(epilog="Example: flowengine automation remove cool --yes")
def remove(id: Id, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False) -> None:
    """Remove a rule for good, with what it remembers of devices."""

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            await registry.automations.get(id)
            confirm(f'Remove the rule "{id}" for good?', yes=yes)
            await registry.automations.remove(id, who())
        print(f'the rule "{id}" is removed')

    asyncio.run(work())


def _switch(id: str, store: str, *, active: bool) -> None:
    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            rule = await registry.automations.get(id)
            await registry.automations.save(rule.model_copy(update={"active": active}), who())
        print(f'the rule "{id}" is {"enabled" if active else "disabled"}')

    asyncio.run(work())


def _devices_text(devices: Devices) -> str:
    said = [devices.profile or "", f"group {devices.group}" if devices.group else "", ", ".join(devices.ids)]
    return ", ".join(part for part in said if part) or "all"


def _trigger_text(trigger: Trigger) -> str:
    if isinstance(trigger, CronTrigger):
        return f"{trigger.cron} {trigger.time_zone}"
    if isinstance(trigger, ThresholdTrigger):
        return f"{trigger.path.text} {'above' if trigger.above is not None else 'below'} {trigger.limit:g}"
    when = " and ".join(f"{one.path.text} {one.op} {json_text(one.value).strip()}" for one in trigger.when)
    if isinstance(trigger, EventTrigger):
        event = " ".join(part for part in ("event", trigger.event, trigger.model) if part)
        return f"{event}: {when}" if when else event
    return when
