"""``flowengine new``: begin a node, a node pack or a flow."""

import keyword
import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

import flowengine.node
from flowengine.cli import scaffold
from flowengine.cli.commands import group
from flowengine.cli.node_types import load_node_types
from flowengine.errors import FlowEngineError
from flowengine.flow.document_file import FLOW_SUFFIX
from flowengine.flow.identifier import check_id

new = group("new")

_WORDS: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class NewNameError(FlowEngineError):
    """A name cannot be given to what is to be made.

    Args:
        name: The name.
        reason: Why not, and what to do, as the end of a sentence.
    """

    code = "bad-name"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f'"{self.name}" cannot be the name: {self.reason}'


class FileExistsAlreadyError(FlowEngineError):
    """A file is there that was to be made; nothing was written.

    Args:
        path: The file.
    """

    code = "file-exists"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} exists already, and nothing was written; choose another name, or remove the file"


@new.callback()
def begin() -> None:
    """Begin a node, a node pack or a flow."""


@new.command(name="node", epilog="Example: flowengine new node moving-average --nodes nodes")
def new_node(
    name: Annotated[str, typer.Argument(help="Name of the node type: lower-case words joined by hyphens.")],
    folder: Annotated[
        Path, typer.Option("--nodes", metavar="DIR", help="Folder to write into; made if missing.")
    ] = Path("nodes"),
) -> None:
    """Write a node and its test, ready to run and to change.

    Exits with 2 if the name cannot be used, or a file of that name is there already.
    """
    _check_words(name)
    if name in load_node_types([folder] if folder.is_dir() else None).registry:
        raise NewNameError(name, 'there is such a node type already; "flowengine nodes" lists them')
    node, test = folder / f"{_module(name)}.py", folder / f"test_{_module(name)}.py"
    _write({node: _node(name), test: _test(name, test, "")})
    print(f"Test it with:    pytest {test}")
    print(f"Use it with:     flowengine run --nodes {folder}")


@new.command(name="pack", epilog="Example: flowengine new pack acme-nodes")
def new_pack(
    name: Annotated[str, typer.Argument(help="Name of the pack: lower-case words joined by hyphens.")],
    folder: Annotated[Path, typer.Argument(help="Folder to make the pack's own folder in.", metavar="DIR")] = Path(),
) -> None:
    """Write a node pack: a Python package of nodes that can be installed.

    Exits with 2 if the name cannot be used, or a file is there already.
    """
    _check_words(name)
    package = _module(name)
    root = folder / name
    first = f"{name}-example"
    test = root / "tests" / f"test_{_module(first)}.py"
    _write(
        {
            root / "pyproject.toml": scaffold.PROJECT.substitute(name=name, package=package),
            root / package / "__init__.py": f'"""The node pack {name}."""\n',
            root / package / f"{_module(first)}.py": _node(first),
            test: _test(first, test, f'.parent / "{package}"'),
        }
    )
    print(f"Test it with:    pytest {test}")
    print(f"Install it with: pip install --editable {root}")


@new.command(name="flow", epilog="Example: flowengine new flow boiler flows")
def new_flow(
    id: Annotated[str, typer.Argument(help="Id of the flow: lower-case letters, digits and hyphens.")],
    folder: Annotated[Path, typer.Argument(help="Folder of flows; made if missing.", metavar="DIR")] = Path("flows"),
) -> None:
    """Write a flow that shows a message every five seconds.

    Exits with 2 if the id cannot be used, or there is such a flow already.
    """
    file = folder / f"{check_id(id)}{FLOW_SUFFIX}"
    _write({file: scaffold.FLOW.substitute(name=id)})
    print(f"Check it with:   flowengine lint {folder}")
    print(f"Run it with:     flowengine run {folder}")


def _check_words(name: str) -> None:
    if not _WORDS.fullmatch(name):
        suggestion = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()).strip("-")
        hint = f'; write "{suggestion}"' if _WORDS.fullmatch(suggestion) else ""
        raise NewNameError(name, f"it must be lower-case words joined by hyphens{hint}")
    if _module(name) in sys.stdlib_module_names or keyword.iskeyword(_module(name)):
        raise NewNameError(name, f'its file would hide what Python itself calls "{name}"; choose another')


def _module(name: str) -> str:
    return name.replace("-", "_")


def _node(name: str) -> str:
    cls = "".join(word.capitalize() for word in name.split("-"))
    if cls in flowengine.node.__all__ or keyword.iskeyword(cls):
        cls += "Node"
    return scaffold.NODE.substitute(name=name, cls=cls)


def _test(name: str, path: Path, folder: str) -> str:
    return scaffold.TEST.substitute(name=name, path=path, folder=folder)


def _write(files: dict[Path, str]) -> None:
    for path in files:
        if path.exists():
            raise FileExistsAlreadyError(path)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"{path} written")
