"""The outside world as a case plays it: what it takes, what it answers, and how it fails."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowengine.errors import NodeError, TransientError
from flowengine.flow.flow_test_document import AnswerDocument, GivenEvent
from flowengine.message import Message
from flowengine.node import Clock, Node, Timer
from flowengine.testing.difference import Difference
from flowengine.testing.matching import given_value

FAULT_CODE: Final = "test-fault"


@dataclass(slots=True)
class Fault:
    """A fault that a case has set.

    Args:
        event: What the case says of it.
        path: Where it says so.
        struck: How often it has.
    """

    event: GivenEvent
    path: str
    struck: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.event.times is not None and self.struck >= self.event.times

    def error(self) -> NodeError | None:
        """Return what the node is told; ``None`` if the outside is only slow."""
        event = self.event
        code = event.code or FAULT_CODE
        if event.error == "transient":
            reason = "the outside fails for now, as the test says"
            return TransientError(reason, code=code, retry_after=event.retry_after)
        if event.error == "permanent":
            return NodeError("the outside refuses the message, as the test says", code=code)
        return None


class _Answers:
    """The answers that wait for one node's messages."""

    def __init__(self, documents: Sequence[AnswerDocument]) -> None:
        self._waiting = deque((document, document.times) for document in documents)
        self.given = 0

    def next(self) -> AnswerDocument | None:
        if not self._waiting:
            return None
        self.given += 1
        document, times = self._waiting[0]
        if times == 1:
            self._waiting.popleft()
        elif times is not None:
            self._waiting[0] = (document, times - 1)
        return document

    @property
    def left(self) -> int:
        return sum(times for _, times in self._waiting if times is not None)


class Outside:
    """Play the outside world for the nodes of one flow.

    Args:
        answers: What it answers, by node.
        wired: The ports that lead anywhere, as node and port.
        clock: The case's time.

    Attributes:
        taken: What it has taken, by node, oldest first.
        tries: How often each node has turned to it.
        clock: The time of the process that runs now.
    """

    def __init__(
        self, answers: Mapping[str, Sequence[AnswerDocument]], wired: frozenset[tuple[str, str]], clock: Clock
    ) -> None:
        self.taken: dict[str, list[Mapping[str, Any]]] = {}
        self.tries: Counter[str] = Counter()
        self._answers = {node: _Answers(listed) for node, listed in answers.items()}
        self._wired = wired
        self.clock = clock
        self._faults: dict[str, Fault] = {}
        self._ended: list[Fault] = []
        self._unanswered: Counter[str] = Counter()
        self._timers: list[Timer] = []

    def fail(self, fault: Fault) -> None:
        """Fail a node from now on, instead of as before."""
        assert fault.event.fault is not None
        self.recover(fault.event.fault)
        self._faults[fault.event.fault] = fault

    def recover(self, node: str) -> None:
        """Fail a node no longer."""
        fault = self._faults.pop(node, None)
        if fault is not None:
            self._ended.append(fault)

    def restarted(self) -> None:
        """Forget what was under way: the process that waited for it is gone."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def complaints(self) -> list[Difference]:
        """Return what the case has prepared in vain, and what it should have prepared."""
        found = []
        for fault in [*self._ended, *self._faults.values()]:
            if not fault.struck:
                found.append(Difference(fault.path, "the fault never struck: nothing came to the node"))
            elif not fault.is_over and fault.event.times is not None and fault not in self._ended:
                found.append(Difference(fault.path, f"the fault struck {fault.struck} of {fault.event.times} times"))
        for node, answers in self._answers.items():
            if answers.left:
                found.append(Difference(f"answers.{node}", f"{answers.left} of the answers were not asked for"))
        for node, count in self._unanswered.items():
            message = (
                f"{count} of its messages got no answer, though one of its ports leads on; give an answer for each"
            )
            found.append(Difference(f"answers.{node}", message))
        return found

    async def work(self, node: Node[Any], messages: Sequence[Message]) -> None:
        """Treat messages as the outside treats a call that is waited for.

        Raises:
            NodeError: The case says that it fails.
        """
        fields = [node.outgoing(message) for message in messages]
        fault = self._begin(node, fields)
        if fault is not None:
            if fault.event.after:
                await self.clock.sleep(fault.event.after)
            self._end(fault, node, fields)
        self._answer(node, messages)

    def work_at_once(self, node: Node[Any], message: Message) -> None:
        """Treat a message as the outside treats a call that does not wait.

        Raises:
            NodeError: The case says that it fails.
        """
        fields = [node.outgoing(message)]
        fault = self._begin(node, fields)
        if fault is not None:
            self._end(fault, node, fields)
        self._answer(node, [message])

    def work_later(self, node: Node[Any], message: Message) -> None:
        """Treat a message as the outside treats a call that is confirmed later, as a publish is.

        Raises:
            NodeError: The message cannot be sent.
        """
        fields = [node.outgoing(message)]
        fault = self._begin(node, fields)
        node.hold(message)

        def confirm() -> None:
            try:
                if fault is not None:
                    self._end(fault, node, fields)
            except NodeError as error:
                node.done(message, error)
            else:
                self._answer(node, [message])
                node.done(message)

        self._timers.append(self.clock.call_later(fault.event.after if fault is not None else 0.0, confirm))

    def _begin(self, node: Node[Any], fields: Sequence[Mapping[str, Any]]) -> Fault | None:
        id = node.context.node
        self.tries[id] += 1
        fault = self._faults.get(id)
        if fault is None or fault.is_over:
            self._take(id, fields)
            return None
        fault.struck += 1
        if fault.event.taken:
            self._take(id, fields)
        return fault

    def _end(self, fault: Fault, node: Node[Any], fields: Sequence[Mapping[str, Any]]) -> None:
        error = fault.error()
        if error is not None:
            raise error
        if not fault.event.taken:
            self._take(node.context.node, fields)

    def _take(self, node: str, fields: Sequence[Mapping[str, Any]]) -> None:
        self.taken.setdefault(node, []).extend(fields)

    def _answer(self, node: Node[Any], messages: Sequence[Message]) -> None:
        id = node.context.node
        answers = self._answers.get(id)
        for message in messages:
            answer = answers.next() if answers is not None else None
            if answer is not None:
                port = next(iter(node.outputs)) if answer.port is None else answer.port
                node.send(node.outputs[port], message.replace(**given_value(answer.message)))
            elif any((id, port) in self._wired for port in node.outputs):
                self._unanswered[id] += 1
