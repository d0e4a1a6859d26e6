"""Operations that node packs add to the admin API."""

import logging
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from flowengine.errors import FlowEngineError
from flowengine.server.endpoint import Endpoint

ENTRY_POINTS: Final = "flowengine.endpoints"
PREFIX: Final = "/admin/api/"
log = logging.getLogger("flowengine.api")


class PackEndpointsError(FlowEngineError):
    """What a node pack offers cannot be added to the API.

    Args:
        name: Name of its entry point.
        place: Where it was to come from.
        reason: What is wrong.
    """

    code = "pack-endpoints"

    def __init__(self, name: str, place: str, reason: str) -> None:
        super().__init__(name, place, reason)
        self.name = name
        self.place = place
        self.reason = reason

    def __str__(self) -> str:
        return f'the endpoints "{self.name}" of {self.place} are left out: {self.reason}; repair or remove the pack'


def pack_endpoints(known: Sequence[Endpoint]) -> list[Endpoint]:
    """Return what all installed node packs add; what is wrong with one is logged, and all of it left out.

    Args:
        known: The operations that are there already.
    """
    found: list[Endpoint] = []
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda one: one.name):
        try:
            found += checked(entry, [*known, *found])
        except PackEndpointsError as error:
            log.error("%s", error)  # noqa: TRY400 - the sentence says it all
    return found


def checked(entry: EntryPoint, known: Iterable[Endpoint]) -> list[Endpoint]:
    """Return what one node pack adds.

    Args:
        entry: Names a sequence of :class:`Endpoint`.
        known: The operations that are there already.

    Raises:
        PackEndpointsError: It cannot be loaded, or does not fit beside the others.
    """
    try:
        offered = list(entry.load())
    except Exception as error:
        raise PackEndpointsError(entry.name, entry.value, f"{type(error).__name__}: {error}") from error
    taken = {(one.method, one.path) for one in known}
    for one in offered:
        if not isinstance(one, Endpoint):
            raise PackEndpointsError(entry.name, entry.value, f"{one!r} is no Endpoint")
        if not one.path.startswith(PREFIX) or one.role is None:
            raise PackEndpointsError(entry.name, entry.value, f"{one.path} must be below {PREFIX} and ask for a role")
        if (one.method, one.path) in taken:
            raise PackEndpointsError(entry.name, entry.value, f"{one.method} {one.path} is there already")
        taken.add((one.method, one.path))
    return offered
