"""Folders of flows as commands are given them."""

import difflib
import os
from collections.abc import Iterable
from pathlib import Path

from flowengine.errors import FlowEngineError
from flowengine.flow.document_file import FLOW_SUFFIX, RESOURCES_NAME
from flowengine.flow.folder import FlowFolder, read_folder


class MissingPathError(FlowEngineError):
    """A file or folder that a command was given is not there.

    Args:
        path: What was given.
        similar: What is there under a similar name, if anything is.
    """

    code = "no-such-folder"

    def __init__(self, path: Path, similar: str | None) -> None:
        super().__init__(path, similar)
        self.path = path
        self.similar = similar

    def __str__(self) -> str:
        if self.similar is not None:
            return f'there is no {self.path}; did you mean "{self.similar}"?'
        return f"there is no {self.path} in {Path.cwd()}; name the folder that holds your flows"


class NotAFolderError(FlowEngineError):
    """A command was given a file where it takes a folder.

    Args:
        path: What was given.
    """

    code = "not-a-folder"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f'{self.path} is a file; name the folder it is in: "{self.path.parent}"'


class NoFlowsError(FlowEngineError):
    """A folder holds no flows.

    Args:
        path: The folder.
    """

    code = "no-flows"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        elsewhere = next((file.parent for file in sorted(self.path.glob(f"*/*{FLOW_SUFFIX}"))), None)
        if elsewhere is not None:
            return f'there are no flows in {self.path}; did you mean "{elsewhere}"?'
        return f"there are no flows in {self.path}: a flow is a file named <id>{FLOW_SUFFIX}"


class NoDocumentError(FlowEngineError):
    """A file's name says that it is no document that the command can work on.

    Args:
        path: The file.
        suffixes: How names may end.
    """

    code = "no-document"

    def __init__(self, path: Path, suffixes: Iterable[str]) -> None:
        super().__init__(path)
        self.path = path
        self.suffixes = tuple(suffixes)

    def __str__(self) -> str:
        ends = " or ".join(self.suffixes)
        return f"{self.path} is no document for this: its name must be {RESOURCES_NAME}, or end in {ends}"


def existing(path: Path) -> Path:
    """Return a path that a command was given, if something is there.

    Raises:
        MissingPathError: Nothing is.
    """
    # os.path's answer is also no for a name that cannot be one, or in a folder that may not be entered.
    if os.path.exists(path) or path.is_symlink():  # noqa: PTH110
        return path
    raise MissingPathError(path, _similar(path))


def check_folder(path: Path) -> Path:
    """Return a folder that a command was given.

    Raises:
        MissingPathError: It is not there.
        NotAFolderError: It is a file.
    """
    if not existing(path).is_dir():
        raise NotAFolderError(path)
    return path


def read_flows(path: Path) -> FlowFolder:
    """Read a folder that must hold flows.

    Raises:
        MissingPathError: It is not there.
        NotAFolderError: It is a file.
        FolderError: It cannot be read.
        NoFlowsError: It holds none.
    """
    folder = read_folder(check_folder(path))
    if not folder.flows and not (path / RESOURCES_NAME).exists():
        raise NoFlowsError(path)
    return folder


def _similar(path: Path) -> str | None:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return None
    # A flow is easily named without the end of its file's name.
    if f"{path.name}{FLOW_SUFFIX}" in names:
        return str(path.with_name(f"{path.name}{FLOW_SUFFIX}"))
    close = difflib.get_close_matches(path.name, names, n=1)
    return str(path.with_name(close[0])) if close else None
