"""API keys, as hashes."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select, update

from flowengine.node import Clock, Database
from flowengine_nodes.iiot.embedded.api_key_rows import api_key, api_key_of
from flowengine_nodes.iiot.registry.api_key import ApiKey, KeyText
from flowengine_nodes.iiot.registry.errors import DuplicateRecordError, UnknownRecordError


class EmbeddedApiKeys:
    """All API keys.

    Args:
        database: Where they are.
        clock: Tells when they are made and revoked.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(
        self, name: str, scopes: Sequence[str], expires_at: float | None, who: str, *, text: KeyText | None = None
    ) -> tuple[ApiKey, KeyText]:
        """Store a new key, and return it once.

        Raises:
            DuplicateRecordError: A key that is not revoked has the name.
        """
        made = text or KeyText.generate()
        now = self._clock.time()
        values = {
            "id": made.id,
            "name": name,
            "scopes": " ".join(scopes),
            "digest": made.digest,
            "created_at": now,
            "created_by": who,
            "expires_at": expires_at,
        }

        def work(connection: Connection) -> ApiKey:
            taken = select(api_key.c.id).where(api_key.c.name == name, api_key.c.revoked_at.is_(None))
            if connection.execute(taken).first() is not None:
                raise DuplicateRecordError("API key", "name", name)
            connection.execute(insert(api_key), values)
            self._database.audit(connection, who, "api-key-add", made.id, {"name": name, "scopes": [*scopes]})
            return _get(connection, made.id)

        return await self._database.write(work), made

    async def get(self, id: str) -> ApiKey:
        """Return a key by its public part.

        Raises:
            UnknownRecordError: There is none.
        """
        return await self._database.read(lambda connection: _get(connection, id))

    async def list(self) -> Sequence[ApiKey]:
        """Return all keys, oldest first."""
        query = select(api_key).order_by(api_key.c.created_at, api_key.c.id)
        return await self._database.read(lambda connection: [api_key_of(row) for row in connection.execute(query)])

    async def exist(self) -> bool:
        """Tell whether there has ever been a key."""
        query = select(api_key.c.id).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def revoke(self, id: str, who: str) -> ApiKey:
        """Let a key open nothing any more; one that is revoked stays so.

        Raises:
            UnknownRecordError: There is none.
        """
        statement = (
            update(api_key)
            .where(api_key.c.id == id, api_key.c.revoked_at.is_(None))
            .values(revoked_at=self._clock.time())
        )

        def work(connection: Connection) -> ApiKey:
            if connection.execute(statement).rowcount:
                self._database.audit(connection, who, "api-key-revoke", id)
            return _get(connection, id)

        return await self._database.write(work)

    async def used(self, id: str, at: float) -> None:
        """Note that a key was used."""
        statement = update(api_key).where(api_key.c.id == id).values(used_at=at)
        await self._database.write(lambda connection: connection.execute(statement).rowcount)


def _get(connection: Connection, id: str) -> ApiKey:
    row = connection.execute(select(api_key).where(api_key.c.id == id)).first()
    if row is None:
        raise UnknownRecordError("API key", id)
    return api_key_of(row)
