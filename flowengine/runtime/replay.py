"""Try dead letters again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from flowengine.errors import FlowEngineError
from flowengine.message import Delivery, Message, Outcome, decode_fields
from flowengine.node import within
from flowengine.runtime.cell import Cell
from flowengine.runtime.engine import Engine
from flowengine.runtime.flow import RunningFlow
from flowengine.runtime.provenance import Provenance
from flowengine.storage import DeadLetter, LetterFilter, StorageError

log = logging.getLogger("flowengine.replay")
WAIT_AFTER_TROUBLE = 1.0
# So many letters go in before other work gets its turn.
PORTION = 20


class UnreplayableError(FlowEngineError):
    """A dead letter cannot be replayed now.

    Args:
        code: Stable word code.
        reason: Why, and what to do.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code  # type: ignore[misc]  # an instance is more exact than its class
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """A letter that was not replayed.

    Args:
        id: Its number.
        code: Stable word code.
        message: Why, and what to do.
    """

    id: int
    code: str
    message: str


@dataclass(slots=True)
class ReplayReport:
    """What became of the letters of one replay.

    Attributes:
        requeued: Put back into an outbox.
        settled: Gone through the flow, or safe in an outbox further on.
        dropped: Given up on purpose by a node or a policy.
        failed: Failed again; the message is a new letter.
        pending: Still on their way when the wait was over.
        refused: Not replayed; they are as they were.
    """

    requeued: int = 0
    settled: int = 0
    dropped: int = 0
    failed: int = 0
    pending: int = 0
    refused: list[Refusal] = field(default_factory=list)


class _Round:
    """The letters of one call, while its caller waits for them."""

    def __init__(self) -> None:
        self.report = ReplayReport()
        self.over = asyncio.Event()

    def ended(self, outcome: Outcome) -> None:
        """Count a letter that is done with."""
        report = self.report
        report.pending -= 1
        match outcome:
            case Outcome.SETTLED:
                report.settled += 1
            case Outcome.DROPPED:
                report.dropped += 1
            case Outcome.FAILED:
                report.failed += 1
        self._look()

    def left(self, id: int) -> None:
        """Count a letter whose node was removed while its message was there."""
        self.report.pending -= 1
        self.report.refused.append(Refusal(id, "node-removed", "its node was removed while it was replayed"))
        self._look()

    def _look(self) -> None:
        if not self.report.pending:
            self.over.set()


class Replay:
    """Send dead letters where they failed: into the flow at their node, or into the node's outbox.

    A letter goes only when its message is safe elsewhere. One that fails again has become a new letter by then, so the
    old one goes too: there are never two of one message. A process that dies in between leaves the letter where it was,
    and the letter says that it was taken before.

    Args:
        engine: Runs the flows.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._world = engine.world
        self._letters = engine.world.store.dead_letters
        self._open: dict[int, RunningFlow] = {}

    async def replay(self, which: LetterFilter, *, limit: int = 100, wait: float = 5.0) -> ReplayReport:
        """Replay letters, oldest first.

        Args:
            which: Which letters; those that somebody is replaying are left out.
            limit: How many at most.
            wait: Longest time to wait for them to end, in seconds; they go on without the caller.

        Raises:
            StorageError: The store did not give the letters.
        """
        await self.sweep()
        letters = await self._letters.take_for_replay(which, limit)
        this = _Round()
        queues: list[DeadLetter] = []
        refused: list[int] = []
        # Held until all are in, so that the round is not over before.
        this.report.pending += 1
        for number, letter in enumerate(letters, 1):
            try:
                flow, cell = self._target(letter)
                if letter.origin == "outbox" and _has_outbox(flow, cell):
                    queues.append(letter)
                else:
                    self._send(letter, flow, cell, this)
            except UnreplayableError as error:
                this.report.refused.append(Refusal(letter.id, error.code, str(error)))
                refused.append(letter.id)
            if number % PORTION == 0:
                await asyncio.sleep(0)
        if queues or refused:
            await self._letters.give_back([*refused, *(letter.id for letter in queues)])
        if queues:
            this.report.requeued = await self._requeue(queues)
        this.report.pending -= 1
        if this.report.pending:
            with suppress(TimeoutError):
                await within(self._world.clock, wait, this.over.wait())
        return this.report

    async def sweep(self) -> None:
        """Give back letters whose flow stopped before it had finished with them."""
        lost = [id for id, flow in self._open.items() if flow.state == "stopped"]
        if lost:
            await self._letters.give_back(lost)
            for id in lost:
                self._open.pop(id, None)

    def _target(self, letter: DeadLetter) -> tuple[RunningFlow, Cell]:
        flow = self._engine.flows.get(letter.flow)
        if flow is None or flow.state != "running":
            why = self._engine.broken.get(letter.flow)
            text = f'the flow "{letter.flow}" does not run{f": {why}" if why else ""}; deploy it, then replay'
            raise UnreplayableError("flow-not-running", text)
        cell = flow.cells.get(letter.node)
        if cell is None:
            text = f'the flow "{letter.flow}" has no node "{letter.node}" any more; bring it back, or drop the letter'
            raise UnreplayableError("unknown-node", text)
        if not cell.planned.type.has_input:
            text = f'the node "{letter.node}" of the flow "{letter.flow}" takes no messages now; drop the letter'
            raise UnreplayableError("no-input", text)
        if flow.valve.closed_by:
            who = ", ".join(sorted(flow.valve.closed_by))
            text = f'the flow "{letter.flow}" takes no more now, it is held back by {who}; try again later'
            raise UnreplayableError("flow-busy", text)
        return flow, cell

    def _send(self, letter: DeadLetter, flow: RunningFlow, cell: Cell, this: _Round) -> None:
        try:
            fields = decode_fields(letter.message)
        except ValueError as error:
            raise UnreplayableError("unreadable-letter", f"its message cannot be read: {error}; edit it") from None
        this.report.pending += 1
        self._open[letter.id] = flow
        source = Provenance.parse(letter.meta)
        delivery = Delivery(flow.account, partial(self._closed, letter.id, this), letter.source_id or source.id or None)
        delivery.context = source.context
        self._world.traces.follow(flow.plan.id, delivery)
        cell.hop(Message(fields, delivery))
        delivery.release()

    def _closed(self, id: int, this: _Round, delivery: Delivery) -> None:
        flow = self._open.pop(id)
        # A message whose node went away under it was not given up by anybody's decision.
        if delivery.outcome is Outcome.DROPPED and delivery.reason == "node-removed":
            settle, ended = self._letters.give_back, partial(this.left, id)
        else:
            settle, ended = self._letters.mark_replayed, partial(this.ended, delivery.outcome)
        work = self._insist(partial(settle, [id]), ended, id, flow)
        self._world.group.create_task(work, name=f"replay of dead letter {id}")

    async def _insist(
        self, settle: Callable[[], Awaitable[None]], ended: Callable[[], None], id: int, flow: RunningFlow
    ) -> None:
        """Tell the store how a letter ended; what it is never told of is free when it is next opened."""
        while True:
            try:
                await settle()
            except StorageError as error:
                log.error("dead letter %d was replayed, but this is not stored: %s", id, error)  # noqa: TRY400 - the sentence says it all
                if flow.state == "stopped":
                    return
                await self._world.clock.sleep(WAIT_AFTER_TROUBLE)
            else:
                ended()
                return

    async def _requeue(self, letters: Sequence[DeadLetter]) -> int:
        moved = await self._letters.requeue(LetterFilter(ids=[letter.id for letter in letters]))
        for queue in {(letter.flow, letter.node) for letter in letters}:
            self._world.store.outbox.event(*queue).set()
        return moved


def _has_outbox(flow: RunningFlow, cell: Cell) -> bool:
    stage = flow.stages.get(cell.id)
    return stage is not None and stage.plan.outbox
