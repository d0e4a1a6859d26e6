"""What a node counts itself, for ``/metrics``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class NodeMetric:
    """One figure of a node.

    Args:
        name: Its name after ``flowengine_``, such as ``telemetry_messages``; a counter's without ``_total``.
        description: What it counts, as a sentence.
        value: The figure.
        labels: What it is for, beside the node: few different values, such as profiles and never devices.
        kind: A counter only grows, and begins anew when the node does.
    """

    name: str
    description: str
    value: float
    labels: Mapping[str, str]
    kind: Literal["counter", "gauge"] = "counter"
