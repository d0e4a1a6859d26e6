"""A node's world as expressions see it."""

from datetime import UTC, datetime
from typing import Any

from flowengine.expressions import MISSING
from flowengine.expressions.scope import StateScope
from flowengine.node.context import Context


class NodeScope:
    """The variables, the state and the time of one node, for the expressions in its configuration.

    Args:
        context: The node's world.
    """

    def __init__(self, context: Context) -> None:
        self._env = context.env
        self._states = {"node": context.state, "flow": context.flow_state, "global": context.global_state}
        self._clock = context.clock

    def env(self, name: str) -> Any:
        """Return a variable, or ``MISSING``."""
        return self._env.get(name, MISSING)

    def state(self, scope: StateScope, key: str) -> Any:
        """Return a stored value, or ``MISSING``."""
        return self._states[scope].get(key, MISSING)

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.fromtimestamp(self._clock.time(), UTC)
