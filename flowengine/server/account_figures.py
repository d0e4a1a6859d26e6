"""The books of a flow, as the API shows them."""

from flowengine.message import Account
from flowengine.server.model import Answer


class AccountFigures(Answer):
    """How the messages of a flow ended: `received = settled + failed + dropped + in_flight`, always."""

    received: int
    """Source messages taken in."""
    settled: int
    """Done, or durably stored, in every branch."""
    failed: int
    """With a branch that is a dead letter."""
    dropped: dict[str, int]
    """Given up on purpose, by reason."""
    dropped_later: dict[str, int]
    """Stored by a node, answered for, and given up on purpose after that, by reason; no part of the sum."""
    in_flight: int
    """Not yet answered for."""

    @classmethod
    def of(cls, account: Account) -> "AccountFigures":
        """Read an account."""
        return cls(
            received=account.received,
            settled=account.settled,
            failed=account.failed,
            dropped=dict(account.dropped),
            dropped_later=dict(account.dropped_later),
            in_flight=account.in_flight,
        )
