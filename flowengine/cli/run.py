"""``flowengine run``: run a folder of flows."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from flowengine.cli.folder import check_folder
from flowengine.cli.log import LogFormat, LogLevel, set_up_log
from flowengine.cli.workers import supervise, worker_of
from flowengine.server.service import Service, ServiceOptions

SWITCH_SECONDS = 0.0005
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
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Processes to run; more than one need a PostgreSQL store.")
    ] = 1,
    watch: Annotated[bool, typer.Option(help="Deploy whenever a file changes.")] = False,  # noqa: FBT002 - an option
    drain: Annotated[float, typer.Option(min=0, help="Seconds that messages in flight get at a stop.")] = 10.0,
    admin_token: Annotated[
        str,
        typer.Option(envvar="FLOWENGINE_ADMIN_TOKEN", help="Token that the admin API asks for.", show_default=False),
    ] = "",
    log_format: Annotated[LogFormat, typer.Option(envvar="LOG_FORMAT", help="For people or for programs.")] = "text",
    log_level: Annotated[
        LogLevel, typer.Option(envvar="LOG_LEVEL", case_sensitive=False, help="Lowest level to write.")
    ] = "info",
) -> None:
    """Run a folder of flows until SIGTERM or Ctrl-C.

    Then no more messages are taken, and what is in flight gets the time that --drain says to finish. A flow with
    errors is named in the log and does not run; all others do.

    With --workers N, N processes share the work: each takes a share of the MQTT messages and of the HTTP requests, the
    store is one PostgreSQL database, and a change of the files reaches them all.
    """
    check_folder(folder)
    set_up_log(log_format, log_level)
    worker = worker_of(os.environ)
    if workers > 1 and worker is None:
        raise typer.Exit(supervise(workers, store, port))
    options = ServiceOptions(
        folder=folder,
        host=host,
        port=port,
        store=store,
        nodes=tuple(nodes or ()),
        watch=watch or workers > 1,
        drain=drain,
        admin_token=admin_token,
        variables=dict(os.environ),
        worker=worker.number if worker is not None else 0,
        lifeline=worker.lifeline if worker is not None else None,
        workers=workers,
    )
    # The thread that commits asks for the interpreter a few times in each transaction; a busy loop gives it up at this
    # interval only, and the default of 5 ms would be most of what a commit takes.
    sys.setswitchinterval(SWITCH_SECONDS)
    # The loop of the standard library costs twice as much for each socket operation.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Service(options).run())
