"""The readings of a payload, and when each was measured."""

from typing import Any, NamedTuple

from flowengine.expressions import MISSING
from flowengine_nodes.iiot.registry.reading import Reading
from flowengine_nodes.iiot.telemetry.errors import BadValueError, UnusableError
from flowengine_nodes.iiot.telemetry.failure import Failure
from flowengine_nodes.iiot.telemetry.moment import read_moment


class Measured(NamedTuple):
    """A reading with its time.

    Args:
        reading: What was measured.
        at: When, in seconds since 1970.
        claimed: When the device said that it was, where that was not believed.
    """

    reading: Any
    at: float
    claimed: float | None = None


def take_apart(
    document: Any, config: Reading, arrival: float, failures: list[Failure], given: float | None = None
) -> list[Measured]:
    """Return the readings of a payload, the oldest first.

    Args:
        document: The payload, decoded.
        config: How payloads are taken apart.
        arrival: When it came, in seconds since 1970.
        failures: Takes why readings cannot be used.
        given: When the payload says that it was measured, where its codec knows.
    """
    if config.batch is None and config.time is None and given is None:
        return [Measured(document, arrival)]
    measured: list[Measured] = []
    for reading in _readings(document, config, failures):
        try:
            measured.append(_measured(reading, config, arrival, given))
        except UnusableError as error:
            failures.append(Failure("", error.code, str(error)))
    if len(measured) > 1:
        measured.sort(key=lambda one: one.at)
    return measured


def _readings(document: Any, config: Reading, failures: list[Failure]) -> list[Any]:
    if config.batch is None:
        return [document]
    found = config.batch.find(document)
    if len(found) == 1 and isinstance(found[0], dict):
        return found
    # A path such as $.channels[*].readings finds several lists.
    if not found or not all(isinstance(one, list) for one in found):
        path = config.batch.text
        failures.append(Failure("", "no-readings", f"the payload has no list of readings at {path}"))
        return []
    return [reading for one in found for reading in one]


def _measured(reading: Any, config: Reading, arrival: float, given: float | None) -> Measured:
    value = MISSING if config.time is None else config.time.first(reading)
    if value is MISSING or value is None:
        if given is None:
            if config.time is not None and config.on_missing_time == "refuse":
                raise UnusableError("no-time", f"the reading has no time at {config.time.text}")
            return Measured(reading, arrival)
        at = given
    else:
        at = read_moment(value, config.time_unit)
    if at > arrival + config.max_ahead:
        return _clash(reading, config.on_future, at, arrival, "future-time", "is in the future")
    if at < arrival - config.max_age:
        return _clash(reading, config.on_too_old, at, arrival, "old-time", "is too long ago")
    return Measured(reading, at)


def _clash(reading: Any, rule: str, at: float, arrival: float, code: str, reason: str) -> Measured:
    if rule == "refuse":
        raise BadValueError(code, at, reason)
    return Measured(reading, at) if rule == "keep" else Measured(reading, arrival, at)
