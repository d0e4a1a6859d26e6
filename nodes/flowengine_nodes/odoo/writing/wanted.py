"""What messages want written."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from flowengine.node import NodeError, excerpt

Record = tuple[str, int]
"""A record of Odoo: its model and its id."""


class Wanted(NamedTuple):
    """Values that some records shall have.

    Args:
        model: Model of the records.
        ids: The records; ``None`` where a domain says which.
        domain: Which records otherwise.
        values: Values by field.
        device: Device that they are of, where they are of one.
        at: When they were measured, as the message says it; empty where it does not.
    """

    model: str
    ids: tuple[int, ...] | None
    domain: Sequence[Any] | None
    values: Mapping[str, Any]
    device: str = ""
    at: str = ""

    @property
    def key(self) -> bytes:
        """The domain as text, by which it is remembered."""
        return orjson.dumps(self.domain)

    def described(self) -> dict[str, Any]:
        """Return it as ``writes`` has it."""
        if self.ids is None:
            return {"model": self.model, "domain": self.domain, "values": self.values}
        which = {"id": self.ids[0]} if len(self.ids) == 1 else {"ids": list(self.ids)}
        return {"model": self.model, **which, "values": self.values}


def wanted_of(given: Any, *, device: str = "", at: str = "") -> Wanted:
    """Return what one object of a message wants.

    Args:
        given: ``{"model", "id" | "ids" | "domain", "values"}``.
        device: Device that it is of.
        at: When the values were measured.

    Raises:
        NodeError: It is no such object (``invalid-write``).
    """
    if not isinstance(given, dict):
        raise _invalid(f"{excerpt(given, 60)!r} is no object with model, id or domain, and values")
    model, values = given.get("model"), given.get("values")
    if not isinstance(model, str) or not model:
        raise _invalid("it names no model")
    if not isinstance(values, dict) or not values:
        raise _invalid(f"it has no values for {model}")
    if "domain" in given:
        domain = given["domain"]
        if not isinstance(domain, list) or not domain:
            raise _invalid(f"its domain for {model} must be a list that is not empty")
        return Wanted(model, None, domain, values, device, at)
    found = given.get("ids", given.get("id"))
    ids: tuple[Any, ...] = tuple(found) if isinstance(found, list) else (found,)
    if not ids or any(id.__class__ is not int or id < 1 for id in ids):
        raise _invalid(f"it says neither by an id, a whole number from 1, nor by a domain which {model} is meant")
    return Wanted(model, ids, None, values, device, at)


def _invalid(reason: str) -> NodeError:
    return NodeError(f"the message cannot be written to Odoo: {reason}", code="invalid-write")
