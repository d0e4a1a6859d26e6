"""Sessions: who is signed in. Only a digest of what a browser holds is kept."""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.writer import Writer

_table = schema.session
_user = schema.user
_token = schema.api_token
LONGEST: Final = 7 * 86_400.0
"""Seconds after which a session ends, however much it is used."""
IDLE: Final = 12 * 3600.0
"""Seconds without a request after which it ends."""
Kind = Literal["user", "token", "admin-token"]


class Session(NamedTuple):
    """Somebody who is signed in.

    Args:
        kind: With what they came in.
        subject: Name of a user, id of an API token, or digest of the admin token.
        seen_at: When they last asked for something, in seconds since 1970, give or take some minutes.
        name: Who they are; empty for the admin token.
        role: What they may do now; empty for the admin token.
    """

    kind: Kind
    subject: str
    seen_at: float
    name: str
    role: str


class Sessions:
    """Sessions by digest.

    Args:
        database: Where they are.
        writer: Commits them.
        clock: Wall clock, in seconds.
    """

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], float]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def begin(self, digest: str, kind: Kind, subject: str) -> None:
        """Begin a session, and forget those that have ended.

        Args:
            digest: Of what the browser holds.
            kind: With what they came in.
            subject: Name of a user, id of an API token, or digest of the admin token.

        Raises:
            StorageError: It is not stored.
        """
        now = self._clock()
        row = {"digest": digest, "kind": kind, "subject": subject, "created_at": now, "seen_at": now}

        def work(connection: Connection) -> None:
            ended = or_(_table.c.created_at < now - LONGEST, _table.c.seen_at < now - IDLE)
            connection.execute(delete(_table).where(ended))
            connection.execute(insert(_table).values(row))

        await self._writer.call(work)

    async def find(self, digest: str) -> Session | None:
        """Return a session that has not ended and whose user or token is still there, or ``None``.

        Args:
            digest: Of what the browser holds.
        """
        now = self._clock()
        query = (
            select(
                *(_table.c.kind, _table.c.subject, _table.c.seen_at),
                *(_user.c.role.label("user_role"), _token.c.name, _token.c.role),
            )
            .outerjoin(_user, and_(_table.c.kind == "user", _user.c.name == _table.c.subject))
            .outerjoin(_token, and_(_table.c.kind == "token", _token.c.id == _table.c.subject))
            .where(_table.c.digest == digest, _table.c.created_at >= now - LONGEST, _table.c.seen_at >= now - IDLE)
            .where(or_(_token.c.expires_at.is_(None), _token.c.expires_at > now))
        )
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            return None
        if row.kind == "user":
            return Session("user", row.subject, row.seen_at, row.subject, row.user_role) if row.user_role else None
        if row.kind == "token":
            return Session("token", row.subject, row.seen_at, row.name, row.role) if row.role else None
        return Session("admin-token", row.subject, row.seen_at, "", "")

    async def note_seen(self, digest: str) -> None:
        """Keep that somebody has asked for something now.

        Args:
            digest: Of what the browser holds.
        """
        note = update(_table).where(_table.c.digest == digest).values(seen_at=self._clock())
        await self._writer.call(lambda connection: connection.execute(note).rowcount)

    async def end(self, digest: str) -> None:
        """End a session; harmless where there is none.

        Args:
            digest: Of what the browser holds.
        """
        removal = delete(_table).where(_table.c.digest == digest)
        await self._writer.call(lambda connection: connection.execute(removal).rowcount)
