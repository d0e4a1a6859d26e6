"""The rules of a profile, compiled: from a reading to values of business objects."""

from typing import Any, NamedTuple

from ..duration import read_duration
from ..record_domain import fill, placeholders
from .faults import BadValueError
from .transform import compile_rule


class Subject(NamedTuple):
    """The device that a reading is from: its id, serial number and business object (model and id, or None)."""

    device: str
    serial: str
    business: tuple[str, int] | None


class Rule(NamedTuple):
    """A rule, compiled."""

    key: str
    label: str
    read: Any
    condition: Any
    is_required: bool
    model: str
    domain: list
    by_value: bool
    field: str


class Mapping:
    """The rules of a profile.

    Args:
        documents: Each rule as the bridge has it, by a key that stays the same.
    """

    def __init__(self, documents):
        self._rules = []
        for key, document in documents.items():
            if not document["active"]:
                continue
            read, condition = compile_rule(document, read_duration(document["condition"]["min_interval"]))
            self._rules.append(
                Rule(
                    key,
                    document["name"] or document["field"],
                    read,
                    condition,
                    document["on_missing"] == "fail",
                    document["model"],
                    document["domain"],
                    "value" in placeholders(document["domain"]),
                    document["field"],
                )
            )

    def apply(self, reading, at, subject, last, failures):
        """Return the writes that a reading gives: ``{"model", "id" | "domain", "values"}``.

        Args:
            reading: Any JSON.
            at: When it was measured, in seconds since 1970.
            subject: The device.
            last: What rules with a condition have let pass last, [value, at] by key; changed.
            failures: Takes (code, sentence) for what goes wrong.
        """
        writes = {}
        for rule in self._rules:
            try:
                value = rule.read(reading)
                if value is None:
                    if rule.is_required:
                        failures.append(("missing-value", f"{rule.label}: the value is missing"))
                    continue
                head = _head(rule, value, subject)
                if rule.condition is not None:
                    before = last.get(rule.key)
                    if before is not None and not rule.condition.passes(*before, value, at):
                        continue
                    last[rule.key] = [value, at]
            except BadValueError as error:
                failures.append((error.code, f"{rule.label}: {error}"))
                continue
            # Values that go to the same records are one write.
            key = repr(head)
            writes.setdefault(key, {**head, "values": {}})["values"][rule.field] = value
        return list(writes.values())


def _head(rule, value, subject):
    """Return which records a value goes to."""
    if rule.domain:
        if rule.by_value and isinstance(value, list | dict):
            raise BadValueError("no-target", value, "is a list or an object, and cannot stand in a domain")
        filled = fill(rule.domain, {"device": subject.device, "serial": subject.serial, "value": value})
        return {"model": rule.model, "domain": filled}
    if subject.business is None:
        raise BadValueError("no-target", subject.device, "has no business object, and the rule has no domain")
    model, res_id = subject.business
    if rule.model not in {"", model}:
        raise BadValueError(
            "no-target", subject.device, f"stands for a {model}, not for a {rule.model}, and the rule has no domain"
        )
    return {"model": model, "id": res_id}
