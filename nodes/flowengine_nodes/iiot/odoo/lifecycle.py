"""Where a device is in its life, when Odoo says one thing and the bridge knows another."""

from typing import Final

from flowengine_nodes.iiot.registry.device import Lifecycle

_DECIDED: Final = frozenset({Lifecycle.DRAFT, Lifecycle.SUSPENDED, Lifecycle.RETIRED})


def merged(said: Lifecycle, known: Lifecycle, before: Lifecycle | None = None) -> Lifecycle:
    """Return where a device is.

    Whether it is a draft, suspended or retired is decided by people, in Odoo. Whether it has reported since it was
    paired is seen at the bridge first.

    Args:
        said: What Odoo says.
        known: What the bridge knows.
        before: What it was before it was suspended, if it is suspended at the bridge.
    """
    if said in _DECIDED or said is Lifecycle.ACTIVE:
        return said
    is_active = (before if known is Lifecycle.SUSPENDED else known) is Lifecycle.ACTIVE
    return Lifecycle.ACTIVE if is_active else said
