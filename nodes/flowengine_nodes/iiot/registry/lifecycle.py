"""Which way a device may go through its life."""

from collections.abc import Mapping
from typing import Final

from flowengine.node import NodeError
from flowengine_nodes.iiot.registry.device import Lifecycle

MOVES: Final[Mapping[Lifecycle, frozenset[Lifecycle]]] = {
    Lifecycle.DRAFT: frozenset({Lifecycle.PAIRED, Lifecycle.ACTIVE, Lifecycle.SUSPENDED, Lifecycle.RETIRED}),
    # Back to draft when its credentials are withdrawn.
    Lifecycle.PAIRED: frozenset({Lifecycle.DRAFT, Lifecycle.ACTIVE, Lifecycle.SUSPENDED, Lifecycle.RETIRED}),
    Lifecycle.ACTIVE: frozenset({Lifecycle.DRAFT, Lifecycle.PAIRED, Lifecycle.SUSPENDED, Lifecycle.RETIRED}),
    # Back only by resuming: whoever pairs or reports meanwhile must not end a suspension by that.
    Lifecycle.SUSPENDED: frozenset({Lifecycle.RETIRED}),
    Lifecycle.RETIRED: frozenset(),
}
"""Where a device may go from where it is; resuming takes a suspended one back to where it was."""

_ADVICE: Final = {
    Lifecycle.SUSPENDED: "resume it first",
    Lifecycle.RETIRED: "a retired device stays so; remove it and add it anew if it is to come back",
}


class LifecycleError(NodeError):
    """A device cannot go there from where it is in its life.

    Args:
        device: Its id.
        is_now: Where it is.
        wanted: Where it was to go.
    """

    def __init__(self, device: str, is_now: Lifecycle, wanted: Lifecycle) -> None:
        advice = _ADVICE.get(is_now, f"it may become {' or '.join(sorted(MOVES[is_now]))}")
        super().__init__(
            f'the device "{device}" is {is_now} and cannot become {wanted}; {advice}', code="device-lifecycle"
        )
        self.device = device
        self.is_now = is_now
        self.wanted = wanted


class NotSuspendedError(NodeError):
    """A device cannot resume: it is not suspended.

    Args:
        device: Its id.
        is_now: Where it is in its life.
    """

    def __init__(self, device: str, is_now: Lifecycle) -> None:
        super().__init__(f'the device "{device}" is not suspended, it is {is_now}', code="device-not-suspended")
        self.device = device
        self.is_now = is_now


def check_move(device: str, is_now: Lifecycle, wanted: Lifecycle) -> None:
    """Check that a device may go somewhere; staying where it is is always allowed.

    Args:
        device: Its id.
        is_now: Where it is.
        wanted: Where it is to go.

    Raises:
        LifecycleError: It may not.
    """
    if wanted is not is_now and wanted not in MOVES[is_now]:
        raise LifecycleError(device, is_now, wanted)
