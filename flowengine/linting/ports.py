"""Check that a node has the ports that its wires name."""

from typing import Final

from flowengine.flow.scanner import ValuePath
from flowengine.linting.check import Check, Finding
from flowengine.linting.checked import CheckedNode
from flowengine.linting.suggestion import did_you_mean

_FLOW: Final = '{"nodes": {"every-minute": {"type": "inject", "wires": {"%s": ["show"]}}, "show": {"type": "debug"}}}'
UNKNOWN_PORT: Final = Check(
    code="unknown-port",
    title="The node has no such port",
    explanation=(
        "`wires` lists under each of a node's output ports what it feeds. The node has no port of this name, so"
        " nothing would ever leave by it. Some node types have a fixed set of ports; for others, such as a"
        " switch, the ports follow from the configuration."
    ),
    wrong=_FLOW % "output",
    right=_FLOW % "out",
)


def unknown_port(node: CheckedNode, port: str, path: ValuePath | None = None) -> Finding:
    """Return the finding that a node has no such output port.

    Args:
        node: The node.
        port: The port that was named.
        path: Where it was named; in the node's wires if not given.
    """
    ports = node.ports or ()
    hint = did_you_mean(port, ports) or (f"its ports are {', '.join(ports)}" if ports else "it has no output ports")
    message = f'the node "{node.id}" has no output port "{port}"'
    return UNKNOWN_PORT.at(path or ("nodes", node.id, "wires", port), message, hint)
