"""The async-function node."""

from typing import Any

from flowengine.node import (
    Duration,
    Example,
    Field,
    Message,
    Node,
    Output,
    TransientError,
    copy_json,
    node_type,
    within,
)
from flowengine_nodes.function.function import FunctionBase, FunctionRunner, ports_of


class AsyncFunctionConfig(FunctionBase):
    """Configure an async-function node."""

    timeout: Duration = Field("30s", description="Longest time the code may take for one message.")


@node_type("async-function", category="function", icon="function")
class AsyncFunction(Node[AsyncFunctionConfig]):
    """Run Python that waits: `await` is allowed.

    The code is written as for the function node, and sees the same names; `await state.set(key, value)` and
    `await state.update(key, function)` are durable when they return, and `await sleep(seconds)` waits.

    The node has a queue and works on several messages at once. Messages with the same topic stay in order, unless the
    node's *stage* says otherwise. Code that takes longer than *timeout* is stopped at its next `await`, and the message
    fails with `function-timeout`, which the flow's retry policy tries again.
    """

    examples = (
        Example(
            "waits",
            config={"code": "await sleep(2)\nreturn msg"},
            given={"payload": 1},
            advance=2,
            expect=[("out", {"payload": 1})],
        ),
        Example("may do without waiting", given={"payload": 1}, expect=[("out", {"payload": 1})]),
    )

    @classmethod
    def ports(cls, config: AsyncFunctionConfig) -> tuple[Output, ...]:
        """Return the ports that the configuration names."""
        return ports_of(config)

    async def start(self) -> None:
        """Run the setup."""
        self._runner = FunctionRunner(self.config, self.context)

    async def receive(self, message: Message) -> None:
        """Run the code within its time and send what it returns."""
        try:
            returned = await within(self.context.clock, self.config.timeout, self._call(message))
        except TimeoutError as error:
            reason = f"the code was not done within {self.config.timeout:g} s"
            raise TransientError(reason, code="function-timeout") from error
        for port, fields in self._runner.messages(returned):
            self.send(self.outputs[port], message.with_fields(fields))

    async def _call(self, message: Message) -> Any:
        try:
            returned = self._runner.call(copy_json(message.fields))
            return await returned if self.config.code.awaits else returned
        except Exception as error:
            raise self._runner.failure(error) from error
