"""The store's database as others see it, who keep tables of their own in it."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from flowengine.storage.audit import Audit
from flowengine.storage.database import Database, Work
from flowengine.storage.writer import Writer

T = TypeVar("T")


class Tables:
    """Run others' work in the store's database.

    Args:
        database: Where the tables are.
        writer: Commits writes together with all others.
        audit: The audit trail.

    Attributes:
        place: File or address, without the password, for errors.
        shared: Whether other processes may change it.
    """

    def __init__(self, database: Database, writer: Writer, audit: Audit) -> None:
        self.place = database.place
        self.shared = database.shared
        self._database = database
        self._writer = writer
        self._audit = audit

    async def write(self, work: Work[T]) -> T:
        """Run work in a transaction and return its answer when it is on disk.

        Raises:
            StorageError: It is not on disk.
        """
        return await self._writer.call(work)

    async def read(self, work: Work[T]) -> T:
        """Run work that only reads.

        Raises:
            StorageError: The database failed.
        """
        return await self._database.read(work)

    def audit(self, connection: Connection, who: str, what: str, subject: str, detail: Any = None) -> None:
        """Add a record to the audit trail, in the transaction of some work.

        Args:
            connection: What the work was given.
            who: User, token, device or part of the system.
            what: The action, as a word.
            subject: What it was done to.
            detail: JSON: facts, and the result.
        """
        self._audit.add(connection, who, what, subject, detail)

    def audit_many(self, connection: Connection, who: str, done: Sequence[tuple[str, str, Any]]) -> None:
        """Add many records to the audit trail at once, in the transaction of some work.

        Args:
            connection: What the work was given.
            who: User, token, device or part of the system.
            done: The action, what it was done to, and the detail, of each.
        """
        self._audit.add_many(connection, who, done)
