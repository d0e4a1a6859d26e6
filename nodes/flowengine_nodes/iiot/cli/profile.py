"""``flowengine profile``: how devices of a kind communicate."""

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
from flowengine.flow.problem import DocumentError, Problem
from flowengine_nodes.iiot.cli.opening import opened_registry, who
from flowengine_nodes.iiot.cli.suggesting import suggesting
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.folder import profile_json, read_profile
from flowengine_nodes.iiot.registry.profile import Profile

profile = group("profile")

Id = Annotated[str, typer.Argument(help="Id of the profile.")]
Files = Annotated[list[Path], typer.Argument(help="Files, each with one profile.", metavar="FILE...")]


@profile.callback()
def look() -> None:
    """See, check and store profiles: how devices of a kind communicate."""


@profile.command(name="list", epilog="Example: flowengine profile list")
def list_profiles(store: LocalStoreAddress = DEFAULT_STORE, format: Format = "text") -> None:
    """List all profiles."""

    async def work() -> None:
        async with opened_registry(store) as registry:
            found = [
                (one, await registry.devices.count(DeviceFilter(profile=one.id)))
                for one in await registry.profiles.list()
            ]
        if format == "json":
            print(json_text([{"id": one.id, "name": one.name, "devices": count} for one, count in found]))
            return
        if found:
            rows = [(one.id, f"{count:,}", str(len(one.rules)), one.name) for one, count in found]
            print(table([("ID", "DEVICES", "RULES", "NAME"), *rows]))
        print(counted(len(found), "profile"))

    asyncio.run(work())


@profile.command(epilog="Example: flowengine profile show boiler > boiler.json")
def show(id: Id, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Print a profile as JSON, as `profile save` takes it."""

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            print(profile_json(await registry.profiles.get(id)), end="")

    asyncio.run(work())


@profile.command(epilog="Example: flowengine profile check registry/profiles/*.json")
def check(files: Files, format: Format = "text") -> None:
    """Check files with profiles; nothing is stored. Exits with 1 if something is wrong."""
    profiles, problems = _read(files)
    if format == "json":
        print(json_text([problem.as_dict() for problem in problems]))
    else:
        for problem in problems:
            print(_told(problem))
        print(f"{counted(len(profiles), 'profile')} well, {counted(len(problems), 'problem')}")
    if problems:
        raise typer.Exit(ExitCode.PROBLEMS)


@profile.command(epilog="Example: flowengine profile save boiler.json")
def save(files: Files, store: LocalStoreAddress = DEFAULT_STORE) -> None:
    """Store profiles from files, new or changed; none is stored if one is wrong."""
    profiles, problems = _read(files)
    if problems:
        raise DocumentError(problems)

    async def work() -> None:
        async with opened_registry(store, make=True) as registry:
            for one in profiles:
                await registry.profiles.save(one, who())
        print(f"{counted(len(profiles), 'profile')} stored: {', '.join(one.id for one in profiles)}")

    asyncio.run(work())


@profile.command(epilog="Example: flowengine profile remove boiler --yes")
def remove(id: Id, *, store: LocalStoreAddress = DEFAULT_STORE, yes: Yes = False) -> None:
    """Remove a profile for good; no device may have it."""

    async def work() -> None:
        async with opened_registry(store) as registry, suggesting(registry):
            await registry.profiles.get(id)
            confirm(f'Remove the profile "{id}" for good?', yes=yes)
            await registry.profiles.remove(id, who())
        print(f'the profile "{id}" is removed')

    asyncio.run(work())


def _read(files: list[Path]) -> tuple[list[Profile], list[Problem]]:
    profiles: list[Profile] = []
    problems: list[Problem] = []
    for file in files:
        try:
            profiles.append(read_profile(file))
        except DocumentError as error:
            problems += error.problems
    return profiles, problems


def _told(problem: Problem) -> str:
    return f"{problem}\n    {problem.hint}" if problem.hint else str(problem)
