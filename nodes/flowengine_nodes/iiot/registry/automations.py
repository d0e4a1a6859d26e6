"""Where automation rules are kept, what they remember of devices, and what they have set off."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flowengine_nodes.iiot.automation.watch import Seen, Watch
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.bell import Bell

Look = Callable[[Watch], Seen]
Ask = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A command that a rule asks for, kept until the request has been taken.

    Args:
        id: Its id: the idempotency key of the command too.
        rule: Id of the rule.
        device: Id of the device.
        at: When the rule was set off, in seconds since 1970.
        request: The request for the command.
    """

    id: str
    rule: str
    device: str
    at: float
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What a look at a rule and a device has led to.

    Args:
        watch: What is remembered now.
        fired: Whether a command was asked for.
        code: Why none was although the rule was set off: a word code; empty else.
        reason: The same as a sentence.
        is_known: Whether it was refused before, and told then.
    """

    watch: Watch
    fired: bool = False
    code: str = ""
    reason: str = ""
    is_known: bool = False


class Automations(Protocol):
    """All automation rules.

    Attributes:
        bell: Rings whenever a rule has asked for a command, in this process.
        changed: Rings whenever a rule changes, in this process.
    """

    bell: Bell
    changed: Bell

    async def get(self, id: str) -> AutomationRule:
        """Return a rule.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def list(self) -> Sequence[AutomationRule]:
        """Return all rules, by id."""
        ...

    async def save(self, rule: AutomationRule, who: str) -> None:
        """Store a rule, new or changed.

        Args:
            rule: Checked.
            who: For the audit trail.

        Raises:
            UnfitRuleError: It is for devices of a profile that is not there, or that do not know its action.
        """

    async def remove(self, id: str, who: str) -> None:
        """Remove a rule and what it remembers.

        Raises:
            UnknownRecordError: There is none.
        """

    async def watches(self) -> Mapping[tuple[str, str], Watch]:
        """Return what all rules remember, by rule and device."""
        ...

    async def advance(
        self,
        rule: AutomationRule,
        device: str,
        look: Look,
        ask: Ask,
        now: float,
        *,
        objection: str | None = None,
        key: str = "",
    ) -> Advance:
        """Look at a rule and a device again, and store what that leads to, in one transaction with the audit trail.

        Args:
            rule: The rule.
            device: Id of the device.
            look: Says what becomes of what is remembered; may be called more than once.
            ask: Makes the request for the command from the value that set the rule off.
            now: In seconds since 1970.
            objection: Why the rule's interlock forbids the command, if it does.
            key: Of what sets the rule off, which does so only once; empty for what has no name.
        """
        ...

    async def firings(self, limit: int) -> Sequence[Firing]:
        """Return commands that were asked for and whose request was not taken yet, oldest first."""
        ...

    async def taken(self, ids: Sequence[str]) -> None:
        """Note that requests were taken: they need not be made again."""

    async def reached(self, rule: str) -> float | None:
        """Return until when a rule's times have been worked off, in seconds since 1970."""
        ...

    async def reach(self, rule: str, at: float) -> None:
        """Note that a rule's times have been worked off until then."""
