"""The page of the metrics."""

from collections.abc import Iterable

from prometheus_client import Metric

from flowengine.reference.markdown import code, page, table


def metric_page(families: Iterable[Metric]) -> str:
    """Return the page of all metrics.

    Args:
        families: The metric families, as ``/metrics`` gives them.
    """
    rows = [
        (
            code(family.name + ("_total" if family.type == "counter" else "")),
            family.type,
            ", ".join(code(label) for label in getattr(family, "_labelnames", ())),
            family.documentation,
        )
        for family in families
    ]
    return page(
        "Metrics",
        "`GET /metrics` gives these in the text format of Prometheus, beside the usual figures of the process.",
        "For every flow and at any moment, `flowengine_received_total` = `flowengine_settled_total` +"
        " `flowengine_failed_total` + `flowengine_dropped_total` of all reasons + `flowengine_in_flight`.",
        table(("Name", "Type", "Labels", "Meaning"), sorted(rows)),
    )
