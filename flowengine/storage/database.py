"""One database behind the store: runs work in transactions, away from the event loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


class Database(ABC):
    """Where the tables are.

    Work is a plain function of a SQLAlchemy connection. It may run more than once, when an attempt was rolled
    back, and on SQLite it runs in another thread, so it touches nothing but the connection.

    Args:
        place: File or address, without a password, for errors.
    """

    #: SQLAlchemy's name of the dialect.
    dialect: str
    #: Whether only one transaction writes at a time, so that claims had better share it with everything else.
    single_writer: bool
    #: Whether other processes may change it.
    shared: bool = True
    #: Whether its disk is full, so that only what makes room, or needs little, is to be written.
    short: bool = False
    #: About how many bytes of messages may go into one transaction.
    most_bytes: int = 64 * 1024 * 1024

    def __init__(self, place: str) -> None:
        self.place = place

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Run work in the writer's transaction and commit it durably.

        Only one call at a time.

        Raises:
            StorageError: Nothing was written, unless the connection was lost while committing.
        """

    @abstractmethod
    async def transact(self, work: Work[T]) -> T:
        """Run work in a transaction of its own, beside the writer's.

        Raises:
            StorageError: The database failed.
        """

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Run work that only reads.

        Raises:
            StorageError: The database failed.
        """

    async def save(self) -> bool:
        """Free the room that is kept back, as the disk is full; return whether there is some now."""
        return False

    async def recover(self) -> bool:
        """Keep room back again, if there is enough; return whether there is."""
        return True

    @abstractmethod
    def translated(self, error: Exception) -> Exception:
        """Return our own error for one of the database's; any other error as it is."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the database."""
