"""The command ``flowengine``: what all commands share."""

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
    try:
        app()
    except FlowEngineError as error:
        _tell(error)
    except BaseExceptionGroup as group:
        mistakes, unexpected = group.split(FlowEngineError)
        if unexpected is not None or mistakes is None:
            raise
        for mistake in _leaves(mistakes):
            _tell(mistake)
    except OSError as error:
        # Without a file it is no mistake of the user's.
        if error.filename is None:
            raise
        print(f"flowengine: {error.filename}: {error.strerror} [system]", file=sys.stderr)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    else:
        return
    sys.exit(ExitCode.MISTAKE)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _tell(error: BaseException) -> None:
    if isinstance(error, DocumentError):
        print(error, file=sys.stderr)
    else:
        print(f"flowengine: {error} [{getattr(error, 'code', 'error')}]", file=sys.stderr)
