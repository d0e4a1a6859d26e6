"""The table of commands."""

from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, Row, Table, Text, UniqueConstraint

from flowengine_nodes.iiot.embedded.schema import Id, metadata
from flowengine_nodes.iiot.registry.command import Command, CommandState

command = Table(
    "iiot_command",
    metadata,
    # In the order in which they were asked for.
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("device", Id, ForeignKey("iiot_device.id", ondelete="CASCADE"), nullable=False),
    Column("action", Text, nullable=False),
    Column("params", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("key", Text),
    Column("digest", Text, nullable=False),
    Column("supersede", Text),
    Column("response_timeout", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Double, nullable=False),
    Column("deadline", Double),
    Column("sent_at", Double),
    Column("delivered_at", Double),
    Column("acknowledged_at", Double),
    Column("ended_at", Double),
    Column("code", Text, nullable=False),
    Column("result", Text),
    Column("revision", Integer, nullable=False),
    # The revision that was last reported.
    Column("reported", Integer, nullable=False),
    UniqueConstraint("who", "key"),
)
is_unreported = (command.c.reported < command.c.revision) & command.c.state.not_in(
    (CommandState.QUEUED.value, CommandState.SENT.value)
)
"""Whether a command has come further than was reported; that it waits or is being sent is no news."""

Index(None, command.c.device, command.c.state, command.c.number)
Index(None, command.c.device, command.c.sent_at)
Index(None, command.c.state, command.c.next_at)
Index(None, command.c.deadline)
Index(None, command.c.ended_at)
Index("ix_iiot_command_unreported", command.c.number, sqlite_where=is_unreported, postgresql_where=is_unreported)


def row_of(one: Command) -> dict[str, Any]:
    """Return the columns of a new command."""
    return {
        "id": one.id,
        "device": one.device,
        "action": one.action,
        "params": orjson.dumps(dict(one.params)).decode(),
        "payload": one.payload,
        "who": one.who,
        "source": one.source,
        "key": one.key,
        "digest": one.digest,
        "supersede": one.supersede,
        "response_timeout": one.response_timeout,
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "state": one.state.value,
        "attempts": one.attempts,
        "next_at": one.next_at,
        "deadline": one.deadline,
        "code": one.code,
        "revision": one.revision,
        "reported": 0,
    }


def command_of(row: Row[Any]) -> Command:
    """Return the command of a row."""
    return Command(
        id=row.id,
        device=row.device,
        action=row.action,
        params=orjson.loads(row.params),
        payload=row.payload,
        who=row.who,
        source=row.source,
        key=row.key,
        digest=row.digest,
        supersede=row.supersede,
        response_timeout=row.response_timeout,
        created_at=row.created_at,
        expires_at=row.expires_at,
        state=CommandState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        deadline=row.deadline,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.ended_at,
        code=row.code,
        result=None if row.result is None else orjson.loads(row.result),
        revision=row.revision,
    )
