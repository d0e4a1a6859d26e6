"""``flowengine doctor``: find out why an engine would not run well here."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.checkup import Checkup, Finding
from flowengine.cli.exit_code import ExitCode
from flowengine.cli.parameters import Folder, Format, NodeFolders
from flowengine.cli.store_address import DEFAULT_STORE
from flowengine.cli.text import counted, json_text

EXAMPLE = "Example: flowengine doctor flows --port 8000"


def doctor(
    folder: Folder = Path("flows"),
    store: Annotated[str, typer.Option(envvar="FLOWENGINE_STORE", help="The store that the engine will use.")] = (
        DEFAULT_STORE
    ),
    host: Annotated[str, typer.Option(envvar="HOST", help="Address that the server will listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="Its port.")] = 8000,
    admin_token: Annotated[
        str, typer.Option(envvar="FLOWENGINE_ADMIN_TOKEN", help="Token of the admin API.", show_default=False)
    ] = "",
    nodes: NodeFolders = None,
    format: Format = "text",
) -> None:
    """Find what would keep an engine from running here.

    Looks at Python, node packs, flows, variables, resources (whether they answer), disk, store and port, and says what
    to do. Takes the options of `flowengine run`; the store is opened as that does, all else is only looked at. Exits
    with 1 if there is a problem; warnings alone exit with 0.
    """
    found: list[Finding] = []

    async def look() -> None:
        checkup = Checkup(folder, store, host, port, admin_token, tuple(nodes or ()), os.environ)
        async for finding in checkup.findings():
            found.append(finding)
            if format == "text":
                print(f"{finding.state:8} {finding.subject:10} {finding.text}")
                if finding.todo:
                    print(f"{'':20}{finding.todo}")

    asyncio.run(look())
    problems = sum(finding.state == "problem" for finding in found)
    if format == "json":
        print(json_text([finding._asdict() for finding in found]))
    else:
        print(f"{counted(problems, 'problem')}" if problems else "no problems")
    if problems:
        raise typer.Exit(ExitCode.PROBLEMS)
