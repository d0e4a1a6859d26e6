"""Names that people choose in flow documents: ids, ports, targets and variables."""

import re
from typing import Annotated, Final, NamedTuple, Self

from pydantic import StringConstraints

from flowengine.errors import FlowEngineError

_ID: Final = r"[a-z0-9][a-z0-9-]*"
_PORT: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_VARIABLE: Final = r"[A-Za-z_][A-Za-z0-9_]*"

ID_PATTERN: Final = rf"^{_ID}$"
PORT_PATTERN: Final = rf"^{_PORT}$"
ENDPOINT_PATTERN: Final = rf"^{_ID}(\.{_PORT})?$"
VARIABLE_PATTERN: Final = rf"^{_VARIABLE}$"
NODE_PATH_PATTERN: Final = rf"^{_ID}(/{_ID})*$"
PLACE_PATTERN: Final = rf"^{_ID}(/{_ID})*(\.{_PORT})?$"

ALLOWED: Final = {
    ID_PATTERN: "an id is lower-case letters, digits and hyphens, and starts with a letter or digit",
    PORT_PATTERN: "a port is letters, digits, '_' and '-', and starts with a letter or digit",
    ENDPOINT_PATTERN: "write a node id, or a node id and a port joined by a dot ('node' or 'node.port')",
    NODE_PATH_PATTERN: "write a node id, or 'instance/node' for a node inside a subflow",
    PLACE_PATTERN: "write a node id, or a node id and a port joined by a dot ('node' or 'node.port')",
    VARIABLE_PATTERN: "a variable is letters, digits and '_', and does not start with a digit",
}
"""What each pattern allows, as a sentence for people."""

Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
PortName = Annotated[str, StringConstraints(pattern=PORT_PATTERN)]
EndpointText = Annotated[str, StringConstraints(pattern=ENDPOINT_PATTERN)]
NodePath = Annotated[str, StringConstraints(pattern=NODE_PATH_PATTERN)]
PlaceText = Annotated[str, StringConstraints(pattern=PLACE_PATTERN)]
VariableName = Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)]


class BadIdError(FlowEngineError):
    """A name was given as an id that cannot be one.

    Args:
        name: What was given.
    """

    code = "bad-name"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'"{self.name}" is not allowed: {ALLOWED[ID_PATTERN]}'


def check_id(name: str) -> str:
    """Return the name if it can be an id.

    Raises:
        BadIdError: It cannot.
    """
    if not re.fullmatch(_ID, name):
        raise BadIdError(name)
    return name


class Endpoint(NamedTuple):
    """One end of a wire: a node and, where the node has several, one of its ports."""

    node: str
    port: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split ``"node"`` or ``"node.port"``; the text was checked when its document was."""
        node, _, port = text.partition(".")
        return cls(node, port or None)

    def __str__(self) -> str:
        return self.node if self.port is None else f"{self.node}.{self.port}"
