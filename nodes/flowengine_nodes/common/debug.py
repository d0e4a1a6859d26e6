"""The debug node."""

from flowengine.expressions import MISSING
from flowengine.node import Config, Context, Example, Field, JsonPath, Message, Node, excerpt, node_type


class DebugConfig(Config):
    """Configure a debug node."""

    path: JsonPath = Field("$.payload", description="What to show; `$` for the whole message.")
    active: bool = Field(True, description="Show messages; without, they only end here.")
    per_second: int = Field(20, ge=1, le=1_000, description="Most messages shown in a second; others are counted.")
    size: int = Field(2_000, ge=20, le=100_000, description="Most characters shown of a value.")
    log: bool = Field(False, description="Write what is shown to the log too.")
    status: bool = Field(False, description="Show the newest value beside the node.")


@node_type("debug", category="common", icon="debug")
class Debug(Node[DebugConfig]):
    """Show messages in the editor's debug panel.

    At full speed a flow carries more messages than anyone can read. So at most *per second* messages are shown, each
    at most *size* characters long, and the next one that is shown says how many were not. The flow is not slowed down,
    and no message is lost: a message that is not shown is a message like any other.

    **Other than in Node-RED:** what is shown is sampled and cut as said above; a value that is missing is shown as
    missing; for a computed value, put a change node in front.
    """

    examples = (
        Example("shows the payload", config={}, given={"payload": 21.5}),
        Example("shows the whole message", config={"path": "$"}, given={"payload": 21.5, "topic": "boiler"}),
    )

    def __init__(self, config: DebugConfig, context: Context) -> None:
        super().__init__(config, context)
        self._second = -1
        self._shown = 0
        self._skipped = 0

    def receive(self, message: Message) -> None:
        """Show a message, or count it where enough have been shown."""
        if not self.config.active:
            return
        second = int(self.context.clock.monotonic())
        if second != self._second:
            self._second = second
            self._shown = 0
        if self._shown >= self.config.per_second:
            self._skipped += 1
            return
        self._shown += 1
        self._show(message)

    def _show(self, message: Message) -> None:
        value = self.config.path.first(message.fields)
        shown = None if value is MISSING else excerpt(value, self.config.size)
        self.context.publish(
            "debug",
            {
                "path": self.config.path.text,
                "value": shown,
                "missing": value is MISSING,
                "topic": excerpt(message.topic, 200),
                "message_id": message.id,
                "skipped": self._skipped,
            },
        )
        self._skipped = 0
        if self.config.log:
            self.context.log.info("%s: %s", self.config.path.text, shown, extra={"message_id": message.id})
        if self.config.status:
            if value is MISSING:
                self.context.status("missing")
            else:
                self.context.status(str(excerpt(value, 32)), is_value=True)
