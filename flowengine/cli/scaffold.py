"""The files that ``flowengine new`` writes."""

from string import Template
from typing import Final

NODE: Final = Template('''"""The $name node."""

from flowengine.node import Config, Example, Field, Message, Node, NodeError, Output, node_type


class ${cls}Config(Config):
    """Configure a $name node."""

    factor: float = Field(2, description="What the payload is multiplied by.")


@node_type("$name", category="own")
class $cls(Node[${cls}Config]):
    """Multiply the payload.

    This is the node's help, in Markdown: say what it does with a message, and when it fails.
    """

    out = Output("The message with its new payload.")
    examples = (
        Example(
            "doubles the payload",
            config={},
            given={"payload": 21},
            expect=[("out", {"payload": 42})],
        ),
        Example("needs a number", config={}, given={"payload": "warm"}, error="not-a-number"),
    )

    def receive(self, message: Message) -> None:
        """Send the message on with its payload multiplied."""
        number = message.payload
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise NodeError("the payload is no number", code="not-a-number")
        self.send(self.out, message.replace(payload=number * self.config.factor))
''')

TEST: Final = Template('''"""Tests of the $name node; run them with: pytest $path"""

import asyncio
from pathlib import Path

from flowengine.node import NodeType
from flowengine.registry import Registry, load_folder
from flowengine.testing import NodeHarness
from flowengine.testing.conformance import conform

FOLDER = Path(__file__).parent$folder


def node_type() -> NodeType:
    registry = Registry()
    errors = [str(error) for error in load_folder(registry, FOLDER)]
    found = registry.get("$name")
    assert found is not None, errors
    return found


def test_node_conforms() -> None:
    """Its help, settings and ports are complete, and it does what its examples say."""
    asyncio.run(conform(node_type()))


def test_node_multiplies_the_payload() -> None:
    async def scenario() -> None:
        async with NodeHarness(node_type().cls, {"factor": 3}) as node:
            assert await node.feed(payload=5) == [("out", {"payload": 15})]
            assert not node.errors

    asyncio.run(scenario())
''')

PROJECT: Final = Template("""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "$name"
version = "0.1.0"
description = "Nodes for flowengine."
requires-python = ">=3.11"
dependencies = ["flowengine-iiot"]

[project.entry-points."flowengine.nodes"]
$package = "$package"

[tool.hatch.build.targets.wheel]
packages = ["$package"]
""")

FLOW: Final = Template("""{
  "flowengine": 1,
  "id": "$name",
  "nodes": {
    "show": {"type": "debug"},
    "tick": {"type": "inject", "config": {"every": "5s"}, "wires": {"out": ["show"]}}
  }
}
""")
