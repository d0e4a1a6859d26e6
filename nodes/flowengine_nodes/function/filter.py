"""The filter node."""

from typing import Any, Literal, Self

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
    node_type,
    same_json,
)

_REMEMBERED = "last:"


class FilterConfig(Config):
    """Configure a filter."""

    path: JsonPath = Field("$.payload", description="Value to watch.")
    mode: Literal["change", "deadband", "narrowband"] = Field(
        "change",
        description="Pass a value that differs (change), that moved by the band or more (deadband), "
        "or that moved by the band or less (narrowband).",
    )
    band: float = Field(0, ge=0, description="Width of the band; not used for change.")
    percent: bool = Field(False, description="The band is a percentage of the value compared with.")
    compare_with: Literal["passed", "seen"] = Field(
        "passed", description="Compare with the last value that passed, or with the last one seen."
    )
    first: Literal["pass", "stop"] = Field("pass", description="What the first value of a key does.")
    key: JsonPath | None = Field("$.topic", description="Values of different keys are watched apart; none for one.")
    keys: int = Field(100_000, ge=1, description="Most keys known; the one known longest is forgotten first.")
    remember: bool = Field(False, description="Know the values after a restart.")

    @model_validator(mode="after")
    def _has_a_band(self) -> Self:
        if self.mode != "change" and not self.band:
            raise ValueError(f"mode {self.mode} needs a 'band' above 0")
        return self


@node_type("filter", category="function", icon="filter")
class Filter(Node[FilterConfig]):
    """Pass a message on only when a value changes.

    - **change** passes a value that is not the same JSON as the last one. `1` and `1.0` are the same, `1` and `true`
      are not; objects and lists are compared whole.
    - **deadband** passes a number that differs from the last one by *band* or more: noise stays out.
    - **narrowband** passes a number that differs by *band* or less: spikes stay out.

    With *percent* the band is a part of the value compared with. Each *key* (the topic, unless you choose another) is
    watched apart.

    A message with a field `reset` makes the filter forget the value of its key, or of all keys when it has no key. It
    is not passed on itself.

    A message that is held back ends here, done: it is no loss and no error.

    **Other than in Node-RED:** a message without the value, or without a number where a band is used, fails
    (`missing-value`, `not-a-number`) instead of being ignored; deadband passes a value that differs by exactly the
    band; values can be remembered across a restart; and the number of keys is bounded.
    """

    out = Output("Messages whose value changed.")
    examples = (
        Example(
            "passes a value once",
            config={},
            given=[{"payload": 1}, {"payload": 1}, {"payload": 2}],
            expect=[("out", {"payload": 1}), ("out", {"payload": 2})],
        ),
        Example(
            "keeps noise out",
            config={"mode": "deadband", "band": 0.5},
            given=[{"payload": 20}, {"payload": 20.25}, {"payload": 20.5}],
            expect=[("out", {"payload": 20}), ("out", {"payload": 20.5})],
        ),
        Example(
            "keeps spikes out",
            config={"mode": "narrowband", "band": 10, "percent": True},
            given=[{"payload": 100}, {"payload": 500}, {"payload": 105}],
            expect=[("out", {"payload": 100}), ("out", {"payload": 105})],
        ),
        Example(
            "watches each topic apart",
            config={},
            given=[{"payload": 1, "topic": "a"}, {"payload": 1, "topic": "b"}],
            expect=[("out", {"topic": "a"}), ("out", {"topic": "b"})],
        ),
        Example(
            "needs a number for a band",
            config={"mode": "deadband", "band": 1},
            given={"payload": "warm"},
            error="not-a-number",
        ),
    )

    def __init__(self, config: FilterConfig, context: Context) -> None:
        super().__init__(config, context)
        self._last: dict[str, Any] = {}
        self._read = config.path.first
        self._key = config.key.first if config.key is not None else None
        self._passes = {"change": _differs, "deadband": self._moved, "narrowband": self._stayed}[config.mode]
        self._numeric = config.mode != "change"
        self._always_store = config.compare_with == "seen"

    async def start(self) -> None:
        """Recall the values of an earlier run."""
        if self.config.remember:
            state = self.context.state
            names = [name for name in state.keys() if name.startswith(_REMEMBERED)]  # noqa: SIM118 - no mapping
            self._last = {name.removeprefix(_REMEMBERED): state.get(name) for name in names}

    def receive(self, message: Message) -> None:
        """Compare a message's value with the last one of its key."""
        fields = message.fields
        key = "" if self._key is None else self._key(fields, "")
        if key.__class__ is not str:
            key = repr(key)
        if "reset" in fields:
            self._forget([known for known in self._last if not key or known == key])
            return
        value = self._read(fields)
        if value is MISSING:
            raise NodeError(f"the message has no {self.config.path.text}", code="missing-value")
        if self._numeric:
            value = _number(value, self.config.path.text)
        last = self._last.get(key, MISSING)
        passes = self.config.first == "pass" if last is MISSING else self._passes(value, last)
        if passes or last is MISSING or self._always_store:
            self._store(key, value)
        if passes:
            self.send(self.out, message)

    def _store(self, key: str, value: Any) -> None:
        self._last[key] = value
        if self.config.remember:
            self.context.state.set_later(_REMEMBERED + key, value)
        if len(self._last) > self.config.keys:
            self._forget([next(iter(self._last))])

    def _forget(self, keys: list[str]) -> None:
        for key in keys:
            del self._last[key]
        if self.config.remember and keys:
            self.context.spawn(self._erase(keys), "forget values")

    async def _erase(self, keys: list[str]) -> None:
        for key in keys:
            if key not in self._last:
                await self.context.state.delete(_REMEMBERED + key)

    def _moved(self, value: float, last: float) -> bool:
        return abs(value - last) >= self._band(last)

    def _stayed(self, value: float, last: float) -> bool:
        return abs(value - last) <= self._band(last)

    def _band(self, last: float) -> float:
        return abs(last) * self.config.band / 100 if self.config.percent else self.config.band


def _differs(value: Any, last: Any) -> bool:
    return not same_json(value, last)


def _number(value: Any, path: str) -> float:
    if value.__class__ is float or value.__class__ is int:
        number = value
    else:
        try:
            number = float(value) if isinstance(value, str) else float("nan")
        except ValueError:
            number = float("nan")
    if number != number:  # noqa: PLR0124 - NaN, which has no distance to anything
        raise NodeError(f"{path} is no number", code="not-a-number")
    return float(number)
