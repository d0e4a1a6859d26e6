"""Commands that node packs add to ``flowengine``."""

from importlib.metadata import entry_points

import typer

ENTRY_POINTS = "flowengine.commands"


def add_commands_of_node_packs(app: typer.Typer) -> None:
    """Add every command that an installed node pack offers.

    An entry point of the group ``flowengine.commands`` names a function with typer's annotations; its module may have
    an ``EXAMPLE``, which the command's help shows.

    Args:
        app: Where to add them.
    """
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        function = entry.load()
        epilog = function.__globals__.get("EXAMPLE")
        app.command(name=entry.name, epilog=epilog)(function)
