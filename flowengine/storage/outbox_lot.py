"""Messages on their way into the outbox, and which of them the process that stores them may begin with at once."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from flowengine.storage.sqlite import driver

#: The rows of one lot: all messages are one value, and each row says where its own begins.
_INSERT_ALIKE = """
INSERT INTO flowengine_outbox (flow, node, key, message, meta, created_at, due_at, claimed_by)
SELECT :flow, :node, json_extract(value, '$[0]'),
    substr(:bytes, json_extract(value, '$[1]'), json_extract(value, '$[2]')),
    substr(:bytes, json_extract(value, '$[1]') + json_extract(value, '$[2]'), json_extract(value, '$[3]')),
    :now, :until, :worker
FROM json_each(:places)
"""
#: Bytes of one statement: the database takes a value of 1,000,000,000.
_MOST_ALIKE = 256 * 1024 * 1024


class Entry(NamedTuple):
    """A message for the outbox.

    Args:
        flow: Its flow.
        node: The sink that sends it.
        message: The message, encoded.
        key: Messages with the same key are sent in the order they came; empty for no order.
        meta: What the runtime keeps beside a message.
        due_at: Not before this time, in seconds since 1970; 0 for now.
    """

    flow: str
    node: str
    message: bytes
    key: str = ""
    meta: bytes = b""
    due_at: float = 0.0


class Hold(NamedTuple):
    """How a process would hold what it stores.

    Args:
        worker: The process.
        until: When the lease ends.
    """

    worker: str
    until: float


#: The values of a row, in the order of the columns that are inserted.
LotRow = tuple[str, str, str, bytes, bytes, float, float, str | None]


class Lot:
    """Messages of one sink that are stored together, or not at all.

    A process may begin with what it has just stored without asking for it, where nothing that waits comes before it:
    such a row is claimed in the transaction that stores it.

    Args:
        entries: The messages, in order, all for one sink.
        now: When they came, in seconds since 1970.
        hold: How the process would hold those that it wants to begin with.
        wanted: How many it wants at most: the first ones, due at once.
        begun: How many of these it has begun with already, and gets whatever else waits.
        asks: Whether to find out if the sink has no row that this process has not.

    Attributes:
        given: For each message the id of its row where it is claimed, else 0; set when they are stored.
        is_clear: Whether the process then had all rows of the sink; only known if it was asked for.
    """

    __slots__ = ("asks", "begun", "entries", "flow", "given", "hold", "is_clear", "node", "now", "wanted")

    def __init__(
        self, entries: Sequence[Entry], now: float, hold: Hold, wanted: int = 0, *, begun: int = 0, asks: bool = False
    ) -> None:
        self.entries = entries
        self.flow = entries[0].flow
        self.node = entries[0].node
        self.now = now
        self.hold = hold
        self.wanted = max(wanted, begun)
        self.begun = begun
        self.asks = asks
        self.given: Sequence[int] = ()
        self.is_clear = False

    @property
    def is_given(self) -> bool:
        """Whether the process got all of it."""
        return bool(self.given) and all(self.given)

    def keys(self) -> set[str]:
        """Return the keys of the messages that are wanted and not begun with."""
        return {entry.key for entry in self.entries[self.begun : self.wanted]}

    def rows(self, claimed: Sequence[bool] | None = None) -> list[LotRow]:
        """Return what is inserted.

        Args:
            claimed: Which messages the process gets; none if not given.
        """
        now = self.now
        free = (None, 0.0)
        return [
            (flow, node, key, message, meta, now, due_at if worker is None else until, worker)
            for (flow, node, message, key, meta, due_at), (worker, until) in zip(
                self.entries,
                [free] * len(self.entries) if claimed is None else [self.hold if one else free for one in claimed],
                strict=True,
            )
        ]


def insert_alike(connection: Connection, lot: Lot, *, claimed: bool) -> Sequence[int]:
    """Insert a lot into SQLite by one statement, whatever its size.

    It takes the interpreter lock once, where a statement with a value for each column of each row takes it for long.

    Args:
        connection: Connection in a transaction.
        lot: The messages.
        claimed: Whether their process gets them all, or none.

    Returns:
        The ids of their rows; nothing where they are not enough alike for one statement, and none was inserted.
    """
    places: list[tuple[str, int, int, int]] = []
    parts: list[bytes] = []
    at = 1
    for _, _, message, key, meta, due_at in lot.entries:
        if due_at:
            return ()
        places.append((key, at, len(message), len(meta)))
        parts += (message, meta)
        at += len(message) + len(meta)
    try:
        given = orjson.dumps(places)
    except TypeError:
        # A key is no Unicode: what the driver says of it is what the caller hears.
        return ()
    # SQLite's JSON ends a text there.
    if at > _MOST_ALIKE or b"\\u0000" in given:
        return ()
    worker, until = lot.hold if claimed else (None, 0.0)
    values = {
        "flow": lot.flow,
        "node": lot.node,
        "now": lot.now,
        "until": until,
        "worker": worker,
        "bytes": b"".join(parts),
        "places": given.decode(),
    }
    last = driver(connection).execute(_INSERT_ALIKE, values).lastrowid or 0
    return range(last - len(places) + 1, last + 1)
