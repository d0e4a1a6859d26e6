"""Users: who may come in with a password, and what they may do."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from flowengine.errors import FlowEngineError
from flowengine.storage import schema
from flowengine.storage.database import Database
from flowengine.storage.writer import Writer

ADMIN = "admin"
_table = schema.user
_session = schema.session


class User(NamedTuple):
    """Somebody with a password.

    Args:
        name: Short name, in lower case.
        role: What they may do, as a word.
        password: Hash of the password.
        created_at: When they were added, in seconds since 1970.
        seen_at: When they last signed in; ``None`` for never.
    """

    name: str
    role: str
    password: str
    created_at: float
    seen_at: float | None


class UserExistsError(FlowEngineError):
    """A user was to be added who is there already.

    Args:
        name: The user.
    """

    code = "user-exists"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'there is a user "{self.name}" already; choose another name, or change their role or password'


class UnknownUserError(FlowEngineError):
    """There is no such user.

    Args:
        name: The user.
    """

    code = "unknown-user"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'there is no user "{self.name}"'


class AdminNeededError(FlowEngineError):
    """There would be users, but no admin among them: nobody could change that any more.

    Args:
        name: The user.
    """

    code = "admin-needed"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'"{self.name}" must be admin, because no other user is one; make somebody else admin first'


class Users:
    """Users by name. Where there are any, one of them at least is admin.

    Args:
        database: Where they are.
        writer: Commits them.
        clock: Wall clock, in seconds.
    """

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], float]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock

    async def exist(self) -> bool:
        """Tell whether there is any."""
        query = select(_table.c.name).limit(1)
        return await self._database.read(lambda connection: connection.execute(query).first() is not None)

    async def list(self) -> Sequence[User]:
        """Return all, by name."""
        query = select(_table).order_by(_table.c.name)
        return await self._database.read(lambda connection: [User(*row) for row in connection.execute(query)])

    async def find(self, name: str) -> User | None:
        """Return a user, or ``None`` for nobody.

        Args:
            name: Their name.
        """
        query = select(_table).where(_table.c.name == name)
        row = await self._database.read(lambda connection: connection.execute(query).one_or_none())
        return User(*row) if row is not None else None

    async def add(self, name: str, role: str, password: str) -> None:
        """Add a user.

        Args:
            name: Their name.
            role: What they may do.
            password: Hash of their password.

        Raises:
            UserExistsError: There is one of that name.
            AdminNeededError: The first one is no admin.
            StorageError: It is not stored.
        """
        row = {"name": name, "role": role, "password": password, "created_at": self._clock()}

        def work(connection: Connection) -> None:
            if _role(connection, name) is not None:
                raise UserExistsError(name)
            connection.execute(insert(_table).values(row))
            _check_admin(connection, name)

        await self._writer.call(work)

    async def change(self, name: str, *, role: str | None = None, password: str | None = None) -> None:
        """Give a user another role or password; another password ends their sessions.

        Args:
            name: The user.
            role: The role; ``None`` to leave it.
            password: Hash of the password; ``None`` to leave it.

        Raises:
            UnknownUserError: There is no such user.
            AdminNeededError: Nobody would be admin.
            StorageError: It is not stored.
        """
        wanted = {"role": role, "password": password}
        values = {column: value for column, value in wanted.items() if value is not None}

        def work(connection: Connection) -> None:
            if _role(connection, name) is None:
                raise UnknownUserError(name)
            if values:
                connection.execute(update(_table).where(_table.c.name == name).values(values))
            if password is not None:
                _end_sessions(connection, name)
            _check_admin(connection, name)

        await self._writer.call(work)

    async def remove(self, name: str) -> None:
        """Remove a user and end their sessions.

        Args:
            name: The user.

        Raises:
            UnknownUserError: There is no such user.
            AdminNeededError: Users would be left, but no admin.
            StorageError: It is not stored.
        """

        def work(connection: Connection) -> None:
            if connection.execute(delete(_table).where(_table.c.name == name)).rowcount == 0:
                raise UnknownUserError(name)
            _end_sessions(connection, name)
            _check_admin(connection, name)

        await self._writer.call(work)

    async def note_sign_in(self, name: str) -> None:
        """Keep that somebody has signed in now.

        Args:
            name: The user.
        """
        note = update(_table).where(_table.c.name == name).values(seen_at=self._clock())
        await self._writer.call(lambda connection: connection.execute(note).rowcount)


def _role(connection: Connection, name: str) -> str | None:
    return connection.execute(select(_table.c.role).where(_table.c.name == name)).scalar_one_or_none()


def _check_admin(connection: Connection, name: str) -> None:
    # The row is locked on PostgreSQL, so that two admins cannot demote each other at the same time.
    roles = connection.execute(select(_table.c.role).with_for_update()).scalars().all()
    if roles and ADMIN not in roles:
        raise AdminNeededError(name)


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(_session).where(_session.c.kind == "user", _session.c.subject == name))
