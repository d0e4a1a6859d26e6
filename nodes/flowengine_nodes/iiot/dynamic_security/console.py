"""Commands to the dynamic-security plugin, over MQTT (``$CONTROL/dynamic-security/v1``)."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson

from flowengine.node import Clock, TransientError, within
from flowengine_nodes.network.mqtt.client import MqttClient, Subscription
from flowengine_nodes.network.mqtt.errors import MqttError
from flowengine_nodes.network.mqtt.inbound import Inbound

TOPIC = "$CONTROL/dynamic-security/v1"
PATIENCE = 20.0
MOST_COMMANDS = 200
PAGE = 200

Answer = Mapping[str, Any]


class ConsoleError(TransientError):
    """The broker does not do what its administrator asks.

    Args:
        happened: What happened.
    """

    def __init__(self, happened: str) -> None:
        super().__init__(
            f"the broker's dynamic security does not answer: {happened}; see that the plugin is loaded and that the"
            " engine's user has the role that may administer it",
            code="dynamic-security",
        )
        self.happened = happened


class Console:
    """Give commands and wait for what the plugin answers.

    Args:
        client: Connection of a user who may administer the plugin.
        clock: Measures patience.
    """

    def __init__(self, client: MqttClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        # The broker sends its answers to everyone who listens, to other engines too.
        self._name = secrets.token_hex(8)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[list[Answer]]] = {}
        self._refusal: MqttError | None = None
        self._subscription: Subscription | None = None

    def open(self) -> None:
        """Listen for answers."""
        self._subscription = self._client.subscribe(f"{TOPIC}/response", 1, self._answered, on_done=self._subscribed)

    def close(self) -> None:
        """Listen no more."""
        if self._subscription is not None:
            self._subscription.unsubscribe()

    async def run(self, commands: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """Give commands and return their answers, in their order.

        The plugin carries them out one by one, and writes its file after each that changes something. An answer may be
        lost though the commands were carried out.

        Raises:
            ConsoleError: No answer came, or the broker refuses.
        """
        answers: list[Answer] = []
        for start in range(0, len(commands), MOST_COMMANDS):
            answers += await self._run(commands[start : start + MOST_COMMANDS])
        return answers

    async def listed(self, command: str, name: str, key: str) -> dict[str, Mapping[str, Any]]:
        """Return all clients or roles, by name, a page at a time.

        Args:
            command: "listClients" or "listRoles".
            name: What the answer holds: "clients" or "roles".
            key: Field with the name of each.

        Raises:
            ConsoleError: No answer came, or the broker refuses.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for offset in itertools.count(0, PAGE):
            asked = {"command": command, "verbose": True, "count": PAGE, "offset": offset}
            (answer,) = await self._run([asked])
            page = answer.get("data", {}).get(name, [])
            found.update({each[key]: each for each in page})
            if len(page) < PAGE:
                break
        return found

    async def _run(self, commands: Sequence[Mapping[str, Any]]) -> list[Answer]:
        if self._refusal is not None:
            raise ConsoleError(str(self._refusal)) from self._refusal
        number = f"{self._name}-{next(self._numbers)}"
        numbered = [{**command, "correlationData": number} for command in commands]
        future: asyncio.Future[list[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._client.publish(
                TOPIC, orjson.dumps({"commands": numbered}), 1, False, None, partial(_published, future)
            )
            answers = await within(self._clock, PATIENCE, future)
        except TimeoutError:
            raise ConsoleError(f"nothing came within {PATIENCE:g} s") from None
        finally:
            del self._waiting[number]
        if len(answers) != len(commands):
            raise ConsoleError(f"{len(commands)} commands got {len(answers)} answers")
        return answers

    def _subscribed(self, error: MqttError | None) -> None:
        self._refusal = error

    def _answered(self, inbound: Inbound) -> None:
        inbound.settle()
        try:
            answers = orjson.loads(inbound.payload)["responses"]
            number = answers[0].get("correlationData", "")
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError):
            return
        future = self._waiting.get(number)
        if future is not None and not future.done():
            future.set_result(answers)


def _published(future: "asyncio.Future[list[Answer]]", error: MqttError | None) -> None:
    if error is not None and not future.done():
        future.set_exception(ConsoleError(str(error)))
