"""The tally of one run: what came out of a flow, when, and whether it is right."""

from collections.abc import Iterable
from time import monotonic_ns
from typing import Any

import orjson

from bench.telemetry import Telemetry


def percentile(ordered: list[int], share: float) -> float:
    """Take a percentile, in microseconds, of sorted nanoseconds; 0 of an empty list."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1000 if ordered else 0.0


class Tally:
    """Collect the outputs of messages `first` to `first + count - 1`.

    Payloads are only kept while the run lasts and read when it is over, so that counting costs little.
    """

    def __init__(self, *, first: int, count: int) -> None:
        self.first = first
        self.count = count
        self.received = 0
        self.last = self.began = monotonic_ns()
        self._arrivals: list[tuple[int, list[bytes]]] = []

    def add(self, payloads: list[bytes]) -> None:
        self.last = monotonic_ns()
        self.received += len(payloads)
        self._arrivals.append((self.last, payloads))

    def _documents(self) -> Iterable[tuple[int, dict[str, Any], dict[str, Any]]]:
        """Yield when each output came, what it says, and the part of it that has the message's number and time."""
        for when, payloads in self._arrivals:
            for payload in payloads:
                document = orjson.loads(payload)
                document.pop("at", None)
                yield when, document, document["writes"][0]["values"] if "writes" in document else document

    def unique(self) -> int:
        """Count the messages of this run that have come out at least once."""
        last = self.first + self.count
        return len({sent["id"] for _, _, sent in self._documents() if self.first <= sent["id"] < last})

    def result(self, telemetry: Telemetry, check: str | None) -> dict[str, Any]:
        """Compare every output with what it must be; no check but that of the numbers if `check` is None."""
        seen: set[int] = set()
        latencies: list[int] = []
        duplicates = wrong = 0
        for when, document, sent in self._documents():
            number = sent["id"]
            if not self.first <= number < self.first + self.count:
                continue
            if number in seen:
                duplicates += 1
                continue
            seen.add(number)
            latencies.append(when - sent["sent"])
            if check is not None and document != telemetry.expected(number, sent["sent"], check):
                wrong += 1
        latencies.sort()
        return {
            "lost": self.count - len(seen),
            "duplicates": duplicates,
            "wrong": wrong,
            "seconds": (self.last - self.began) / 1e9,
            "first_ns": self._arrivals[0][0] if self._arrivals else None,
            "p50_us": percentile(latencies, 0.50),
            "p99_us": percentile(latencies, 0.99),
        }
