"""The decorator that makes a class a node type."""

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_origin

from flowengine.node.config import Config
from flowengine.node.node import ConfigNode, Node
from flowengine.node.node_type import InvalidNodeTypeError, NodeType

N = TypeVar("N", bound=type[Node[Any]])
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def node_type(
    name: str,
    *,
    category: str,
    label: str = "",
    icon: str = "",
    colour: str = "",
    outside: bool = False,
    holds: bool = False,
) -> Callable[[N], N]:
    """Declare a class as a node type.

    Args:
        name: The ``type`` that flows use: lower-case words joined by ``-``.
        category: Section of the palette.
        label: Name in the palette; made from ``name`` if not given.
        icon: Name of an icon of the editor.
        colour: Colour in the palette, ``#rrggbb``.
        outside: Whether the node talks to the world outside the process.
        holds: Whether the node keeps messages beyond the call.

    Raises:
        InvalidNodeTypeError: The class lacks something that a node type must have.
    """

    def declare(cls: N) -> N:
        owner = f"{cls.__module__}.{cls.__qualname__}"
        if not _NAME.fullmatch(name):
            raise InvalidNodeTypeError(owner, f'its name "{name}" must be lower-case words joined by "-"')
        if not inspect.cleandoc(cls.__doc__ or "") or cls.__doc__ in {Node.__doc__, ConfigNode.__doc__}:
            raise InvalidNodeTypeError(owner, "it has no docstring; write the help there, a one-line summary first")
        declared: type[Node[Any]] = cls
        receive = getattr(cls, "receive", None)
        if receive is not None and len(inspect.signature(receive).parameters) != 2:
            raise InvalidNodeTypeError(owner, "receive must take exactly (self, message)")
        if issubclass(declared, ConfigNode) and receive is not None:
            raise InvalidNodeTypeError(owner, "a config node cannot receive messages")
        for port in cls.declared_ports():
            if not _NAME.fullmatch(port.name.replace("_", "-")):
                raise InvalidNodeTypeError(owner, f'its port "{port.name}" must be lower-case words')
        cls.__node_type__ = NodeType(
            name=name,
            category=category,
            cls=cls,
            config=_config_of(cls, owner),
            label=label or name.replace("-", " "),
            icon=icon,
            colour=colour,
            outside=outside,
            holds=holds,
        )
        return cls

    return declare


def _config_of(cls: type[Node[Any]], owner: str) -> type[Config]:
    for base in cls.__mro__:
        for parent in getattr(base, "__orig_bases__", ()):
            origin = get_origin(parent)
            if isinstance(origin, type) and issubclass(origin, Node):
                config = get_args(parent)[0]
                if isinstance(config, type) and issubclass(config, Config):
                    return config
    raise InvalidNodeTypeError(owner, "name its config model: class Filter(Node[FilterConfig])")
