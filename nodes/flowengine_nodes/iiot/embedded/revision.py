"""The number that every change of a profile or device raises, by which rosters see that they are behind."""

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, insert, select, update

from flowengine_nodes.iiot.embedded.schema import Id, metadata, replacing

revision = Table(
    "iiot_revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
)

removal = Table(
    "iiot_removal",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    Column("revision", BigInteger, nullable=False, index=True),
)
"""What was removed, so that rosters forget it too."""

_read = select(revision.c.revision)
_raise = update(revision).values(revision=revision.c.revision + 1).returning(revision.c.revision)


def raise_revision(connection: Connection) -> int:
    """Take the next revision, for rows that are about to change.

    Call it before anything else is changed: its row stays locked until the commit, so that revisions become visible
    in their order, and no two transactions wait for each other.

    Args:
        connection: Connection inside the transaction of the change.
    """
    raised: int | None = connection.execute(_raise).scalar()
    if raised is None:
        connection.execute(insert(revision).values(id=1, revision=1))
        return 1
    return raised


def current_revision(connection: Connection) -> int:
    """Return the newest revision that is visible."""
    found: int | None = connection.execute(_read).scalar()
    return found or 0


def note_removal(connection: Connection, kind: str, id: str, at: int) -> None:
    """Note that something was removed.

    Args:
        connection: Connection inside the transaction of the removal.
        kind: "profile" or "device".
        id: Its id.
        at: Revision of the removal.
    """
    connection.execute(replacing(connection.dialect.name, removal), {"kind": kind, "id": id, "revision": at})
