"""The mapping of a profile: from a reading to values of business objects, grouped into writes."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import orjson

from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.registry.device import BusinessObject
from flowengine_nodes.iiot.registry.odoo_domain import fill, placeholders
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.roster import Member
from flowengine_nodes.iiot.registry.telemetry_rule import TelemetryRule
from flowengine_nodes.iiot.telemetry.compiled_rule import CompiledRule, compile_rule
from flowengine_nodes.iiot.telemetry.condition import Written, passes
from flowengine_nodes.iiot.telemetry.counts import Counts
from flowengine_nodes.iiot.telemetry.errors import BadValueError
from flowengine_nodes.iiot.telemetry.failure import Failure

Step: TypeAlias = "tuple[str | None, Callable[[Any, Any], Any], bool, str, CompiledRule]"
"""What every reading needs of a rule, taken apart: name, read, whether it is plain, field, and all the rest."""

Groups: TypeAlias = tuple[tuple[int, tuple[Step, ...]], ...]
"""What goes into each write: its number, and the rules."""


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
        counts: What has become of its devices' telemetry.
    """

    def __init__(self, profile: Profile, counts: Counts) -> None:
        self.profile = profile
        self.counts = counts
        self.targets: list[Target] = []
        self._slots: dict[tuple[str, bytes], int] = {}
        groups: dict[int, list[Step]] = {}
        for rule in profile.rules:
            if rule.active:
                compiled = compile_rule(rule)
                step = (compiled.name, compiled.read, compiled.is_plain, rule.field, compiled)
                groups.setdefault(self._slot(rule), []).append(step)
        self.groups: Groups = tuple((slot, tuple(steps)) for slot, steps in groups.items())

    def of(self, member: Member) -> "DeviceMapping":
        """Return the mapping for a device."""
        return DeviceMapping(self, member)

    def _slot(self, rule: TelemetryRule) -> int:
        by_value = "value" in placeholders(rule.domain)
        # As JSON, in which 1 and true differ.
        key = (rule.model, orjson.dumps(rule.domain))
        # Values that go to the same records are one write; what depends on the value is one of its own.
        if key in self._slots and not by_value:
            return self._slots[key]
        self.targets.append(Target(rule.model, rule.domain, by_value))
        slot = self._slots[key] = len(self.targets) - 1
        return slot


class DeviceMapping:
    """The mapping for one device.

    Args:
        mapping: The mapping of its profile.
        member: The device.

    Attributes:
        heads: Which records its writes go to, by the number of the write.
        last: What the rules that have a condition let pass last.
    """

    __slots__ = ("_groups", "heads", "last", "mapping", "member")

    def __init__(self, mapping: Mapping, member: Member) -> None:
        self.mapping = mapping
        self.member = member
        self.heads = tuple(_head(target, member) for target in mapping.targets)
        self._groups = _joined(mapping.groups, self.heads)
        self.last: dict[CompiledRule, Written] = {}

    def apply(self, reading: Any, at: float, failures: list[Failure]) -> list[dict[str, Any]] | None:
        """Map a reading.

        Args:
            reading: Any JSON, and numbers that are none.
            at: When it was measured, in seconds since 1970.
            failures: Takes what goes wrong.

        Returns:
            The writes, none where no value has moved enough; ``None`` where no rule found anything and none failed.
        """
        writes: list[dict[str, Any]] = []
        has_matched = False
        # Most paths are one name: read here, because a call would double the cost.
        find = reading.get if reading.__class__ is dict else _nothing
        for slot, rules in self._groups:
            values: dict[str, Any] = {}
            for name, read, is_plain, field, rule in rules:
                try:
                    value = read(reading, None) if name is None else find(name)
                    if is_plain and value is not None:
                        kind = value.__class__
                        # The difference is 0 for every number but infinity and NaN.
                        if (kind is float and value - value != 0) or kind is dict or kind is list:
                            check_finite(value)
                        values[field] = value
                    elif value is not None:
                        has_matched = True
                        value = self._worked(rule, value, at)
                        if value is not None:
                            values[field] = value
                    elif rule.is_required:
                        failures.append(Failure(rule.label, "missing-value", "the value is missing"))
                except FlowEngineError as error:
                    failures.append(Failure(rule.label, error.code, str(error)))
            if values:
                writes += self._write(slot, values, failures)
        return writes if has_matched or writes or failures else None

    def _worked(self, rule: CompiledRule, value: Any, at: float) -> Any:
        """Return what a rule makes of a value, ``None`` where it holds it back."""
        if rule.change is not None:
            value = rule.change(value)
        elif value.__class__ is not str:
            check_finite(value)
        if rule.condition is not None:
            last = self.last.get(rule)
            if last is not None and not passes(rule.condition, last, value, at):
                return None
            self.last[rule] = Written(value, at)
        return value

    def _write(self, slot: int, values: dict[str, Any], failures: list[Failure]) -> tuple[dict[str, Any], ...]:
        """Return the write of some values, or none and why."""
        model, id, domain, problem = self.heads[slot]
        if id is not None:
            return ({"model": model, "id": id, "values": values},)
        member = self.member
        if domain is not None and self.mapping.targets[slot].by_value:
            (value,) = values.values()
            if isinstance(value, list | dict):
                problem = "a list or an object cannot stand in a domain"
            domain = fill(domain, {"device": member.id, "serial": member.serial, "value": value})
        if problem or domain is None:
            failures += [Failure(field, "no-target", problem) for field in values]
            return ()
        return ({"model": model, "domain": domain, "values": values},)


def _joined(groups: Groups, heads: tuple[Head, ...]) -> Groups:
    """Return the groups with those as one that go to the same record, by whatever name of its model."""
    joined: dict[object, tuple[int, tuple[Step, ...]]] = {}
    for slot, steps in groups:
        head = heads[slot]
        key = slot if head.id is None else (head.model, head.id)
        first, before = joined.get(key, (slot, ()))
        joined[key] = (first, before + steps)
    return groups if len(joined) == len(groups) else tuple(joined.values())


def _head(target: Target, member: Member) -> Head:
    if target.domain:
        known = {"device": member.id, "serial": member.serial}
        return Head(target.model, domain=target.domain if target.by_value else fill(target.domain, known))
    business: BusinessObject | None = member.business
    if business is None:
        return Head(problem=f"{member.id} has no business object, and the rule has no domain")
    if target.model not in {"", business.model}:
        return Head(
            problem=f"{member.id} stands for a {business.model}, not for a {target.model}, and the rule has no domain"
        )
    return Head(business.model, id=business.id)


def _nothing(name: str) -> None:
    """Find nothing: only objects have names."""


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
