"""The tables that say how far a copy of another system's records has come, and what of it could not be taken over."""

from sqlalchemy import Column, Connection, Double, Integer, Table, Text, delete, select

from flowengine_nodes.iiot.embedded.schema import Id, metadata

copy_table = Table(
    "iiot_copy",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # Which database the records are of.
    Column("source", Text, nullable=False),
    # Where the next look begins; as JSON of the source's own.
    Column("cursor", Text, nullable=False),
    Column("taken_at", Double, nullable=False),
)

unfit_table = Table(
    "iiot_copy_unfit",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Id, primary_key=True),
    # The record as it came; none for one that is to be removed.
    Column("document", Text),
    Column("why", Text, nullable=False),
)
"""What came and does not fit, to be tried again with what comes next."""

order_table = Table(
    "iiot_copy_order",
    metadata,
    # Idempotency key of what is asked for.
    Column("id", Text, primary_key=True),
    Column("document", Text, nullable=False),
)
"""Updates that the source wants, until their request has been taken."""


def is_copy(connection: Connection) -> bool:
    """Tell whether the registry's records are a copy of another system's."""
    return connection.execute(select(copy_table.c.id)).first() is not None


def own_records(connection: Connection) -> None:
    """Let the records be the engine's own from now on, within a transaction."""
    for table in (copy_table, unfit_table, order_table):
        connection.execute(delete(table))
