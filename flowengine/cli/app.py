"""The command ``flowengine``: what all commands share."""

import gc
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Annotated, Final

import typer

from flowengine.cli.commands import Commands
from flowengine.cli.exit_code import ExitCode
from flowengine.errors import FlowEngineError
from flowengine.flow.problem import DocumentError

DISTRIBUTION: Final = "flowengine-iiot"
EXAMPLE: Final = "Example: flowengine lint flows"

app = typer.Typer(
    name="flowengine",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog=EXAMPLE,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands over the option by position
    if wanted:
        print(f"flowengine {metadata.version(DISTRIBUTION)}")
        raise typer.Exit


@app.callback()
def flowengine(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Run flows between MQTT devices and business systems, and lose no message."""


def main() -> None:
    """Run the command; a user's mistake ends in a sentence and never in a traceback."""
    # Classes and functions, of which a start makes very many, are seldom garbage.
    gc.set_threshold(50_000, 20, 50)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        mistakes = [_sentence(one) for one in _leaves(error)]
        if None in mistakes:
            raise
        for sentence in mistakes:
            print(sentence, file=sys.stderr)
        sys.exit(ExitCode.MISTAKE)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Yield the errors in a group of tasks, or the one that is in none."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _sentence(error: BaseException) -> str | None:
    """Return what to tell the user; ``None`` for a bug."""
    match error:
        case DocumentError():
            return str(error)
        case FlowEngineError():
            return f"flowengine: {error} [{error.code}]"
        case OSError(filename=str(filename)):
            return f"flowengine: {filename}: {error.strerror} [system]"
    return None
