"""Which rows of the outbox a process gets: the oldest that are due, and of each key none before its turn."""

from collections.abc import Sequence

from sqlalchemy import Connection

from flowengine.storage.outbox_rows import Candidate, Claimed, OutboxRows, Wish

#: A claim that meets rows it must not give looks further, this often and at this many rows.
_LOOKS = 8
_LOOK = 1000


def claim(connection: Connection, rows: OutboxRows, wish: Wish) -> list[Claimed]:
    """Claim rows and return them, by id.

    Args:
        connection: Connection in a transaction.
        rows: The statements.
        wish: Which rows, for whom.
    """
    rows.lock(connection, wish.flow, wish.node)
    taken: list[Claimed] = []
    # What waited is older than what has just come.
    for waiting in (True, False):
        # To keep a row out of claims is a write, too.
        for look in range(1 if wish.frugal else _LOOKS):
            wanted = wish.limit - len(taken)
            room = wish.most_bytes - sum(len(row.message) + len(row.meta) for row in taken)
            many = max(wanted, _LOOK) if look else wanted
            found = rows.candidates(connection, wish, many, waiting=waiting)
            chosen, early = _choose(found, taken, wish, room)
            if early:
                rows.park(connection, early)
            if chosen:
                taken += rows.take(connection, chosen, wish)
            if len(taken) == wish.limit:
                return sorted(taken)
            if len(found) < many or not (chosen or early):
                break
    return sorted(taken)


def _choose(found: Sequence[Candidate], taken: Sequence[Claimed], wish: Wish, room: int) -> tuple[list[int], list[int]]:
    """Return the rows to take, and those whose turn it is not yet."""
    most = min((_most(wish, row.crashes) for row in taken), default=wish.limit)
    chosen: list[int] = []
    early: list[int] = []
    ours = {row.id for row in taken}
    for row in found:
        if row.before is not None and row.before not in ours:
            early.append(row.id)
            continue
        most = min(most, _most(wish, row.crashes))
        if len(ours) >= most or (row.size > room and ours):
            break
        ours.add(row.id)
        chosen.append(row.id)
        room -= row.size
    return chosen, early


def _most(wish: Wish, crashes: int) -> int:
    """Return how many rows may be claimed together with one."""
    return min(wish.limit, company(wish.limit + wish.held, crashes) - wish.held)


def company(window: int, crashes: int) -> int:
    """Return among how many rows a process may have one that it has died of, or another has.

    They are ever fewer, so that a row that kills the process is soon the only one to blame.

    Args:
        window: How many rows it may have otherwise.
        crashes: How often a process died while it had the row.
    """
    return max(1, window >> 2 * crashes)
