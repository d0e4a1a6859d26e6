"""The page of the commands."""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from flowengine.reference.markdown import block, cell, code, page, paragraph, table


def command_page(app: Any, exit_codes: type[IntEnum]) -> str:
    """Return the page of all commands.

    Args:
        app: The command with its subcommands, as typer makes it.
        exit_codes: The exit codes, described under ``Attributes`` in their docstring.
    """
    described = dict(re.findall(r"^ +([A-Z_]+): (.+?)$", exit_codes.__doc__ or "", re.MULTILINE))
    rows = [(str(int(one)), described[one.name]) for one in exit_codes]
    return page(
        "Commands",
        "`flowengine COMMAND --help` shows the same in a terminal. What a command reports goes to standard output,"
        " mistakes and logs go to standard error.",
        "## Exit codes\n\n" + table(("Code", "Meaning"), rows),
        *(section for name in app.commands for section in _sections(app.commands[name], f"flowengine {name}")),
    )


def _sections(command: Any, name: str) -> Iterator[str]:
    subcommands = getattr(command, "commands", {})
    parts = [f"## {name}", _help(command.help or ""), _epilog(command.epilog or "")]
    rows = [row for parameter in command.params if (row := _parameter(parameter)) is not None]
    if not subcommands:
        parts.append(table(("Argument or option", "Meaning", "Default", "Environment"), rows))
    yield "\n\n".join(part for part in parts if part)
    for each in subcommands:
        yield from _sections(subcommands[each], f"{name} {each}")


def _help(text: str) -> str:
    return "\n\n".join(paragraph(part) for part in text.split("\n\n"))


def _epilog(text: str) -> str:
    _, _, example = text.partition("Example: ")
    return block(example, "sh") if example else ""


def _parameter(parameter: Any) -> tuple[str, str, str, str] | None:
    if parameter.name == "help" or getattr(parameter, "hidden", False):
        return None
    is_option = parameter.param_type_name == "option"
    names = ", ".join(code(name) for name in parameter.opts) if is_option else code(parameter.metavar or parameter.name)
    default = parameter.default
    shown = "" if default in (None, False, "", ()) or not getattr(parameter, "show_default", True) else str(default)
    variable = parameter.envvar or ""
    return names, cell(parameter.help or ""), code(shown), code(variable if isinstance(variable, str) else variable[0])
