"""Arguments and options that several commands take."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Folder = Annotated[Path, typer.Argument(help="Folder of flows.", metavar="DIR")]

NodeFolders = Annotated[
    list[Path] | None, typer.Option("--nodes", metavar="DIR", help="Folder of more node files; may be repeated.")
]

OutputFormat = Literal["text", "json"]
Format = Annotated[OutputFormat, typer.Option("--format", help="For people or for programs.")]
