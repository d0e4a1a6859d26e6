"""Node state: read from memory, durable when a change returns."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flowengine.storage import Scope, StorageBacklogError, Store

log = logging.getLogger("flowengine.state")


class ScopeValues:
    """The values of one scope, as this process last saw them.

    Args:
        store: Where they are durable.
        scope: Whose they are.
        values: What the store holds now.
    """

    def __init__(self, store: Store, scope: Scope, values: Mapping[str, Any] | None = None) -> None:
        self._store = store
        self._scope = scope
        self._values = dict(values or {})

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value."""
        return self._values.get(key, default)

    def keys(self) -> list[str]:
        """Return the names of all values."""
        return sorted(self._values)

    async def set(self, key: str, value: Any) -> None:
        """Store a value."""
        self._values[key] = value
        await self._store.state.set(self._scope, key, value)

    async def delete(self, key: str) -> None:
        """Remove a value."""
        self._values.pop(key, None)
        await self._store.state.delete(self._scope, key)

    async def update(self, key: str, function: Callable[[Any], Any], default: Any = None) -> Any:
        """Change a value atomically, across processes too."""
        value = await self._store.state.update(self._scope, key, function, default)
        self._values[key] = value
        return value

    def set_later(self, key: str, value: Any) -> None:
        """Store a value without waiting."""
        self._values[key] = value
        try:
            self._store.state.set_nowait(self._scope, key, value, self._stored)
        except StorageBacklogError as error:
            self._stored(error)

    def _stored(self, error: BaseException | None) -> None:
        if error is not None:
            log.error("state of %s could not be stored: %s", "/".join(self._scope) or "all flows", error)


class StateCache:
    """The values that the nodes of one flow see.

    Args:
        store: Where they are durable.
        flow: Id of the flow.
        everybody: Values of all flows.
    """

    def __init__(self, store: Store, flow: str, everybody: ScopeValues) -> None:
        self._store = store
        self._flow_id = flow
        self._everybody = everybody
        self._flow = ScopeValues(store, Scope(flow))
        self._nodes: dict[str, ScopeValues] = {}

    async def load(self) -> None:
        """Read what the store holds."""
        found = await self._store.state.load_flow(self._flow_id)
        self._flow = ScopeValues(self._store, Scope(self._flow_id), found.pop("", {}))
        self._nodes = {
            node: ScopeValues(self._store, Scope(self._flow_id, node), values) for node, values in found.items()
        }

    def views(self, node: str) -> tuple[ScopeValues, ScopeValues, ScopeValues]:
        """Return the values of a node, of its flow and of all flows."""
        own = self._nodes.get(node)
        if own is None:
            own = self._nodes[node] = ScopeValues(self._store, Scope(self._flow_id, node))
        return own, self._flow, self._everybody
