"""Where commands are kept."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

from flowengine_nodes.iiot.registry.command import Command, CommandState

Effect = Literal["moved", "repeated", "unknown-command", "wrong-device", "no-open-command", "ambiguous-response"]
"""What became of a device's answer: the command has moved, had been there already, or was not found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandFilter:
    """Which commands are meant; whatever is left out does not matter.

    Args:
        device: Whom they are for.
        states: How far they have come.
        action: What they ask for.
    """

    device: str | None = None
    states: Iterable[CommandState] = ()
    action: str | None = None


class Added(NamedTuple):
    """What became of a request.

    Args:
        command: The command; the older one where the key was known.
        is_new: Whether it was made for this request.
    """

    command: Command
    is_new: bool


class Answer(NamedTuple):
    """What a device said about a command.

    Args:
        id: Id of the command; ``None`` where the device named none.
        state: ``acknowledged``, ``succeeded`` or ``failed``.
        code: Word code of what went wrong.
        result: What it said.
    """

    id: str | None
    state: CommandState
    code: str
    result: Any


class Answered(NamedTuple):
    """What became of an answer.

    Args:
        effect: Whether, and why not, it moved a command.
        command: The command as it is then; ``None`` where there is none.
    """

    effect: Effect
    command: Command | None


class Outcome(NamedTuple):
    """How sending a command went.

    Args:
        id: Its id.
        attempt: Number of the attempt, from 1.
        code: Word code of what went wrong; empty if the broker has it.
    """

    id: str
    attempt: int
    code: str


class UnderWay:
    """The commands that this process is sending: known here longer than any node lives, so that a deploy repeats none.

    Attributes:
        attempts: Number of the attempt of each command on its way.
        outcomes: How others went, and nobody has stored it yet.
    """

    def __init__(self) -> None:
        self.attempts: dict[str, int] = {}
        self.outcomes: list[Outcome] = []

    @property
    def known(self) -> frozenset[str]:
        """Ids of all commands that are on their way, or of which it is known how that went."""
        return frozenset((*self.attempts, *(outcome.id for outcome in self.outcomes)))

    def begin(self, command: Command) -> None:
        """Note that a command is on its way."""
        self.attempts[command.id] = command.attempts

    def end(self, id: str, code: str = "") -> None:
        """Note how it went; harmless if it is known already.

        Args:
            id: The command.
            code: Word code of what went wrong; empty if nothing did.
        """
        attempt = self.attempts.pop(id, None)
        if attempt is not None:
            self.outcomes.append(Outcome(id, attempt, code))

    def take(self) -> list[Outcome]:
        """Return what is to be stored."""
        taken, self.outcomes = self.outcomes, []
        return taken


class Commands(Protocol):
    """All commands.

    Attributes:
        changed: Set whenever a command changes in this process, for whoever waits for work.
        under_way: What this process is sending.
    """

    changed: asyncio.Event
    under_way: UnderWay

    async def get(self, id: str) -> Command:
        """Return a command.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def find(self, who: str, key: str) -> Command | None:
        """Return the command that somebody asked for with an idempotency key."""
        ...

    async def list(self, which: CommandFilter, *, before: str = "", limit: int = 100) -> Sequence[Command]:
        """Return commands, newest first.

        Args:
            which: Those that are meant.
            before: Id of the last command of the page before.
            limit: How many at most.
        """
        ...

    async def add(self, command: Command, /, *, most_waiting: int) -> Added:
        """Store a new command, and put it in the place of those that it supersedes.

        Args:
            command: In the state ``queued``.
            most_waiting: How many commands of the device may wait to be sent, this one included.

        Raises:
            UnknownRecordError: There is no such device.
            IdempotencyConflictError: The key is taken by a command with another digest.
            QueueLimitError: Too many wait.
        """
        ...

    async def refuse(self, who: str, device: str, detail: Any) -> None:
        """Note in the audit trail that a request was refused.

        Args:
            who: Who asked.
            device: For which device, as far as that could be told.
            detail: JSON: what was asked, and why it was refused.
        """

    async def claim(self, now: float, limit: int, *, interval: float, one_at_a_time: bool) -> Sequence[Command]:
        """Move the commands whose turn it is to ``sent`` and count the attempt; at most one of each device.

        A device gets its commands in the order in which they were asked for, and none while it is known to be offline
        or takes no part.

        Args:
            now: The time.
            limit: How many at most.
            interval: Seconds between two commands to one device.
            one_at_a_time: Whether a device must have answered one before it gets the next.
        """
        ...

    async def recover(self, now: float, known: Iterable[str]) -> int:
        """Put back what was on its way when a process died; return how many there were.

        Args:
            now: The time.
            known: Ids of those of which this process knows more.
        """
        ...

    async def settle(self, outcomes: Sequence[Outcome], now: float, waits: Sequence[float]) -> None:
        """Store how sending went.

        Args:
            outcomes: What is known.
            now: The time.
            waits: Seconds until the next attempt after the first, the second and so on; after the last, the command is
                given up as ``unknown``.
        """

    async def expire(self, now: float, limit: int = 1000) -> int:
        """End the commands whose deadline has passed; return how many there were."""
        ...

    async def answer(self, device: str, answer: Answer, now: float) -> Answered:
        """Store what a device said.

        Args:
            device: Who said it.
            answer: What it said. Without an id it is about the only command that the device can be at work on.
            now: The time.
        """
        ...

    async def unreported(self, limit: int) -> Sequence[Command]:
        """Return commands that have changed since somebody last reported it, longest unreported first."""
        ...

    async def reported(self, id: str, revision: int) -> None:
        """Note that a change was reported.

        Args:
            id: The command.
            revision: As it was when it was reported.
        """

    async def purge(self, before: float, limit: int = 1000) -> int:
        """Forget commands that ended before a time and were reported; return how many there were."""
        ...
