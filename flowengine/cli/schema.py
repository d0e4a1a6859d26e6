"""``flowengine schema``: JSON Schemas for editors that check and complete JSON."""

import difflib
from pathlib import Path
from typing import Annotated, Any

import typer

from flowengine.cli.node_types import load_node_types
from flowengine.cli.parameters import NodeFolders
from flowengine.cli.text import json_text
from flowengine.errors import FlowEngineError
from flowengine.flow.schema import DIALECT, DOCUMENTS, document_schema

EXAMPLE = "Example: flowengine schema flow"


class UnknownSchemaError(FlowEngineError):
    """There is no schema of a name.

    Args:
        name: The name.
        similar: The name that was probably meant.
    """

    code = "unknown-schema"

    def __init__(self, name: str, similar: str | None) -> None:
        super().__init__(name, similar)
        self.name = name
        self.similar = similar

    def __str__(self) -> str:
        todo = f'did you mean "{self.similar}"?' if self.similar else '"flowengine nodes" lists the node types'
        return f'"{self.name}" is neither a document ({", ".join(DOCUMENTS)}) nor a node type; {todo}'


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            help=f"A kind of document ({', '.join(DOCUMENTS)}), or a node type for its settings; without one, flow.",
            metavar="KIND|NODE-TYPE",
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write into this folder instead; without a name, all kinds of documents."),
    ] = None,
    nodes: NodeFolders = None,
) -> None:
    """Print a JSON Schema, for editors that check what you type.

    Exits with 2 if there is no such kind or type.
    """
    if write is None:
        print(json_text(_schema(name or "flow", nodes)))
        return
    write.mkdir(parents=True, exist_ok=True)
    for each in DOCUMENTS if name is None else (name,):
        file = write / f"{each}.schema.json"
        file.write_text(json_text(_schema(each, nodes)) + "\n")
        print(f"{file} written")


def _schema(name: str, nodes: list[Path] | None) -> dict[str, Any]:
    if name in DOCUMENTS:
        return document_schema(name)
    registry = load_node_types(nodes).registry
    declared = registry.get(name)
    if declared is None:
        names = [*DOCUMENTS, *(one.name for one in registry)]
        raise UnknownSchemaError(name, next(iter(difflib.get_close_matches(name, names, n=1)), None))
    return {"$schema": DIALECT, **declared.schema()}
