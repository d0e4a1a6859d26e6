"""What a user may have meant by an id that the registry does not know."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from difflib import get_close_matches

from flowengine.errors import FlowEngineError
from flowengine_nodes.iiot.embedded.groups import EmbeddedGroups
from flowengine_nodes.iiot.registry.devices import DeviceFilter
from flowengine_nodes.iiot.registry.errors import UnknownRecordError

_LOOK_THROUGH = 2_000
RULE = "automation rule"


class NotThereError(FlowEngineError):
    """A command names a record that is not there.

    Args:
        kind: What it would be, in a user's words.
        id: Its id.
        similar: Ids that are there and may be meant.
    """

    code = "no-such-record"

    def __init__(self, kind: str, id: str, similar: Iterable[str]) -> None:
        self.kind = kind
        self.id = id
        self.similar = tuple(similar)
        super().__init__(kind, id, self.similar)

    def __str__(self) -> str:
        said = f'there is no {self.kind} "{self.id}"'
        if self.similar:
            meant = " or ".join(f'"{one}"' for one in self.similar)
            return f"{said}; did you mean {meant}?"
        command = "automation" if self.kind == RULE else self.kind
        return f"{said}; see which there are with: flowengine {command} list"


@asynccontextmanager
async def suggesting(registry: EmbeddedGroups) -> AsyncIterator[None]:
    """Say what may be meant when a device, a profile or an automation rule is not there.

    Args:
        registry: Where it is looked for.

    Raises:
        NotThereError: In place of an :class:`UnknownRecordError` of one of these.
    """
    try:
        yield
    except UnknownRecordError as error:
        if error.kind == "profile":
            similar = get_close_matches(error.id, [one.id for one in await registry.profiles.list()], n=1)
        elif error.kind == "device":
            similar = await _similar_devices(registry, error.id)
        elif error.kind == RULE:
            similar = get_close_matches(error.id, [one.id for one in await registry.automations.list()], n=1)
        else:
            raise
        raise NotThereError(error.kind, error.id, similar) from None


async def _similar_devices(registry: EmbeddedGroups, id: str) -> list[str]:
    owner = await registry.devices.find(id)
    if owner is not None:
        # The serial was given for the id.
        return [owner.id]
    containing = await registry.devices.list(DeviceFilter(text=id), limit=3)
    if containing:
        return [one.id for one in containing]
    some = await registry.devices.list(DeviceFilter(), limit=_LOOK_THROUGH)
    return get_close_matches(id, [one.id for one in some], n=1)
