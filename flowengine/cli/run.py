"""``flowengine run``: run a folder of flows."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from flowengine.cli.folder import check_folder
from flowengine.cli.log import LogFormat, set_up_log
from flowengine.server.service import Service, ServiceOptions

EXAMPLE = "Example: flowengine run flows --port 8000 --store sqlite:///flowengine.db"


def run(
    folder: Annotated[Path, typer.Argument(help="Folder of flows.")] = Path("flows"),
    host: Annotated[str, typer.Option(envvar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="Port to listen on; 0 for any.")] = 8000,
    store: Annotated[
        str,
        typer.Option(
            envvar="FLOWENGINE_STORE",
            help="Where everything durable is kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
        ),
    ] = "sqlite:///flowengine.db",
    nodes: Annotated[list[Path] | None, typer.Option(help="Folder of more node files; may be repeated.")] = None,
    watch: Annotated[bool, typer.Option(help="Deploy whenever a file changes.")] = False,  # noqa: FBT002 - an option
    drain: Annotated[float, typer.Option(min=0, help="Seconds that messages in flight get at a stop.")] = 10.0,
    admin_token: Annotated[
        str,
        typer.Option(envvar="FLOWENGINE_ADMIN_TOKEN", help="Token that the admin API asks for.", show_default=False),
    ] = "",
    log_format: Annotated[LogFormat, typer.Option(envvar="LOG_FORMAT", help="For people or for programs.")] = "text",
    log_level: Annotated[str, typer.Option(envvar="LOG_LEVEL", help="Lowest level to write.")] = "info",
) -> None:
    """Run a folder of flows until SIGTERM or Ctrl-C.

    Then no more messages are taken, and what is in flight gets the time that --drain says to finish. A flow with
    errors is named in the log and does not run; all others do.
    """
    check_folder(folder)
    set_up_log(log_format, log_level)
    options = ServiceOptions(
        folder=folder,
        host=host,
        port=port,
        store=store,
        nodes=tuple(nodes or ()),
        watch=watch,
        drain=drain,
        admin_token=admin_token,
        variables=dict(os.environ),
    )
    # The loop of the standard library costs twice as much for each socket operation.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Service(options).run())
