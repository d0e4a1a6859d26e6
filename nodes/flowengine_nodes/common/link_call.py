"""The link-call node."""

import secrets
from dataclasses import dataclass

from flowengine.message import Delivery, Outcome
from flowengine.node import (
    Config,
    Context,
    Duration,
    Example,
    Field,
    LinkName,
    Message,
    Node,
    NodeError,
    Output,
    Timer,
    TransientError,
    node_type,
)
from flowengine_nodes.common import calls


class LinkCallConfig(Config):
    """Configure a call."""

    to: LinkName = Field(description="Entrance to call.")
    timeout: Duration = Field("30s", description="How long to wait for the answer.")


@dataclass(slots=True)
class _Call:
    message: Message
    timer: Timer
    answered: bool = False
    ended: bool = False


@node_type("link-call", category="common", icon="link", holds=True)
class LinkCall(Node[LinkCallConfig]):
    """Send a message to a link-in node, wait until it comes back from a link-out node, and send the answer on.

    This is how flows share a part, as programs share a function. Any number of calls may be under way at once; each
    answer finds its own caller. The link-out node at the other end must be in the mode *return*.

    - No answer within *timeout* is an error, `link-timeout`; it follows the flow's retry policy.
    - If the called flow fails or gives up the message before it has answered, the call fails at once, with
      `call-failed`.
    - A second answer, or one that comes too late, is dropped and counted as `late-answer`.

    The field `link_calls` of a message on its way says where it goes back to; do not remove it.

    **Other than in Node-RED:** the entrance is named in the configuration, never by the message; calls fail early where
    no answer can come; late answers are counted.
    """

    out = Output("Answers.")
    examples = (
        Example(
            "fails where no entrance has the name",
            config={"to": "nowhere"},
            given={"payload": 1},
            error="unknown-link",
        ),
    )

    def __init__(self, config: LinkCallConfig, context: Context) -> None:
        super().__init__(config, context)
        self._calls: dict[str, _Call] = {}
        # No name that a user can give to an entrance has a colon.
        self._reply = f"answers:{context.flow}/{context.node}"

    async def start(self) -> None:
        """Open the way back."""
        self.context.links.open(self._reply, self._answered)

    async def stop(self) -> None:
        """Close the way back."""
        self.context.links.close(self._reply)
        for call in self._calls.values():
            call.timer.cancel()

    def hand_over(self) -> list[Message]:
        """Give the calls without an answer to a successor, which makes them again."""
        under_way, self._calls = self._calls, {}
        for call in under_way.values():
            call.timer.cancel()
            if call.answered:
                self.done(call.message)
        return [call.message for call in under_way.values() if not call.answered]

    def receive(self, message: Message) -> None:
        """Make a call."""
        caller = calls.Caller(self._reply, secrets.token_hex(8))
        branch = Delivery(None, lambda closed: self._ended(caller.id, closed), message.id)
        branch.inherit(message.delivery)
        self.context.links.send(self.config.to, Message(calls.push(message.fields, caller), branch))
        self.hold(message)
        timer = self.context.clock.call_later(self.config.timeout, self._timed_out, caller.id)
        self._calls[caller.id] = _Call(message, timer)
        branch.release()

    def _answered(self, answer: Message) -> None:
        caller = calls.peek(answer.fields)
        call = self._calls.get(caller.id) if caller is not None else None
        if caller is None or call is None or call.answered:
            self.drop(answer, "late-answer")
            return
        call.answered = True
        call.timer.cancel()
        self.send(self.out, Message(calls.pop(answer.fields), call.message.delivery))
        if call.ended:
            self._finish(caller.id)

    def _ended(self, id: str, closed: Delivery) -> None:
        call = self._calls.get(id)
        if call is None:
            return
        if closed.outcome is Outcome.SETTLED and not call.answered:
            # The message may be waiting in a store, and be answered later.
            call.ended = True
        elif call.answered:
            if closed.outcome is Outcome.FAILED:
                call.message.delivery.fail(closed.reason)
            elif closed.outcome is Outcome.DROPPED:
                call.message.delivery.drop(closed.reason)
            self._finish(id)
        else:
            how = "failed" if closed.outcome is Outcome.FAILED else "was dropped"
            reason = f'the message {how} behind the link "{self.config.to}" before it was answered ({closed.reason})'
            detail = {"link": self.config.to, "reason": closed.reason}
            self._finish(id, NodeError(reason, code="call-failed", detail=detail))

    def _timed_out(self, id: str) -> None:
        reason = f'no answer from the link "{self.config.to}" within {self.config.timeout:g} s'
        self._finish(id, TransientError(reason, code="link-timeout", detail={"link": self.config.to}))

    def _finish(self, id: str, error: NodeError | None = None) -> None:
        call = self._calls.pop(id)
        call.timer.cancel()
        self.done(call.message, error)
