"""The range node."""

import math
from typing import Literal, Self

from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeError,
    Output,
    StrictConfig,
    node_type,
)


class Bounds(StrictConfig):
    """Two ends of a range; the first may be the larger."""

    start: float = Field(description="The one end.", alias="from", title="From")
    end: float = Field(description="The other end.", alias="to", title="To")


class RangeConfig(Config):
    """Configure a range node."""

    path: JsonPath = Field("$.payload", description="Number to map; the result takes its place.")
    input: Bounds = Field(description="Range of the input, such as 4 to 20.")
    output: Bounds = Field(description="Range of the result, such as 0 to 100.")
    outside: Literal["extend", "clamp", "wrap", "stop"] = Field(
        "extend",
        description="What happens to an input out of its range: the line is extended, the result is clamped to its "
        "range, it wraps around within it, or the message leaves by the port `outside`, unchanged.",
    )
    digits: int | None = Field(None, ge=0, le=15, description="Digits after the point; none to keep all.")

    @model_validator(mode="after")
    def _input_has_a_width(self) -> Self:
        if self.input.start == self.input.end:
            raise ValueError("'input' starts where it ends, so nothing can be mapped")
        return self


@node_type("range", category="function", icon="range")
class Range(Node[RangeConfig]):
    """Map a number from one range to another.

    A sensor gives 4 to 20 mA and the flow wants 0 to 100 per cent: *input* is 4 to 20, *output* is 0 to 100. Either
    range may run downwards.

    A text that is a number is taken as one. Anything else fails with `not-a-number`, and a message without the value
    with `missing-value`.

    **Other than in Node-RED:** *extend*, *clamp*, *wrap* and *stop* are its scale, clamp, roll and drop; an input that
    is stopped leaves by a port of its own; bad input is an error that a catch node can take, not a line in the log.
    """

    out = Output("Messages with the mapped number.")
    outside = Output("Messages whose number is out of the input's range, unchanged, when that is set to stop.")
    examples = (
        Example(
            "turns 4 to 20 mA into per cent",
            config={"input": {"from": 4, "to": 20}, "output": {"from": 0, "to": 100}},
            given={"payload": 12},
            expect=[("out", {"payload": 50})],
        ),
        Example(
            "clamps what is out of range",
            config={"input": {"from": 0, "to": 10}, "output": {"from": 100, "to": 0}, "outside": "clamp"},
            given={"payload": 12},
            expect=[("out", {"payload": 0})],
        ),
        Example(
            "wraps an angle",
            config={"input": {"from": 0, "to": 360}, "output": {"from": 0, "to": 360}, "outside": "wrap"},
            given={"payload": 370},
            expect=[("out", {"payload": 10})],
        ),
        Example(
            "sorts out what is out of range",
            config={"input": {"from": 0, "to": 10}, "output": {"from": 0, "to": 1}, "outside": "stop"},
            given={"payload": -1},
            expect=[("outside", {"payload": -1})],
        ),
        Example(
            "needs a number",
            config={"input": {"from": 0, "to": 10}, "output": {"from": 0, "to": 1}},
            given={"payload": "warm"},
            error="not-a-number",
        ),
    )

    def __init__(self, config: RangeConfig, context: Context) -> None:
        super().__init__(config, context)
        first, last = config.input, config.output
        self._low, self._high = sorted((first.start, first.end))
        self._factor = (last.end - last.start) / (first.end - first.start)

    def receive(self, message: Message) -> None:
        """Map a message's number."""
        config = self.config
        number = self._number(message)
        if config.outside == "stop" and not self._low <= number <= self._high:
            self.send(self.outside, message)
            return
        if config.outside == "clamp":
            number = min(max(number, self._low), self._high)
        elif config.outside == "wrap":
            number = self._low + (number - self._low) % (self._high - self._low)
        mapped = config.output.start + (number - config.input.start) * self._factor
        if config.digits is not None:
            mapped = round(mapped, config.digits)
        self.send(self.out, message.with_fields(config.path.set(message.fields, mapped)))

    def _number(self, message: Message) -> float:
        value = self.config.path.first(message.fields)
        if value is MISSING:
            raise NodeError(f"the message has no {self.config.path.text}", code="missing-value")
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise NodeError(f"{self.config.path.text} is no number", code="not-a-number")
        return number
