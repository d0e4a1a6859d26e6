"""The inject node."""

from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from cronsim import CronSim
from pydantic import model_validator

from flowengine.expressions import MISSING
from flowengine.node import (
    Config,
    Context,
    Cron,
    Duration,
    Example,
    Field,
    Message,
    Node,
    NodeError,
    NodeScope,
    Output,
    TimeZone,
    Value,
    node_type,
)

# The wall clock may be set while the node waits for a time of day: it looks again this often.
_LONGEST_NAP = 30.0
# Seconds by which a time of day may have been missed when the clock is set forward: more is as if we had been down.
_LATEST = 3 * 3600.0


class InjectConfig(Config):
    """Configure an inject."""

    fields: dict[str, Value] = Field(
        {}, description="Fields of the message; without a payload, it is the time in milliseconds since 1970."
    )
    every: Duration | None = Field(None, description="Time between two messages.")
    cron: Cron | None = Field(None, description="Times of day: minute, hour, day, month, weekday.")
    time_zone: TimeZone = Field("UTC", description="Time zone of the times of day.")
    at_start: bool = Field(False, description="Send a message when the flow starts.")
    start_delay: Duration = Field("0s", description="How long after the start.")

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        if self.every is not None and self.cron is not None:
            raise ValueError("choose 'every' or 'cron', not both; two inject nodes can do both")
        if self.every == 0:
            raise ValueError("'every' must be longer than 0s")
        return self


@node_type("inject", category="common", icon="inject")
class Inject(Node[InjectConfig]):
    """Send messages at given times, at the start, or by hand.

    - *every* sends at a steady pace, the first time after that long. While the flow is held back, no message is made
      up for: the next one is sent at its usual time.
    - *cron* sends at times of day, in *time zone*: `0 6 * * MON-FRI` is at six on working days. Summer time is taken
      care of. A time that passed while the engine was down is not made up for, nor one that a clock set forward left
      more than three hours behind; several that passed while the flow was held back are one message. A clock set back
      brings no time twice, unless it goes back further than from one time to the next.
    - *at start* sends when the flow starts.
    - By hand: the button in the editor, or any message that arrives. Such a message keeps the fields it has, and gets
      those of the configuration that it lacks.

    A field whose value is missing is left out. A value that cannot be computed is an error like any other, which a
    catch node can take (`expression-failed`).

    **Other than in Node-RED:** fields are an object instead of a list; there is an input; cron takes a time zone. For
    times between two hours, say so in cron: `*/10 8-17 * * *`.
    """

    out = Output("The messages.")
    examples = (
        Example(
            "sends by hand",
            config={"fields": {"payload": "on", "topic": "pump"}},
            given={},
            expect=[("out", {"payload": "on", "topic": "pump"})],
        ),
        Example(
            "sends every ten seconds",
            config={"every": "10s", "fields": {"payload": {"jsonata": "1 + 1"}}},
            advance=20,
            expect=[("out", {"payload": 2}), ("out", {"payload": 2})],
        ),
        Example(
            "sends at a time of day",
            config={"cron": "30 1 * * *", "time_zone": "Europe/Berlin"},
            advance=1800,
            expect=[("out", {"payload": 1767227400000})],
        ),
        Example(
            "sends at the start", config={"at_start": True, "fields": {"payload": 1}}, expect=[("out", {"payload": 1})]
        ),
    )

    def __init__(self, config: InjectConfig, context: Context) -> None:
        super().__init__(config, context)
        self._scope = NodeScope(context)
        self._fields = {name: value.compile() for name, value in config.fields.items()}

    async def run(self) -> None:
        """Send at the given times until cancelled; where several processes run the flow, in one of them."""
        async with self.context.alone():
            await self._run()

    async def _run(self) -> None:
        if self.config.at_start:
            await self.context.clock.sleep(self.config.start_delay)
            await self._fire()
        if self.config.every is not None:
            await self._run_steadily(self.config.every)
        elif self.config.cron is not None:
            await self._run_by_cron(self.config.cron)

    def receive(self, message: Message) -> None:
        """Send a message by hand."""
        self.send(self.out, message.with_fields({**self._made(message.fields), **message.fields}))

    async def _run_steadily(self, every: float) -> None:
        clock = self.context.clock
        due = clock.monotonic() + every
        while True:
            await clock.sleep(due - clock.monotonic())
            await self._fire()
            late = max(clock.monotonic() - due, 0)
            due += every * (1 + late // every)

    async def _run_by_cron(self, expression: str) -> None:
        clock = self.context.clock
        last = clock.time()
        due = self._next(expression, last)
        while True:
            now = clock.time()
            if now >= due:
                if now - due <= _LATEST:
                    await self._fire()
                # A clock that was set back must not bring the same time twice.
                last = max(due, clock.time())
                due = self._next(expression, last)
            elif last - now > due - last:
                # Set back by more than one time to the next: to wait until it is there again would be too long.
                last = now
                due = self._next(expression, now)
            else:
                await clock.sleep(min(due - now, _LONGEST_NAP))

    def _next(self, expression: str, after: float) -> float:
        moment = datetime.fromtimestamp(after, ZoneInfo(self.config.time_zone))
        return next(CronSim(expression, moment)).timestamp()

    async def _fire(self) -> None:
        await self.context.ready()
        message = Message({}, self.context.open_delivery())
        try:
            message = Message(self._made({}), message.delivery)
        except NodeError as error:
            self.done(message, error)
        else:
            self.send(self.out, message)
            message.delivery.release()

    def _made(self, given: dict[str, Any]) -> dict[str, Any]:
        made = {name: evaluate(given, self._scope) for name, evaluate in self._fields.items() if name not in given}
        made.setdefault("payload", int(self.context.clock.time() * 1000))
        return {name: value for name, value in made.items() if value is not MISSING}
