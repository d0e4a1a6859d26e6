"""A simulated device does what commands say, each once, and answers."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import orjson

from flowengine_nodes.iiot.simulator.behaviour import Behaviour, Dice
from flowengine_nodes.iiot.simulator.totals import Totals
from flowengine_nodes.network.mqtt.inbound import Inbound

# How many commands a device remembers, to know one that comes again.
MEMORY = 100

Respond = Callable[[dict[str, Any], bytes | None], None]


class Obedience:
    """Carry out commands: each id once, the answer as often as the command comes.

    Args:
        behaviour: What goes wrong.
        dice: Decides when.
        totals: Where it is counted.
        respond: Sends an answer, with the correlation data of the command.
    """

    def __init__(self, behaviour: Behaviour, dice: Dice, totals: Totals, respond: Respond) -> None:
        self._behaviour = behaviour
        self._dice = dice
        self._totals = totals
        self._respond = respond
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def obey(self, inbound: Inbound) -> None:
        """Carry out a command, unless it was already, and answer it."""
        if self._dice.happens(self._behaviour.silent_commands):
            self._totals.unanswered_commands += 1
            return
        properties = inbound.properties
        id = dict(properties.user_properties).get("command-id", "")
        known = self._answers.get(id) if id else None
        if known is not None:
            self._totals.repeated_commands += 1
            self._respond(known, properties.correlation_data)
            return
        answer = {"id": id, **_carried_out(inbound.payload)}
        self._totals.commands += 1
        if id:
            self._answers[id] = answer
            if len(self._answers) > MEMORY:
                self._answers.popitem(last=False)
        self._respond(answer, properties.correlation_data)


def _carried_out(payload: bytes) -> dict[str, Any]:
    try:
        command = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        return {"status": "failed", "error": f"the command is no JSON: {error}"}
    action = command.get("action") if isinstance(command, dict) else None
    return {"status": "succeeded", "result": {"action": action}}
