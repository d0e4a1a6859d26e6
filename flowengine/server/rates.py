"""How much goes on: the flows' books, sampled once a second."""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from flowengine.message import Account
from flowengine.runtime import Engine

INTERVAL = 1.0
KEPT = 61


class Totals(NamedTuple):
    """A flow's books at one moment, or what was added to them in a second."""

    received: float
    settled: float
    failed: float
    dropped: float

    @classmethod
    def of(cls, account: Account) -> "Totals":
        """Read an account."""
        return cls(account.received, account.settled, account.failed, account.dropped.total())

    def since(self, earlier: "Totals", seconds: float) -> "Totals":
        """Return what came in a second since an earlier moment."""
        return Totals(*((now - then) / seconds for now, then in zip(self, earlier, strict=True)))


class _Sample(NamedTuple):
    at: float
    flows: Mapping[str, tuple[Account, Totals]]


class Rates:
    """Sample the books of all flows.

    Args:
        engine: Runs the flows.

    Attributes:
        lag: Seconds by which the event loop was late at the last sample.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._clock = engine.world.clock
        self._samples: deque[_Sample] = deque(maxlen=KEPT)
        self.began = self._clock.time()
        self.lag = 0.0
        self._sample()

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            due = self._clock.monotonic() + INTERVAL
            await self._clock.sleep(INTERVAL)
            self.lag = max(0.0, self._clock.monotonic() - due)
            self._sample()

    def read(self, seconds: float) -> dict[str, Totals]:
        """Return what each flow did in a second, on average.

        Args:
            seconds: How far to look back; no farther than there are samples.
        """
        now = self._clock.monotonic()
        sample = next((one for one in reversed(self._samples) if now - one.at >= seconds), self._samples[0])
        took = now - sample.at
        rates: dict[str, Totals] = {}
        for id, flow in self._engine.flows.items():
            account, before = sample.flows.get(id, (None, None))
            # A flow that was started since begins its books anew.
            earlier = before if before is not None and account is flow.account else Totals(0, 0, 0, 0)
            rates[id] = Totals.of(flow.account).since(earlier, took) if took > 0 else Totals(0, 0, 0, 0)
        return rates

    def _sample(self) -> None:
        flows = {id: (flow.account, Totals.of(flow.account)) for id, flow in self._engine.flows.items()}
        self._samples.append(_Sample(self._clock.monotonic(), flows))
