"""The function node."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any, Self

from pydantic import model_validator

from flowengine.fields.python import FILE_NAME
from flowengine.node import (
    Code,
    Config,
    Context,
    Example,
    Field,
    FunctionCode,
    Message,
    Node,
    NodeError,
    Output,
    TransientError,
    copy_json,
    node_type,
)

SWITCH = "FLOWENGINE_FUNCTION_NODES"
"""Environment variable of the process; ``off`` keeps every function node from starting."""


class FunctionBase(Config):
    """What both function nodes are told."""

    code: FunctionCode = Field("return msg", description="Body of a Python function that takes `msg`.")
    setup: Code = Field("", description="Python that runs once when the node starts: imports and constants.")
    ports: list[str] = Field([], description="Names of the outputs; a node with names returns an object of them.")


class FunctionConfig(FunctionBase):
    """Configure a function node."""

    @model_validator(mode="after")
    def _does_not_wait(self) -> Self:
        if self.code.awaits:
            raise ValueError("'code' awaits; a node of the type async-function can do that")
        return self


class FunctionRunner:
    """Calls a user's code and gives back what it returns as messages.

    Args:
        config: What to run.
        context: The node's world.

    Raises:
        NodeError: Function nodes are turned off, or the setup failed.
    """

    def __init__(self, config: FunctionBase, context: Context) -> None:
        # Not the flow's own variables: those are written by the same people as the code.
        if os.environ.get(SWITCH, "").lower() == "off":
            raise NodeError(f"function nodes are turned off by {SWITCH}", code="functions-off")
        self._ports = frozenset(config.ports)
        names = _names(context)
        try:
            config.setup.run(names)
            self.call: Callable[[dict[str, Any]], Any] = config.code.bind(names)
        except Exception as error:
            raise self.failure(error) from error

    def failure(self, error: Exception) -> NodeError:
        """Return the error of a user's code as a node's error."""
        if isinstance(error, NodeError):
            return error
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == FILE_NAME]
        place = f"line {lines[-1]}: " if lines else ""
        return NodeError(
            f"{place}{type(error).__name__}: {error}",
            code="function-failed",
            detail={"line": lines[-1] if lines else None, "type": type(error).__name__},
        )

    def messages(self, returned: Any) -> list[tuple[str, dict[str, Any]]]:
        """Return the port and the fields of each message that the code returned."""
        if returned is None:
            return []
        if not self._ports:
            return [("out", fields) for fields in _fields(returned)]
        if not isinstance(returned, Mapping) or not returned.keys() <= self._ports:
            names = ", ".join(sorted(self._ports))
            raise NodeError(f"the code must return an object whose names are ports: {names}", code="bad-return")
        return [(port, fields) for port in returned for fields in _fields(returned[port])]


def ports_of(config: FunctionBase) -> tuple[Output, ...]:
    """Return the ports that the configuration names, or the one of a node without names."""
    if not config.ports:
        return (Output("What the code returns.", name="out"),)
    return tuple(Output(f"What the code returns as `{name}`.", name=name) for name in config.ports)


@node_type("function", category="function", icon="function")
class Function(Node[FunctionConfig]):
    """Run Python on a message.

    The code is the body of a function. It gets `msg`, an object with the message's fields (`msg["payload"]`), which is
    its own copy and may be changed, and returns what is sent on:

    | returned | sent |
    |---|---|
    | nothing, `None` | nothing: the message ends here, done |
    | an object | one message with these fields |
    | a list of objects | these messages, in order; `None` among them is left out |

    With names in *ports* the code returns an object of them instead, each with an object, a list or `None`:
    `return {"hot": msg}`.

    The code also sees `state`, `flow_state` and `global_state` (`get(key, default)`, `set_later(key, value)`), `env`,
    `log`, `status(text, level)`, `now()` in UTC, and the errors `NodeError` and `TransientError`. What *setup* binds —
    imports, constants, functions — is there too. Any other error fails the message with `function-failed` and the line.

    The code runs in the engine, with all its rights, and nothing else runs meanwhile: keep it short, and never wait in
    it. For code that waits there is the async-function node. Set the environment variable
    `FLOWENGINE_FUNCTION_NODES=off` to keep all function nodes from starting, where those who write flows must not run
    programs.

    **Other than in Node-RED:** Python, not JavaScript; outputs have names instead of numbers; there is no `node.send`:
    a function returns all that it sends.
    """

    examples = (
        Example(
            "computes a field",
            config={"code": 'msg["payload"] = round(msg["payload"] * 1.8 + 32, 1)\nreturn msg'},
            given={"payload": 21.5},
            expect=[("out", {"payload": 70.7})],
        ),
        Example(
            "chooses a port",
            config={"ports": ["hot", "cold"], "code": 'return {"hot" if msg["payload"] > 50 else "cold": msg}'},
            given={"payload": 80},
            expect=[("hot", {"payload": 80})],
        ),
        Example(
            "makes two messages of one",
            config={"code": 'return [{"payload": part} for part in msg["payload"].split("/")]'},
            given={"payload": "a/b"},
            expect=[("out", {"payload": "a"}), ("out", {"payload": "b"})],
        ),
        Example("says where it failed", config={"code": "return 1 / 0"}, given={}, error="function-failed"),
    )

    @classmethod
    def ports(cls, config: FunctionConfig) -> tuple[Output, ...]:
        """Return the ports that the configuration names."""
        return ports_of(config)

    async def start(self) -> None:
        """Run the setup."""
        self._runner = FunctionRunner(self.config, self.context)

    def receive(self, message: Message) -> None:
        """Run the code and send what it returns."""
        try:
            returned = self._runner.call(copy_json(message.fields))
        except Exception as error:
            raise self._runner.failure(error) from error
        for port, fields in self._runner.messages(returned):
            self.send(self.outputs[port], message.with_fields(fields))


def _names(context: Context) -> dict[str, Any]:
    return {
        "state": context.state,
        "flow_state": context.flow_state,
        "global_state": context.global_state,
        "env": context.env,
        "log": context.log,
        "status": context.status,
        "now": lambda: datetime.fromtimestamp(context.clock.time(), UTC),
        "sleep": context.clock.sleep,
        "NodeError": NodeError,
        "TransientError": TransientError,
    }


def _fields(returned: Any) -> list[dict[str, Any]]:
    given = returned if isinstance(returned, (list, tuple)) else (returned,)
    found = []
    for fields in given:
        if fields is None:
            continue
        if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
            raise NodeError(
                f"the code must return objects with a message's fields, not {type(fields).__name__}",
                code="bad-return",
            )
        found.append(fields)
    return found
