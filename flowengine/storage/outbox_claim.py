"""Which rows of the outbox a process gets: the oldest that are due, and of each key none before its turn."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from flowengine.storage.outbox_rows import Candidate, OutboxRows, TakenRow

#: A claim that meets rows it must not give looks further, this often and for this many rows at a time.
_LOOKS = 8
_LOOK = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """A process's wish for rows of one sink.

    Args:
        rows: The statements.
        flow: Flow of the sink.
        node: The sink.
        worker: The process.
        now: Wall-clock time, in seconds.
        until: When the lease ends.
        limit: How many rows at most.
        most_bytes: About how many bytes at most.
    """

    rows: OutboxRows
    flow: str
    node: str
    worker: str
    now: float
    until: float
    limit: int
    most_bytes: int

    def run(self, connection: Connection) -> list[TakenRow]:
        """Claim and return rows, by id, in the caller's transaction."""
        self.rows.lock(connection, self.flow, self.node)
        taken: list[TakenRow] = []
        # What waited is older than what has just come.
        for waiting in (True, False):
            for look in range(_LOOKS):
                wanted = self.limit - len(taken)
                room = self.most_bytes - sum(len(row.message) + len(row.meta) for row in taken)
                if wanted <= 0 or (room <= 0 and taken):
                    return sorted(taken)
                many = max(wanted, _LOOK) if look else wanted
                found = self.rows.candidates(
                    connection, self.flow, self.node, self.worker, self.now, many, waiting=waiting
                )
                chosen, early = self._choose(found, {row.id for row in taken}, wanted, room)
                if not chosen and not early:
                    break
                if early:
                    self.rows.park(connection, early)
                if chosen:
                    taken += self.rows.take(connection, chosen, self.worker, self.until)
                if len(found) < many:
                    break
        return sorted(taken)

    def _choose(
        self, found: Sequence[Candidate], taken: set[int], wanted: int, room: int
    ) -> tuple[list[int], list[int]]:
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
