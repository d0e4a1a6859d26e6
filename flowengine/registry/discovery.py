"""Find node types: in installed node packs, and in a folder of files."""

import importlib
import importlib.util
import inspect
import logging
import pkgutil
import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib.abc import SourceLoader
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.node import Node
from flowengine.registry.registry import Deferred, Registry

ENTRY_POINTS = "flowengine.nodes"
log = logging.getLogger("flowengine.registry")
_DECLARATION = re.compile(r"""@node_type\(\s*["']([^"']+)["']""")


class NodePackError(FlowEngineError):
    """A node pack or a node's file cannot be loaded.

    Args:
        place: Name of the module or path of the file.
        reason: What went wrong, with the line where it did.
    """

    code = "node-pack"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f"cannot load nodes from {self.place}: {self.reason}"


def load_node_packs(registry: Registry, *, when_used: bool = False) -> list[NodePackError]:
    """Add the node types of every installed node pack.

    Args:
        registry: Where to add them.
        when_used: Load a module only when one of its types is asked for, which the names in its text tell. What is
            wrong with such a module is logged then.

    Returns:
        One error for each module that could not be loaded; the others are there.
    """
    errors: list[NodePackError] = []
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        errors += _load_pack(registry, entry, when_used=when_used)
    return errors


def load_folder(registry: Registry, folder: Path) -> list[NodePackError]:
    """Add the node types of every Python file in a folder.

    Args:
        registry: Where to add them.
        folder: Folder of node files; files whose names begin with ``_`` or ``test_`` are passed over.

    Returns:
        One error for each file that could not be loaded; the others are there.
    """
    if not folder.is_dir():
        return [NodePackError(str(folder), "there is no such folder")]
    errors = []
    for file in sorted(folder.glob("*.py")):
        if file.name.startswith(("_", "test_")):
            continue
        try:
            _add_all(registry, _load_file(file))
        except Exception as error:  # noqa: BLE001 - a node's file may raise anything while it is imported
            errors.append(NodePackError(str(file), _reason(error)))
    return errors


def _load_pack(registry: Registry, entry: EntryPoint, *, when_used: bool) -> list[NodePackError]:
    errors = []
    for name in _modules(entry.value):
        declared = _declared_names(name) if when_used else None
        if declared is not None:
            registry.defer(Deferred(declared, partial(_load_late, name)))
            continue
        error = _load_module(name, registry)
        if error is not None:
            errors.append(error)
    return errors


def _load_module(name: str, registry: Registry) -> NodePackError | None:
    try:
        _add_all(registry, importlib.import_module(name))
    except Exception as error:  # noqa: BLE001 - a node pack may raise anything while it is imported
        return NodePackError(name, _reason(error))
    return None


def _load_late(name: str, registry: Registry) -> None:
    error = _load_module(name, registry)
    if error is not None:
        log.error("%s", error)


def _declared_names(name: str) -> tuple[str, ...] | None:
    """Return the node types that a module declares, without running it; ``None`` where its text does not tell."""
    if name in sys.modules:
        return None
    found = importlib.util.find_spec(name)
    loader = found.loader if found is not None else None
    text = loader.get_source(name) if isinstance(loader, SourceLoader) else None
    if text is None:
        return None
    names = tuple(_DECLARATION.findall(text))
    return names if len(names) == text.count("@node_type(") else None


def _modules(package: str) -> Iterator[str]:
    yield package
    found = importlib.util.find_spec(package)
    if found is None or found.submodule_search_locations is None:
        return
    # A pack that holds more than nodes names the packages to look in.
    named = getattr(importlib.import_module(package), "NODES", None)
    if named is not None:
        for name in named:
            yield f"{package}.{name}"
            inside = importlib.import_module(f"{package}.{name}").__path__
            yield from (f"{package}.{name}.{one.name}" for one in pkgutil.iter_modules(inside) if not one.ispkg)
        return
    # Walking by hand rather than with pkgutil.walk_packages: that imports packages, and swallows what they raise.
    for module in pkgutil.iter_modules(found.submodule_search_locations):
        if module.ispkg:
            yield from _modules(f"{package}.{module.name}")
        else:
            yield f"{package}.{module.name}"


def _load_file(file: Path) -> ModuleType:
    name = f"flowengine_folder_{abs(hash(file.resolve())):x}_{file.stem}"
    made = importlib.util.spec_from_file_location(name, file)
    assert made is not None
    assert made.loader is not None
    module = importlib.util.module_from_spec(made)
    sys.modules[name] = module
    try:
        made.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _add_all(registry: Registry, module: ModuleType) -> None:
    for value in list(vars(module).values()):
        if _is_declared(value) and value.__module__ == module.__name__:
            registry.add(value)


def _is_declared(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Node) and "__node_type__" in vars(value)


def _reason(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f" (line {place.tb_lineno})" if place is not None else ""
    return f"{type(error).__name__}: {error}{line}"
