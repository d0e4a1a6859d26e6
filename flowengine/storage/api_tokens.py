"""API tokens: what programs come in with. Only digests of them are kept."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.writer import Writer

_table = schema.api_token
_shown = [column for column in _table.c if column.name != "digest"]


class ApiToken(NamedTuple):
    """A program's way in, without the token itself.

    Args:
        id: Its id.
        name: What it is for.
        role: What it may do, as a word.
        owner: Who made it.
        created_at: When, in seconds since 1970.
        expires_at: When it ends; ``None`` for never.
        seen_at: When it was last used, give or take some minutes; ``None`` for never.
    """

    id: str
    name: str
    role: str
    owner: str
    created_at: float
    expires_at: float | None
    seen_at: float | None


class ApiTokens:
    """Tokens by id and by digest.

    Args:
        database: Where they are.
        writer: Commits them.
        clock: Wall clock, in seconds.
    """

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], float]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def list(self) -> Sequence[ApiToken]:
        """Return all, newest first."""
        query = select(*_shown).order_by(_table.c.created_at.desc(), _table.c.id)
        return await self._database.read(lambda connection: [ApiToken(*row) for row in connection.execute(query)])

    async def find(self, digest: str) -> ApiToken | None:
        """Return a token, or ``None``.

        Args:
            digest: Of the token.
        """
        query = select(*_shown).where(_table.c.digest == digest)
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        return ApiToken(*row) if row is not None else None

    async def add(self, token: ApiToken, digest: str) -> None:
        """Add a token.

        Args:
            token: About it.
            digest: Of the token itself.

        Raises:
            StorageError: It is not stored.
        """
        entry = insert(_table).values(**token._asdict(), digest=digest)
        await self._writer.call(lambda connection: connection.execute(entry).rowcount)

    async def note_seen(self, id: str) -> None:
        """Keep that a token has been used now.

        Args:
            id: Its id.
        """
        note = update(_table).where(_table.c.id == id).values(seen_at=self._clock())
        await self._writer.call(lambda connection: connection.execute(note).rowcount)

    async def remove(self, id: str) -> bool:
        """Remove a token; what was begun with it ends.

        Args:
            id: Its id.

        Returns:
            Whether there was one.
        """
        removal = delete(_table).where(_table.c.id == id)
        return await self._writer.call(lambda connection: connection.execute(removal).rowcount == 1)
