"""Which rows of the outbox a process gets: the oldest that are due, and of each key none before its turn."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from flowengine.storage.outbox_rows import Candidate, OutboxRows, TakenRow, Wish

#: A claim that meets rows it must not give looks further, this often and at this many rows.
_LOOKS = 8
_LOOK = 1000


def claim(connection: Connection, rows: OutboxRows, wish: Wish) -> list[TakenRow]:
    """Claim rows and return them, by id.

    Args:
        connection: Connection in a transaction.
        rows: The statements.
        wish: Which rows, for whom.
    """
    rows.lock(connection, wish.flow, wish.node)
    taken: list[TakenRow] = []
    # What waited is older than what has just come.
    for waiting in (True, False):
        for look in range(_LOOKS):
            wanted = wish.limit - len(taken)
            room = wish.most_bytes - sum(len(row.message) + len(row.meta) for row in taken)
            many = max(wanted, _LOOK) if look else wanted
            found = rows.candidates(connection, wish, many, waiting=waiting)
            chosen, early = _choose(found, {row.id for row in taken}, wanted, room)
            if early:
                rows.park(connection, early)
            if chosen:
                taken += rows.take(connection, chosen, wish)
            if len(taken) == wish.limit:
                return sorted(taken)
            if len(found) < many or not (chosen or early):
                break
    return sorted(taken)


def _choose(found: Sequence[Candidate], taken: Collection[int], wanted: int, room: int) -> tuple[list[int], list[int]]:
    """Return the rows to take, and those whose turn it is not yet."""
    chosen: list[int] = []
    early: list[int] = []
    ours = set(taken)
    for row in found:
        if row.before is not None and row.before not in ours:
            early.append(row.id)
        elif len(chosen) == wanted or (row.size > room and ours):
            break
        else:
            ours.add(row.id)
            chosen.append(row.id)
            room -= row.size
    return chosen, early
