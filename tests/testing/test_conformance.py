import pytest

from flowengine.node import Config, Example, Field, Message, Node, NodeError, Output, node_type
from flowengine.testing.conformance import ConformanceError, conform, run_example


class GainConfig(Config):
    """Configure a gain."""

    gain: float = Field(2, description="Factor.")


@node_type("gain", category="test")
class Gain(Node[GainConfig]):
    """Multiply the payload."""

    out = Output("The product.")
    examples = (Example("doubles", given={"payload": 2}, expect=[("out", {"payload": 4})]),)

    def receive(self, message: Message) -> None:
        if not isinstance(message.payload, int):
            raise NodeError("no number", code="not-a-number")
        self.send(self.out, message.replace(payload=message.payload * self.config.gain))


async def test_conformance_passes_a_good_node() -> None:
    await conform(Gain.__node_type__)


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        (Example("x", given={"payload": 2}, expect=[("out", {"payload": 5})]), "not {'payload': 5} by out"),
        (Example("x", given={"payload": 2}), "sends 1 messages, not 0"),
        (Example("x", given={"payload": "a"}), "fails with ['not-a-number'], not with nothing"),
        (Example("x", given={"payload": 2}, error="other", expect=[("out", {})]), "fails with nothing, not with other"),
    ],
)
async def test_conformance_says_what_an_example_does_not_do(example: Example, problem: str) -> None:
    problems = await run_example(Gain.__node_type__, example)
    assert len(problems) == 1
    assert problem in problems[0]


class SilentConfig(Config):
    name: str = "x"


async def test_conformance_names_every_rule_that_is_broken() -> None:
    @node_type("silent", category="test")
    class Silent(Node[SilentConfig]):
        """no sentence"""

        out = Output()
        examples = (Example("x", config={"nme": 1}), Example("y", expect=[("in", {})]))

        def receive(self, message: Message) -> None: ...

    with pytest.raises(ConformanceError) as caught:
        await conform(Silent.__node_type__)
    assert caught.value.problems == [
        "the first line of its docstring is no sentence",
        'the port "out" has no description',
        'the field "name" has no description',
        'the example "x" has no valid configuration',
        'the example "y" has a port without a description',
        'the example "y" expects a message at "in", which is no port',
    ]


async def test_conformance_notices_a_message_that_is_not_ended() -> None:
    @node_type("leak", category="test")
    class Leak(Node[Config]):
        """Keep a message and forget it."""

        examples = (Example("forgets", given={}),)

        def receive(self, message: Message) -> None:
            self.hold(message)

    with pytest.raises(ConformanceError, match="leaves 1 messages in flight"):
        await conform(Leak.__node_type__)
