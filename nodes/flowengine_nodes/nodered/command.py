"""``flowengine import``: take flows over from other programs."""

from pathlib import Path
from typing import Annotated

import typer

from flowengine.cli.commands import group
from flowengine.cli.exit_code import ExitCode
from flowengine.cli.folder import existing
from flowengine.cli.node_types import load_node_types
from flowengine.cli.parameters import Format
from flowengine.cli.text import counted, json_text
from flowengine_nodes.nodered.export import Export
from flowengine_nodes.nodered.importing import Imported, convert
from flowengine_nodes.nodered.proof import prove
from flowengine_nodes.nodered.report import Report
from flowengine_nodes.nodered.target import Target

imports = group("import")


@imports.callback()
def take_over() -> None:
    """Take flows over from other programs."""


@imports.command(name="node-red", epilog="Example: flowengine import node-red flows.json --into flows")
def node_red(
    file: Annotated[Path, typer.Argument(help="What Node-RED exported: its flows.json.", metavar="FILE")],
    *,
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Folder of flows to write into; made if missing.")
    ] = Path("flows"),
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite flows that are there already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; only report.")] = False,
    format: Format = "text",
) -> None:
    """Convert the flows of a Node-RED into flows of ours, and report what became of each node.

    A tab becomes a flow, a subflow a subflow, a broker a resource; positions and groups are kept. What cannot be
    converted becomes a placeholder that holds the original; lint warns of it.

    Exits with 0 if everything was converted, with 1 if anything needs work, with 2 if nothing could be done: the file
    is no export, or flows of the same names are there and --replace was not given.
    """
    export = Export.read(existing(file).read_bytes(), str(file))
    target = Target(into)
    known = target.resources
    imported = convert(export, known)
    taken = {flow.id for flow in imported.flows}
    if links := list(target.links(without=taken)):
        imported = convert(export, known, links)
    prove(imported, known, load_node_types(None).registry)
    written = [] if dry_run else target.write(imported, replace=replace)
    if format == "json":
        print(json_text({"written": list(map(str, written)), **imported.report.as_dict()}))
    else:
        _show(imported, written)
    if not imported.report.is_complete:
        raise typer.Exit(ExitCode.PROBLEMS)


def _show(imported: Imported, written: list[Path]) -> None:
    for line in imported.report.lines():
        print(line)
    for path in written:
        print(f"{path} written")
    print(f"{counted(len(imported.flows), 'flow')}: {_summary(imported.report)}")


def _summary(report: Report) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in report.counts.items() if count)
