"""The error codes that a module's code raises, read from its source."""

import ast
import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple


class Raised(NamedTuple):
    """An error that code raises.

    Attributes:
        code: Its word code.
        sentence: What it says, with ``…`` where facts stand; empty if the source does not say.
    """

    code: str
    sentence: str


def raised_in(module: ModuleType) -> list[Raised]:
    """Return the errors that are made in a module with a code of their own, in order of their codes.

    Args:
        module: The module; its source must be there.
    """
    found: dict[str, Raised] = {}
    for one in _errors(ast.parse(inspect.getsource(module))):
        found.setdefault(one.code, one)
    return sorted(found.values())


def _errors(tree: ast.AST) -> Iterator[Raised]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Error"):
            for keyword in node.keywords:
                if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                    yield Raised(str(keyword.value.value), _sentence(node.args[0]) if node.args else "")


def _sentence(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_sentence(part) if isinstance(part, ast.Constant) else "…" for part in parts)
    return ""
