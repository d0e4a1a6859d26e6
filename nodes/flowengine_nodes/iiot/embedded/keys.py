"""The registry's secret keys: from its settings, or made once and kept in the store."""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Double, Table, Text, select

from flowengine.node import NodeError
from flowengine_nodes.iiot.embedded.schema import inserting, metadata
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys

VARIABLE = "IIOT_SECRET_KEY"
_MADE = "made"

table = Table(
    "iiot_key",
    metadata,
    # The id of a key that the settings gave, or "made" for the one that is kept here.
    Column("name", Text, primary_key=True),
    Column("secret", Text),
    Column("created_at", Double, nullable=False),
)


class MissingKeyError(NodeError):
    """The registry was used with a secret key that the settings do not name any more."""

    def __init__(self) -> None:
        super().__init__(
            f"the registry was used with a secret key that is not given now; set {VARIABLE} to what it was,"
            " since tokens and passwords of devices were made with it",
            code="missing-key",
        )


class StrangeKeyError(NodeError):
    """A command was given a secret key that the engine does not use."""

    def __init__(self) -> None:
        super().__init__(
            f"the engine uses another secret key than {VARIABLE} says here; set it to the same for both",
            code="strange-key",
        )


def opening_keys(text: str, now: float, *, may_add: bool) -> Callable[[Connection], SecretKeys]:
    """Return work that finds out the keys, and notes which there are.

    Args:
        text: Keys of the settings, newest first; empty for the one that is kept in the store.
        now: Time to note.
        may_add: Whether a key may be new; a command must have the key of the engine.

    Raises:
        ShortKeyError: A key is too short.
    """
    given = SecretKeys.parse(text)

    def work(connection: Connection) -> SecretKeys:
        rows = {row.name: row.secret for row in connection.execute(select(table))}
        made = rows.pop(_MADE, None)
        if not given.ids:
            if rows:
                raise MissingKeyError
            return SecretKeys([made or _make(connection, now)])
        if not may_add and (rows or made is not None) and given.newest not in rows:
            raise StrangeKeyError
        for id in given.ids:
            _insert(connection, id, None, now)
        return SecretKeys.parse(f"{text} {made or ''}")

    return work


def _make(connection: Connection, now: float) -> str:
    _insert(connection, _MADE, SecretKeys.generate(), now)
    # Another process may have been first.
    kept: str = connection.execute(select(table.c.secret).where(table.c.name == _MADE)).scalar_one()
    return kept


def _insert(connection: Connection, name: str, secret: str | None, now: float) -> None:
    statement = inserting(connection.dialect.name, table).values(name=name, secret=secret, created_at=now)
    connection.execute(statement.on_conflict_do_nothing())
