"""What becomes of a message that a node could not work on: catch node, retry, dead letter."""

import logging
import random
from collections.abc import Sequence
from typing import Any

from flowengine.errors import FlowEngineError
from flowengine.flow.document import ErrorPolicy
from flowengine.message import Message
from flowengine.node import Clock, Listener
from flowengine.runtime.cell import Cell
from flowengine.runtime.dead_letter import DeadLetterBox
from flowengine.runtime.hub import Event, Hub
from flowengine.runtime.retry import RetriedMessage, attempt_of, wait_before_retry
from flowengine.storage import Failure

# Node-RED's own bound: an error that comes round this often is a loop of errors.
MOST_CATCHES = 10


class Failures:
    """Route the failed messages of one flow.

    Args:
        flow: The flow's id.
        policy: What to do where no catch node listens.
        listening: The flow's listeners, as they are at any time.
        letters: Where given-up messages go.
        clock: Times retries.
        hub: Is told of every error.
        log: The flow's logger.
        chance: Source of jitter.
    """

    def __init__(
        self,
        flow: str,
        policy: ErrorPolicy,
        listening: Sequence[Cell],
        letters: DeadLetterBox,
        clock: Clock,
        hub: Hub,
        log: logging.Logger,
        chance: random.Random,
    ) -> None:
        self.flow = flow
        self.policy = policy
        self._listening = listening
        self._letters = letters
        self._clock = clock
        self._hub = hub
        self._log = log
        self._chance = chance

    def failed(self, cell: Cell, message: Message, error: BaseException) -> None:
        """Send a failed message on its way; the caller's hold on its delivery is not touched."""
        self.report(cell, message, error)
        source = message.fields.get("error", {})
        count = source.get("count", 0) + 1 if isinstance(source, dict) and source.get("node") == cell.id else 1
        catchers = [] if count > MOST_CATCHES else self._catchers(cell)
        if catchers:
            caught = message.replace(error=self._described(cell, error, count))
            for catcher in catchers:
                catcher.hop(caught)
            return
        wait = wait_before_retry(self.policy.retry, error, attempt_of(message), self._chance)
        if wait is not None:
            message.delivery.hold()
            self._clock.call_later(wait, self._again, cell, RetriedMessage(message, attempt_of(message) + 1))
            return
        if self.policy.then == "drop":
            message.delivery.drop(Failure.of(error).code)
            return
        self._letters.put(self.flow, cell.id, message, error)

    def wait_before_retry(self, cell: Cell, message: Message, error: BaseException) -> float | None:
        """Return the seconds until a stage should try again, or ``None`` when the message has failed."""
        if self._catchers(cell):
            return None
        return wait_before_retry(self.policy.retry, error, attempt_of(message), self._chance)

    def keeps_for_itself(self, cell: Cell) -> bool:
        """Whether a message that fails for good is anything but a dead letter: caught, or dropped by policy."""
        return bool(self._catchers(cell)) or self.policy.then == "drop"

    def _again(self, cell: Cell, message: Message) -> None:
        cell.hop(message)
        message.delivery.release()

    def _catchers(self, cell: Cell) -> list[Cell]:
        return hearing(self._listening, cell.id, "error")

    def _described(self, cell: Cell, error: BaseException, count: int) -> dict[str, Any]:
        return {
            "code": Failure.of(error).code,
            "message": str(error) or type(error).__name__,
            "node": cell.id,
            "type": cell.planned.type.name,
            "flow": self.flow,
            "count": count,
            "detail": getattr(error, "detail", {}),
        }

    def report(self, cell: Cell, message: Message, error: BaseException) -> None:
        """Tell the trace, the log and those who watch of an error."""
        if message.delivery.trace is not None:
            message.delivery.trace.failed(cell.id, message, Failure.of(error).code, str(error))
        text = str(error) or type(error).__name__
        facts = {"flow": self.flow, "node": cell.id, "message_id": message.id, "code": Failure.of(error).code}
        if isinstance(error, FlowEngineError):
            self._log.warning("%s", text, extra=facts)
        else:
            self._log.error("%s", text, extra=facts, exc_info=error)
        self._hub.tell(Event("error", self._clock.time(), self.flow, cell.id, {**facts, "message": text}))


def hearing(listening: Sequence[Cell], node: str, event: str) -> list[Cell]:
    """Return the listeners that hear of a node, from the innermost subflow that has any.

    Args:
        listening: The flow's listeners.
        node: Id of the node that something happened to.
        event: ``error``, ``status`` or ``complete``.
    """
    heard_as = node
    while True:
        inside, slash, _ = heard_as.rpartition("/")
        ranked: list[tuple[int, Cell]] = []
        for cell in listening:
            if not isinstance(cell.node, Listener) or cell.node.event != event or cell.id == node:
                continue
            if cell.id.rpartition("/")[0] == inside:
                rank = cell.node.hears(heard_as.rpartition("/")[2])
                if rank:
                    ranked.append((rank, cell))
        if ranked:
            best = max(rank for rank, _ in ranked) if event == "error" else 0
            return [cell for rank, cell in ranked if rank >= best]
        if not slash:
            return []
        heard_as = inside
