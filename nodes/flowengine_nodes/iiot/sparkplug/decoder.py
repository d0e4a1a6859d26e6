"""Sparkplug messages of devices, decoded with what their births have said of aliases and types."""

from typing import Any, Final, NamedTuple

from flowengine_nodes.iiot.sparkplug.payload import Metric, read_payload, typed
from flowengine_nodes.iiot.telemetry.errors import PayloadError
from flowengine_nodes.iiot.telemetry.failure import Failure

_NAMESPACE: Final = "spBv1.0"
_BIRTHS: Final = frozenset({"NBIRTH", "DBIRTH"})
_TELEMETRY: Final = _BIRTHS | {"NDATA", "DDATA"}


class SparkplugReading(NamedTuple):
    """The metrics of one moment.

    Args:
        document: ``{"metrics": {name: value}, "seq": number of the message}``.
        at: When they were measured, in seconds since 1970, where the message says so.
    """

    document: dict[str, Any]
    at: float | None


class Birth:
    """What the birth of a device has said of its metrics.

    Args:
        names: Names by alias.
        types: Data types by name.
    """

    def __init__(self, names: dict[int, str], types: dict[str, int]) -> None:
        self.names = names
        self.types = types

    @classmethod
    def of(cls, metrics: list[Metric]) -> "Birth":
        """Take what the metrics of a birth say."""
        named = [(metric.name, metric) for metric in metrics if metric.name is not None]
        return cls(
            {metric.alias: name for name, metric in named if metric.alias is not None},
            {name: metric.data_type for name, metric in named},
        )

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Birth":
        """Return what :meth:`as_json` has made text of."""
        return cls({int(alias): name for alias, name in stored["names"].items()}, stored["types"])

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, whose objects have texts for names."""
        return {"names": {str(alias): name for alias, name in self.names.items()}, "types": self.types}


def message_kind(topic: str) -> str:
    """Return what kind of message a topic is for, such as ``DDATA``; ``DDATA`` for a topic that is not Sparkplug's.

    Args:
        topic: ``spBv1.0/group/kind/node`` or ``spBv1.0/group/kind/node/device``.
    """
    levels = topic.split("/")
    return levels[2] if len(levels) in {4, 5} and levels[0] == _NAMESPACE else "DDATA"


def decode(
    payload: Any, kind: str, birth: Birth | None, failures: list[Failure]
) -> tuple[list[SparkplugReading], Birth | None]:
    """Decode a message.

    Metrics that were measured at different moments, as a device sends them that was offline, become readings of their
    own.

    Args:
        payload: Its bytes.
        kind: What :func:`message_kind` says of it.
        birth: What the device's last birth has said; ``None`` if there was none.
        failures: Takes what cannot be used: metrics whose alias no birth has told.

    Returns:
        The readings, none for a message that brings no telemetry; and what the birth says from now on.

    Raises:
        PayloadError: It is no such payload.
    """
    if not isinstance(payload, bytes):
        raise PayloadError("Sparkplug B", "let mqtt-in leave it as bytes")
    if kind not in _TELEMETRY:
        return [], birth
    message = read_payload(payload)
    if kind in _BIRTHS:
        birth = Birth.of(message.metrics)
    by_moment: dict[int | None, dict[str, Any]] = {}
    unknown: list[int | None] = []
    for metric in message.metrics:
        name = metric.name
        if name is None:
            name = birth.names.get(metric.alias or 0) if birth is not None else None
            if name is None:
                unknown.append(metric.alias)
                continue
        value = metric.value
        if not metric.is_plain:
            value = typed(value, birth.types.get(name, 0) if birth is not None else 0)
        by_moment.setdefault(message.at if metric.at is None else metric.at, {})[name] = value
    if unknown:
        aliases = ", ".join(map(str, unknown[:10]))
        failures.append(
            Failure("", "unknown-alias", f"no birth has told the name of the alias {aliases}; ask for a rebirth")
        )
    readings = [
        SparkplugReading({"metrics": values, "seq": message.sequence}, None if at is None else at / 1000)
        for at, values in by_moment.items()
    ]
    return readings, birth
