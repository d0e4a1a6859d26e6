"""What all tables of the registry share: their metadata, the types of their columns, and inserting or replacing.

A group's module declares its tables with it: those that know of a device with
``ForeignKey("iiot_device.id", ondelete="CASCADE")``, so that nothing of it stays behind when it is removed.
:mod:`flowengine_nodes.iiot.embedded.groups` brings all of them together, and the migrations make them: after a change,
run ``scripts/generate-registry-migration``.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Insert, MetaData, Table, Text
from sqlalchemy.dialects import postgresql, sqlite

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables of the registry; their names begin with ``iiot_``."""

Id = Text().with_variant(Text(collation="C"), "postgresql")
"""Type of columns that pages are sorted by: in the same order on both databases, whatever the server's language."""


def asked_by(column: Column[str], who: str) -> ColumnElement[bool]:
    """Return the condition that somebody has asked.

    Args:
        column: Who has asked.
        who: Who is meant; with a colon at its end, anybody whose name begins so.
    """
    return column.startswith(who, autoescape=True) if who.endswith(":") else column == who


def inserting(dialect: str, table: Table) -> Any:
    """Return an insert that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``.

    Args:
        dialect: Name of the connection's dialect.
        table: Where to.
    """
    return (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)


def replacing(dialect: str, table: Table, *columns: str) -> Insert:
    """Return an insert that overwrites columns of a row whose primary key is there already.

    Args:
        dialect: Name of the connection's dialect.
        table: Where to.
        columns: Names of the columns that are overwritten; all but the primary key if none are named.
    """
    statement = inserting(dialect, table)
    keys: Sequence[str] = [column.name for column in table.primary_key]
    names = columns or tuple(column.name for column in table.c if column.name not in keys)
    made: Insert = statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in names}
    )
    return made
