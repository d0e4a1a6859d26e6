"""The command and its parts."""

import sys

import typer

from flowengine.cli import run
from flowengine.cli.commands import add_commands_of_node_packs
from flowengine.cli.exit_code import ExitCode
from flowengine.errors import FlowEngineError

app = typer.Typer(
    name="flowengine",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def flowengine() -> None:
    """Run flows between MQTT devices and business systems, and lose no message."""


app.command(name="run", epilog=run.EXAMPLE)(run.run)


def main() -> None:
    """Run the command; a user's mistake ends in one sentence and never in a traceback."""
    add_commands_of_node_packs(app)
    try:
        app()
    except FlowEngineError as error:
        print(f"flowengine: {error} [{error.code}]", file=sys.stderr)
        sys.exit(ExitCode.MISTAKE)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
