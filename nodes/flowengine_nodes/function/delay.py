"""The delay node."""

from typing import Literal, Self

from pydantic import model_validator

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
    Output,
    TransientError,
    node_type,
)
from flowengine_nodes.function.comparison import number
from flowengine_nodes.function.keeping import Keeper, Kept
from flowengine_nodes.function.waiting_queue import LatestQueue, RatedQueue, TimedQueue, WaitingQueue


class DelayConfig(Config):
    """Configure a delay."""

    mode: Literal["fixed", "random", "message", "rate", "latest"] = Field(
        "fixed",
        description="Hold each message for a time that is fixed, random or its own; or let through so many messages in "
        "a time, all of them (rate) or only the newest of each key (latest).",
    )
    delay: Duration = Field("5s", description="How long a message is held; the shortest time when random.")
    at_most: Duration = Field("10s", description="Longest time when random.")
    path: JsonPath = Field(
        "$.delay", description="Where a message says its own time: seconds, or a text such as 500ms."
    )
    count: int = Field(1, ge=1, le=1_000_000, description="Messages let through…")
    per: Duration = Field("1s", description="…in this time.")
    spread: bool = Field(True, description="Space them evenly, instead of letting the first ones through at once.")
    rate_path: JsonPath | None = Field(
        None, description="Where a message may say how far apart messages are from now on; none to let none say so."
    )
    excess: Literal["wait", "leave"] = Field(
        "wait", description="Messages over the rate wait, or leave at once by the port `excess`."
    )
    key: JsonPath | None = Field(None, description="Each key has a rate of its own; for latest, a place in the queue.")
    release: Literal["next", "all"] = Field("next", description="What latest lets through: the next key, or all keys.")
    most: int = Field(10_000, ge=1, description="Most messages that wait; more than that fail with delay-full.")
    durable: bool = Field(False, description="Keep waiting messages in the store, across restarts.")

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.mode == "random" and self.at_most < self.delay:
            raise ValueError("'at_most' is shorter than 'delay'")
        if self.mode in {"rate", "latest"} and not self.per:
            raise ValueError("'per' must be longer than 0s")
        if self.mode == "latest" and self.key is None:
            raise ValueError("mode latest needs a 'key', such as $.topic")
        return self


@node_type("delay", category="function", icon="delay", holds=True)
class Delay(Node[DelayConfig]):
    """Hold messages for a while, or limit how fast they pass.

    | mode | what it does |
    |---|---|
    | `fixed` | holds each message for *delay* |
    | `random` | holds each message for a time between *delay* and *at most* |
    | `message` | holds each message for the time it says at *path*, or *delay*; not at all for zero or less |
    | `rate` | lets *count* messages through *per* so much time; the others wait, or leave by the port `excess` |
    | `latest` | as `rate`, but keeps only the newest message of each *key*, in the place of the one it replaces |

    Messages about the queue are not passed on themselves. One with a field `reset` drops everything that waits. One
    with `flush` lets everything leave at once, or the next few if `flush` is a number. Where there is a *key*, a
    message that has one means its own key only. A message with a field `toFront` that is true goes to the front of a
    queue that is limited by a rate.

    What is dropped is counted: as `reset`, or as `superseded` where a newer message took its place.

    A message that waits in memory is not answered for: its source still has it, and gives it again after a crash. Where
    messages wait long, that holds the source up; set *durable*, and messages wait in the store, as long as it takes.
    A deploy that changes this node begins the time of messages in memory anew.

    **Other than in Node-RED:** a message's own delay and rate are in seconds, or a text such as `500ms`; the first
    message of `latest` passes at once; `rate` without *spread* looks back over the time *per* from each message,
    instead of counting in fixed windows; the queue is bounded.
    """

    out = Output("Messages, after their time.")
    excess = Output("Messages over the rate, when they are not to wait.")
    examples = (
        Example(
            "holds a message",
            config={"delay": "2s"},
            given={"payload": 1},
            advance=2,
            expect=[("out", {"payload": 1})],
        ),
        Example(
            "lets one message a second through",
            config={"mode": "rate"},
            given=[{"payload": 1}, {"payload": 2}, {"payload": 3}],
            advance=1,
            expect=[("out", {"payload": 1}), ("out", {"payload": 2})],
        ),
        Example(
            "sorts out what is too fast",
            config={"mode": "rate", "excess": "leave"},
            given=[{"payload": 1}, {"payload": 2}],
            expect=[("out", {"payload": 1}), ("excess", {"payload": 2})],
        ),
        Example(
            "keeps the newest of each topic",
            config={"mode": "latest", "key": "$.topic", "release": "all"},
            given=[{"topic": "a", "payload": 1}, {"topic": "b", "payload": 2}, {"topic": "b", "payload": 3}],
            advance=1,
            expect=[("out", {"payload": 1}), ("out", {"payload": 3})],
        ),
        Example(
            "lets everything go",
            config={"delay": "1h"},
            given=[{"payload": 1}, {"payload": 2}, {"flush": True}],
            expect=[("out", {"payload": 1}), ("out", {"payload": 2})],
        ),
    )

    def __init__(self, config: DelayConfig, context: Context) -> None:
        super().__init__(config, context)
        self.keeper = Keeper(self, durable=config.durable)
        kinds: dict[str, type[WaitingQueue]] = {"rate": RatedQueue, "latest": LatestQueue}
        self._waiting = kinds.get(config.mode, TimedQueue)(self)

    async def start(self) -> None:
        """Take up what an earlier run left in the store."""
        self._waiting.restore(await self.keeper.load())

    async def stop(self) -> None:
        """Let no time run out any more."""
        self._waiting.stop()

    def hand_over(self) -> list[Message]:
        """Give what waits in memory to a successor."""
        self._waiting.stop()
        return self.keeper.hand_over(self._waiting.take())

    def receive(self, message: Message) -> None:
        """Let a message wait, or do what it asks of the queue."""
        if "reset" in message.fields:
            for kept in self._waiting.take(self.key_of(message)):
                self.keeper.drop(kept, "reset")
        elif "flush" in message.fields:
            wanted = message.fields["flush"]
            most = max(int(wanted), 0) if number(wanted) is not None else None
            for kept in self._waiting.take(self.key_of(message), most):
                self.leave(kept)
        else:
            self._waiting.receive(message)
            return
        self.hold(message)
        self.done(message)

    def key_of(self, message: Message) -> str | None:
        """Return a message's key, or ``None`` where it has none."""
        if self.config.key is None:
            return None
        key = self.config.key.first(message.fields)
        return None if key is MISSING else str(key)

    def check_room(self) -> None:
        """Let one more message wait.

        Raises:
            TransientError: There is no room for it.
        """
        if self.keeper.count >= self.config.most:
            raise TransientError(f"{self.keeper.count} messages are waiting already", code="delay-full")

    def pass_on(self, message: Message, *, excess: bool = False) -> None:
        """Send a message that does not have to wait."""
        self.hold(message)
        self.send(self.excess if excess else self.out, message)
        self.done(message)

    def leave(self, kept: Kept) -> None:
        """Send a message that has waited."""
        message = self.keeper.release(kept)
        self.send(self.out, message)
        self.done(message)
