"""How a profile's payloads are taken apart into readings, and when these were measured."""

from ..duration import read_duration
from ..entry_error import EntryError, _lt
from .faults import BadValueError
from .json_path import MISSING, compile_path
from .number import read_moment

READING_DEFAULTS = {
    "batch": None,
    "time": None,
    "time_unit": "auto",
    "on_missing_time": "arrival",
    "max_age": "30d",
    "on_too_old": "keep",
    "max_ahead": "1m",
    "on_future": "arrival",
}
_CHOICES = {
    "time_unit": ("auto", "s", "ms", "us", "ns"),
    "on_missing_time": ("arrival", "refuse"),
    "on_too_old": ("keep", "arrival", "refuse"),
    "on_future": ("keep", "arrival", "refuse"),
}


def check_reading(document):
    """Raise unless a document can say how payloads are taken apart."""
    strange = sorted(document.keys() - READING_DEFAULTS.keys())
    if strange:
        raise EntryError(_lt("Readings: there is no “%s”.", strange[0]))
    for name, choices in _CHOICES.items():
        if document.get(name, choices[0]) not in choices:
            raise EntryError(_lt("Readings: “%(name)s” is one of %(choices)s.", name=name, choices=", ".join(choices)))
    for name in ("batch", "time"):
        if document.get(name) is not None:
            compile_path(document[name])
    for name in ("max_age", "max_ahead"):
        read_duration(document.get(name, READING_DEFAULTS[name]))


def take_apart(payload, document, arrival, failures):
    """Return the readings of a payload, each with the seconds since 1970 of its time, the oldest first.

    Args:
        payload: The payload, decoded.
        document: How payloads are taken apart; what it does not say is as READING_DEFAULTS has it.
        arrival: When it came, in seconds since 1970.
        failures: Takes (code, sentence) for readings that cannot be used.
    """
    config = READING_DEFAULTS | document
    readings = [payload]
    if config["batch"] is not None:
        found = compile_path(config["batch"]).find(payload)
        if len(found) == 1 and isinstance(found[0], dict):
            readings = found
        elif found and all(isinstance(one, list) for one in found):
            readings = [reading for one in found for reading in one]
        else:
            failures.append(("no-readings", f"the payload has no list of readings at {config['batch']}"))
            return []
    measured = []
    for reading in readings:
        try:
            measured.append((reading, _time_of(reading, config, arrival)))
        except BadValueError as error:
            failures.append((error.code, str(error)))
    measured.sort(key=lambda one: one[1])
    return measured


def _time_of(reading, config, arrival):
    if config["time"] is None:
        return arrival
    value = compile_path(config["time"]).first(reading)
    if value is MISSING or value is None:
        if config["on_missing_time"] == "refuse":
            raise BadValueError("no-time", reading, "has no time")
        return arrival
    at = read_moment(value, config["time_unit"])
    if at > arrival + read_duration(config["max_ahead"]):
        return _clash(config["on_future"], at, arrival, "future-time", "is in the future")
    if at < arrival - read_duration(config["max_age"]):
        return _clash(config["on_too_old"], at, arrival, "old-time", "is too long ago")
    return at


def _clash(rule, at, arrival, code, reason):
    if rule == "refuse":
        raise BadValueError(code, at, reason)
    return at if rule == "keep" else arrival
