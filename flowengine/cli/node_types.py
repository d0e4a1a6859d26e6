"""The node types that a command knows."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from flowengine.flow.problem import Problem
from flowengine.registry import Registry, load_folder, load_node_packs


class NodeTypes(NamedTuple):
    """Node types, and what kept others from being among them.

    Attributes:
        registry: The node types.
        problems: One for each node file or module that could not be loaded.
    """

    registry: Registry
    problems: tuple[Problem, ...]


def load_node_types(folders: Iterable[Path] | None) -> NodeTypes:
    """Load the node types of all installed packs and of folders of node files.

    Args:
        folders: The folders; ``None`` for none.
    """
    registry = Registry()
    errors = [
        *load_node_packs(registry),
        *(error for folder in folders or () for error in load_folder(registry, folder)),
    ]
    return NodeTypes(registry, tuple(Problem(code=error.code, message=str(error)) for error in errors))
