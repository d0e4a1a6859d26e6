"""The parameters of an automatic command: what the rule says, with values put in."""

import re
from collections.abc import Mapping
from typing import Any, Final

from flowengine.node import NodeError

_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)*)\}")
KNOWN: Final = ("value", "threshold", "field", "device", "serial", "model", "record")


class PlaceholderError(NodeError):
    """A rule's parameters name a value that there is none of.

    Args:
        name: The name.
    """

    code = "automation-params"

    def __init__(self, name: str) -> None:
        super().__init__(f"the parameters want {{{name}}}, which this trigger does not give")
        self.name = name


def placeholders(params: Any) -> set[str]:
    """Return the names of all values that parameters want."""
    if isinstance(params, str):
        found = _PLACEHOLDER.fullmatch(params)
        return {found[1]} if found else set()
    if isinstance(params, Mapping):
        return {name for value in params.values() for name in placeholders(value)}
    if isinstance(params, list):
        return {name for value in params for name in placeholders(value)}
    return set()


def filled(params: Any, values: Mapping[str, Any]) -> Any:
    """Return parameters with values in the place of their names.

    A value takes the place of a whole text and keeps its type; no text is ever pasted into another, so nothing that a
    device or a record says can become more than a value.

    Args:
        params: As the rule has them.
        values: By name, such as ``value`` or ``event.state``.

    Raises:
        PlaceholderError: A value is wanted that there is none of.
    """
    if isinstance(params, str):
        found = _PLACEHOLDER.fullmatch(params)
        if found is None:
            return params
        if found[1] not in values:
            raise PlaceholderError(found[1])
        return values[found[1]]
    if isinstance(params, Mapping):
        return {name: filled(value, values) for name, value in params.items()}
    if isinstance(params, list):
        return [filled(value, values) for value in params]
    return params
