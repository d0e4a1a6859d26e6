"""Where API keys are kept."""

from collections.abc import Sequence
from typing import Protocol

from flowengine_nodes.iiot.registry.api_key import ApiKey, KeyText


class ApiKeys(Protocol):
    """All API keys."""

    async def add(
        self, name: str, scopes: Sequence[str], expires_at: float | None, who: str, *, text: KeyText | None = None
    ) -> tuple[ApiKey, KeyText]:
        """Store a new key, and return it once.

        Args:
            name: Who holds it.
            scopes: What it opens.
            expires_at: When it opens nothing any more; ``None`` for never.
            who: For the audit trail.
            text: The key, where a test chooses it.

        Raises:
            DuplicateRecordError: A key that is not revoked has the name.
        """
        ...

    async def get(self, id: str) -> ApiKey:
        """Return a key by its public part.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        ...

    async def exist(self) -> bool:
        """Tell whether there has ever been a key."""
        ...

    async def revoke(self, id: str, who: str) -> ApiKey:
        """Let a key open nothing any more; one that is revoked stays so.

        Raises:
            UnknownRecordError: There is none.
        """
        ...

    async def used(self, id: str, at: float) -> None:
        """Note that a key was used."""
