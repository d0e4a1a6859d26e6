"""Secrets as one pass of lint sees them."""

from flowengine.errors import FlowEngineError
from flowengine.flow.environment import SecretReader

SecretFact = tuple[str, bool]
"""A secret, or the reason why it cannot be read; and whether it can."""


class SecretCache:
    """Read each secret at most once.

    Args:
        read: Reads one; None where there is no store.
    """

    def __init__(self, read: SecretReader | None = None) -> None:
        self._read = read
        self._known: dict[str, str | FlowEngineError] = {}

    @property
    def reader(self) -> SecretReader | None:
        """What resolves references to secrets, if there is a store."""
        return self._get if self._read else None

    def fact(self, name: str) -> SecretFact:
        """Return what is known of a secret, to see whether it has changed."""
        try:
            return self._get(name), True
        except FlowEngineError as error:
            return str(error), False

    def _get(self, name: str) -> str:
        if name not in self._known:
            try:
                self._known[name] = self._read(name) if self._read else ""
            except FlowEngineError as error:
                self._known[name] = error
        found = self._known[name]
        if isinstance(found, FlowEngineError):
            raise found
        return found
