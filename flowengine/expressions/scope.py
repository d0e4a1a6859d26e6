"""What an expression can see besides the message."""

from datetime import datetime
from typing import Any, Final, Literal, Protocol, TypeAlias, get_args

StateScope: TypeAlias = Literal["node", "flow", "global"]
"""Who shares a state value: one node, the nodes of one flow, or all flows."""

STATE_SCOPES: Final[tuple[str, ...]] = get_args(StateScope)


class Scope(Protocol):
    """The surroundings of one evaluation; each read is immediate."""

    def env(self, name: str) -> Any:
        """Return an environment value, the flow's own first, or ``MISSING``."""
        ...

    def state(self, scope: StateScope, key: str) -> Any:
        """Return a stored value, or ``MISSING``."""
        ...

    def now(self) -> datetime:
        """Return the time by the injected clock, with its zone."""
        ...
