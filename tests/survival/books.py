"""The engine's figures, as /metrics shows them."""

from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

_ENDINGS = ("settled_total", "failed_total", "dropped_total")


class Books:
    """Read the figures, and check that they add up.

    Args:
        text: What /metrics answered.
    """

    def __init__(self, text: str) -> None:
        self._samples = [
            (sample.name.removeprefix("flowengine_"), dict(sample.labels), sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]
        for flow in self.flows:
            self._check(flow)

    @property
    def flows(self) -> list[str]:
        """Ids of the flows that run."""
        return [labels["flow"] for name, labels, value in self._samples if name == "flow_up" and value]

    def sum(self, name: str, **labels: str) -> int:
        """Return the sum of a metric over all samples with these labels."""
        return sum(self._values(name, labels))

    def in_flight(self) -> int:
        """Return how many messages are in flight, in all flows."""
        return self.sum("in_flight")

    def _values(self, name: str, wanted: dict[str, str]) -> Iterable[int]:
        for found, labels, value in self._samples:
            if found == name and wanted.items() <= labels.items():
                yield int(value)

    def _check(self, flow: str) -> None:
        received = self.sum("received_total", flow=flow)
        ended = sum(self.sum(name, flow=flow) for name in _ENDINGS)
        in_flight = self.sum("in_flight", flow=flow)
        assert in_flight >= 0, f"{flow}: {in_flight} in flight"
        assert received == ended + in_flight, f"{flow}: {received} received, {ended} ended, {in_flight} in flight"
