"""The trigger node."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from pydantic import JsonValue

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Duration,
    Example,
    Field,
    JsonPath,
    Message,
    Node,
    NodeScope,
    Output,
    StrictConfig,
    Timer,
    TransientError,
    Value,
    node_type,
)
from flowengine_nodes.function.comparison import equal
from flowengine_nodes.function.keeping import Keeper, Kept
from flowengine_nodes.function.waiting_queue import duration_of


class FirstMessage(StrictConfig):
    """What is sent at once."""

    send: Literal["value", "message", "nothing"] = Field(
        "value", description="The message with a new payload, the message as it is, or nothing."
    )
    value: Value = Field(1, description="The new payload.")


class SecondMessage(StrictConfig):
    """What is sent when the time is over."""

    send: Literal["value", "first", "latest", "nothing"] = Field(
        "value",
        description="The first message with a new payload, the first message as it was, the newest one, or nothing.",
    )
    value: Value = Field(0, description="The new payload.")


class TriggerConfig(Config):
    """Configure a trigger."""

    first: FirstMessage = Field({}, description="What is sent at once.")
    then: SecondMessage = Field({}, description="What is sent when the time is over.")
    mode: Literal["once", "until-reset", "repeat"] = Field(
        "once",
        description="Wait once; send the first message and wait for a reset; or send it again and again until a reset.",
    )
    wait: Duration = Field("250ms", description="How long to wait; how far apart messages are when repeated.")
    wait_path: JsonPath | None = Field(
        None, description="Where a message may say its own time: seconds, or a text such as 500ms; none to let none."
    )
    extend: bool = Field(False, description="Begin the time anew with each message that arrives meanwhile.")
    key: JsonPath | None = Field(None, description="Each key has a time of its own; none for one time in all.")
    reset_on: list[JsonValue] = Field([], description="Payloads that reset, besides messages with a field `reset`.")
    separate: bool = Field(False, description="Send the second message by a port of its own, `then`.")
    most: int = Field(10_000, ge=1, description="Most keys that wait; more than that fail with trigger-full.")
    durable: bool = Field(False, description="Keep what is to be sent in the store, across restarts.")


@dataclass(eq=False, slots=True)
class _Round:
    """One key's time from its first message to its end."""

    fields: dict[str, Any]
    kept: Kept | None = None
    timer: Timer | None = None


@node_type("trigger", category="function", icon="trigger", holds=True)
class Trigger(Node[TriggerConfig]):
    """Send a message at once, and another one when a time is over.

    As it comes, a trigger sends `1` at the first message and `0` a quarter of a second later, and takes no notice of
    messages in between. With *extend* each message begins the time anew, so that the second message says that nothing
    has come for that long: a watchdog.

    With the mode *until-reset* only the first message is sent, and none until a reset; with *repeat* it is sent again
    every *wait*. A message with a field `reset`, or with a payload that is among *reset on*, ends the waiting without a
    second message. Where there is a *key*, a reset that has one means its own key only.

    Messages that the trigger takes no notice of end here, done. A second message with a new payload is a new message;
    the one it follows has been answered for by then, and a stop or a deploy of this node forgets it. One that is the
    *first* or the *latest* message keeps that one's source waiting. With *durable* both wait in the store instead,
    across restarts: choose it where many keys wait, or where the second message matters.

    **Other than in Node-RED:** the modes have names, where a duration of zero or less stands for them; a message's own
    time is in seconds, or a text such as `500ms`; the number of keys is bounded.
    """

    examples = (
        Example(
            "sends 1, and 0 a little later",
            given={"payload": "on"},
            advance=0.25,
            expect=[("out", {"payload": 1}), ("out", {"payload": 0})],
        ),
        Example(
            "watches for silence",
            config={
                "first": {"send": "nothing"},
                "then": {"value": "silent"},
                "wait": "10s",
                "extend": True,
                "key": "$.topic",
            },
            given=[{"topic": "pump-1", "payload": 3}, {"topic": "pump-2", "payload": 4}],
            advance=10,
            expect=[
                ("out", {"topic": "pump-1", "payload": "silent"}),
                ("out", {"topic": "pump-2", "payload": "silent"}),
            ],
        ),
        Example(
            "sends the newest message when it has been quiet",
            config={"first": {"send": "nothing"}, "then": {"send": "latest"}, "wait": "1s", "extend": True},
            given=[{"payload": 1}, {"payload": 2}],
            advance=1,
            expect=[("out", {"payload": 2})],
        ),
        Example(
            "stops at a reset",
            config={"reset_on": ["off"]},
            given=[{"payload": "on"}, {"payload": "off"}],
            advance=1,
            expect=[("out", {"payload": 1})],
        ),
    )

    def __init__(self, config: TriggerConfig, context: Context) -> None:
        super().__init__(config, context)
        self._rounds: dict[str, _Round] = {}
        self._scope = NodeScope(context)
        self._keeper = Keeper(self, durable=config.durable)
        self._first, self._then = config.first.value.compile(), config.then.value.compile()
        self._then_port = self.outputs["then" if config.separate else "out"]
        self._keeps = config.mode == "once" and (
            config.then.send in {"first", "latest"} or (config.durable and config.then.send == "value")
        )

    @classmethod
    def ports(cls, config: TriggerConfig) -> Sequence[Output]:
        """Return one port, or two where the second message has its own."""
        if not config.separate:
            return (Output("First and second messages.", name="out"),)
        return (Output("First messages.", name="out"), Output("Second messages.", name="then"))

    async def start(self) -> None:
        """Take up what an earlier run left in the store."""
        for kept in await self._keeper.load():
            begun = self._rounds[kept.key] = _Round(dict(kept.fields), kept)
            self._arm(kept.key, begun, kept.due - self.context.clock.time())

    async def stop(self) -> None:
        """Let no time run out any more."""
        for begun in self._rounds.values():
            if begun.timer is not None:
                begun.timer.cancel()

    def hand_over(self) -> list[Message]:
        """Give the messages that memory holds to a successor, which begins with them anew."""
        return self._keeper.hand_over(begun.kept for begun in self._rounds.values() if begun.kept is not None)

    def receive(self, message: Message) -> None:
        """Begin a round, go on with one, or end it."""
        key = self._key_of(message)
        if "reset" in message.fields or any(equal(message.payload, payload) for payload in self.config.reset_on):
            self._reset(key)
        elif (begun := self._rounds.get(key or "")) is None:
            self._begin(key or "", message)
        else:
            self._go_on(key or "", begun, message)
        # What is kept has a hold of its own; this one tells that the node has taken notice.
        self.hold(message)
        self.done(message)

    def _begin(self, key: str, message: Message) -> None:
        config = self.config
        if len(self._rounds) >= config.most:
            raise TransientError(f"{len(self._rounds)} keys are waiting already", code="trigger-full")
        wait = self._wait(message)
        begun = _Round(message.fields)
        if self._keeps:
            begun.kept = self._keeper.keep(message, due=self.context.clock.time() + wait, key=key)
        self._rounds[key] = begun
        if config.mode != "until-reset":
            self._arm(key, begun, wait)
        if config.first.send != "nothing":
            self.send(self.outputs["out"], message.with_fields(self._first_fields(message.fields)))

    def _go_on(self, key: str, begun: _Round, message: Message) -> None:
        config = self.config
        if config.mode != "once" or not (config.extend or config.then.send == "latest"):
            return
        due = begun.kept.due if begun.kept is not None else 0.0
        if config.extend:
            wait = self._wait(message)
            due = self.context.clock.time() + wait
            self._arm(key, begun, wait)
        if begun.kept is None:
            return
        old = self._keeper.release(begun.kept)
        begun.kept = self._keeper.keep(message if config.then.send == "latest" else old, due=due, key=key)
        # Not `done`: the node told that it was done with it when it came.
        old.delivery.release()

    def _reset(self, key: str | None) -> None:
        for known in [key] if key is not None else list(self._rounds):
            begun = self._rounds.pop(known, None)
            if begun is None:
                continue
            if begun.timer is not None:
                begun.timer.cancel()
            if begun.kept is not None:
                self._keeper.drop(begun.kept, "reset")

    def _arm(self, key: str, begun: _Round, wait: float) -> None:
        if begun.timer is not None:
            begun.timer.cancel()
        begun.timer = self.context.clock.call_later(max(wait, 0), partial(self._over, key, begun))

    def _over(self, key: str, begun: _Round) -> None:
        if self.config.mode == "repeat":
            self._arm(key, begun, self.config.wait)
            if self.config.first.send != "nothing":
                self.emit(self.outputs["out"], self._first_fields(begun.fields))
            return
        del self._rounds[key]
        if begun.kept is not None:
            message = self._keeper.release(begun.kept)
            fields = message.fields if self.config.then.send != "value" else self._second_fields(message.fields)
            self.send(self._then_port, message.with_fields(fields))
            message.delivery.release()
        elif self.config.then.send == "value":
            self.emit(self._then_port, self._second_fields(begun.fields))

    def _first_fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        return fields if self.config.first.send == "message" else _with_payload(fields, self._first, self._scope)

    def _second_fields(self, fields: dict[str, Any]) -> dict[str, Any]:
        return _with_payload(fields, self._then, self._scope)

    def _wait(self, message: Message) -> float:
        path = self.config.wait_path
        return self.config.wait if path is None else duration_of(path, message, self.config.wait)

    def _key_of(self, message: Message) -> str | None:
        if self.config.key is None:
            return None
        key = self.config.key.first(message.fields)
        return None if key is MISSING else str(key)


def _with_payload(fields: dict[str, Any], evaluate: Any, scope: NodeScope) -> dict[str, Any]:
    value = evaluate(fields, scope)
    return {**fields, "payload": None if value is MISSING else value}
