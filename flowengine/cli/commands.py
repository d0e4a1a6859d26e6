"""The commands, loaded when they run: none waits for what only another needs."""

import sys
from collections.abc import Callable, Iterator, MutableMapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

import typer
from typer.core import TyperGroup

from flowengine.errors import FlowEngineError

ENTRY_POINTS: Final = "flowengine.commands"

COMMANDS: Final = {
    "run": "flowengine.cli.run:run",
    "lint": "flowengine.cli.lint:lint",
    "fmt": "flowengine.cli.fmt:fmt",
    "test": "flowengine.cli.test:run_tests",
    "nodes": "flowengine.cli.nodes:nodes",
    "schema": "flowengine.cli.schema:schema",
    "new": "flowengine.cli.new:new",
    "secrets": "flowengine.cli.secrets:secrets",
    "doctor": "flowengine.cli.doctor:doctor",
    "outbox": "flowengine.cli.outbox:outbox",
    "dead-letters": "flowengine.cli.dead_letters:dead_letters",
    "state": "flowengine.cli.state:state",
    "user": "flowengine.cli.user:user",
}
"""Our own commands, in the order that help shows them: a function with typer's annotations, or a group of them."""


class CommandLoadError(FlowEngineError):
    """A command that a node pack offers cannot be loaded.

    Args:
        name: The command.
        place: Where it was to come from: module and function.
        reason: What went wrong.
    """

    code = "command-load"

    def __init__(self, name: str, place: str, reason: str) -> None:
        super().__init__(name, place, reason)
        self.name = name
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f'the command "{self.name}" cannot be loaded from {self.place}: {self.reason}; repair or remove its pack'


class CommandTable(MutableMapping[str, Any]):
    """Commands by name, each made when it is first asked for.

    A node pack offers commands as entry points of the group ``flowengine.commands``. What is named is a function with
    typer's annotations, or a ``typer.Typer``; its module may have an ``EXAMPLE``, which the command's help shows.
    """

    def __init__(self) -> None:
        self._places = dict(COMMANDS)
        for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
            self._places.setdefault(entry.name, entry.value)
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _command(name, self._places[name])
        return self._made[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._places[name] = ""
        self._made[name] = command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._made.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = CommandTable()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands for the help; one that cannot be loaded is named on standard error instead."""
        names = []
        for name in self.commands:
            try:
                self.commands[name]
            except CommandLoadError as error:
                print(f"flowengine: {error} [{error.code}]", file=sys.stderr)
            else:
                names.append(name)
        return names


def group(name: str) -> typer.Typer:
    """Return a group of commands.

    Args:
        name: Its name, as users write it.
    """
    return typer.Typer(
        name=name,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def _command(name: str, place: str) -> Any:
    module_name, _, attribute = place.partition(":")
    try:
        module = import_module(module_name)
        found: Callable[..., Any] | typer.Typer = getattr(module, attribute)
    except Exception as error:
        # One of our own that does not load is a bug, and shows where.
        if name in COMMANDS:
            raise
        raise CommandLoadError(name, place, f"{type(error).__name__}: {error}") from error
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = group(name)
    alone.command(name=name, epilog=getattr(module, "EXAMPLE", None))(found)
    return typer.main.get_command(alone)
