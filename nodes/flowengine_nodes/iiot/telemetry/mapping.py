"""The mapping of a profile: from a reading to values of business objects, grouped into writes."""

import math
from typing import Any, NamedTuple

from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.odoo_domain import fill, placeholders
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.telemetry.compiled_rule import CompiledRule, compile_rule
from flowengine_nodes.iiot.telemetry.condition import Written, passes
from flowengine_nodes.iiot.telemetry.errors import BadValueError, MissingValueError
from flowengine_nodes.iiot.telemetry.failure import Failure


class Target(NamedTuple):
    """Which records a write goes to, as the rules say it.

    Args:
        model: Odoo model; empty for that of the device's business object.
        domain: Which of its records; empty for the business object.
        by_value: Whether the domain depends on the value.
    """

    model: str
    domain: list[Any]
    by_value: bool


class Head(NamedTuple):
    """Which records a write of one device goes to.

    Args:
        model: Odoo model.
        id: The record, if it is the business object.
        domain: Which records otherwise.
        problem: Why there is no target; empty if there is one.
    """

    model: str = ""
    id: int | None = None
    domain: list[Any] | None = None
    problem: str = ""


class Mapping:
    """The rules of a profile, compiled.

    Args:
        profile: The profile; its rules are valid.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.targets: list[Target] = []
        self.rules: tuple[CompiledRule, ...] = tuple(
            compile_rule(rule, self._slot(rule)) for rule in profile.rules if rule.active
        )

    def of(self, member: Member) -> "DeviceMapping":
        """Return the mapping for a device."""
        return DeviceMapping(self, member)

    def _slot(self, rule: TelemetryRule) -> int:
        target = Target(rule.model, rule.domain, "value" in placeholders(rule.domain))
        # Values that go to the same records are one write; what depends on the value is one of its own.
        if target in self.targets and not target.by_value:
            return self.targets.index(target)
        self.targets.append(target)
        return len(self.targets) - 1


class DeviceMapping:
    """The mapping for one device.

    Args:
        mapping: The mapping of its profile.
        member: The device.

    Attributes:
        last: What the rules that have a condition let pass last.
    """

    __slots__ = ("_heads", "_rules", "last", "mapping", "member")

    def __init__(self, mapping: Mapping, member: Member) -> None:
        self.mapping = mapping
        self.member = member
        self._rules = mapping.rules
        self._heads = tuple(_head(target, member) for target in mapping.targets)
        self.last: dict[CompiledRule, Written] = {}

    def apply(self, reading: Any, at: float, failures: list[Failure]) -> list[dict[str, Any]] | None:
        """Map a reading.

        Args:
            reading: Any JSON, and numbers that are none.
            at: When it was measured, in seconds since 1970.
            failures: Takes what goes wrong.

        Returns:
            The writes, none where no value has moved enough; ``None`` where no rule found anything.
        """
        writes: dict[int, dict[str, Any]] = {}
        has_matched = False
        for rule in self._rules:
            read, change, condition, slot, field, is_required, label = rule
            try:
                value = read(reading, None)
                if value is None:
                    if is_required:
                        raise MissingValueError
                    continue
                has_matched = True
                if change is not None:
                    value = change(value)
                elif value.__class__ is not str:
                    check_finite(value)
                if condition is not None and not self._passes(rule, value, at):
                    continue
                write = writes.get(slot)
                if write is None:
                    write = writes[slot] = self._begin(slot, value)
                write["values"][field] = value
                if condition is not None:
                    self.last[rule] = Written(value, at)
            except FlowEngineError as error:
                has_matched = True
                failures.append(Failure(label, error.code, str(error)))
        return list(writes.values()) if has_matched else None

    def _passes(self, rule: CompiledRule, value: Any, at: float) -> bool:
        last = self.last.get(rule)
        return last is None or rule.condition is None or passes(rule.condition, last, value, at)

    def _begin(self, slot: int, value: Any) -> dict[str, Any]:
        model, id, domain, problem = self._heads[slot]
        if id is not None:
            return {"model": model, "id": id, "values": {}}
        if domain is None:
            raise BadValueError("no-target", self.member.id, problem)
        if self.mapping.targets[slot].by_value:
            if isinstance(value, list | dict):
                raise BadValueError("no-target", value, "cannot stand in a domain")
            domain = fill(domain, {"device": self.member.id, "serial": self.member.serial, "value": value})
        return {"model": model, "domain": domain, "values": {}}


def _head(target: Target, member: Member) -> Head:
    if target.domain:
        known = {"device": member.id, "serial": member.serial}
        return Head(target.model, domain=target.domain if target.by_value else fill(target.domain, known))
    business: BusinessObject | None = member.business
    if business is None:
        return Head(problem="has no business object, and the rule has no domain")
    if target.model not in {"", business.model}:
        return Head(problem=f"stands for a {business.model}, not for a {target.model}, and the rule has no domain")
    return Head(business.model, id=business.id)


def check_finite(value: Any) -> None:
    """Raise where a value has a number in it that JSON cannot say.

    Raises:
        BadValueError: There is one (``not-finite``).
    """
    kind = value.__class__
    if kind is float:
        if value - value != 0:
            raise BadValueError("not-finite", str(value), "is no finite number")
    elif kind is dict or kind is list:
        waiting = [value]
        while waiting:
            item = waiting.pop()
            if isinstance(item, dict):
                waiting.extend(item.values())
            elif isinstance(item, list):
                waiting.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                raise BadValueError("not-finite", str(item), "is no finite number")
