"""What the bridge tells: telemetry, presence, commands, updates. Many items in one request, an answer for each."""

import time
from contextlib import nullcontext

import psycopg2

from .models import device_telemetry
from .record_writes import RefusedError
from .telemetry.faults import BadValueError
from .telemetry.number import read_moment

KEYS = frozenset({"writes", "telemetry", "presence", "command", "update", "rollout"})
MOST_ITEMS = 20_000

_TIMES = ("since", "seen_at", "telemetry_at")


def take_news(env, items, device_id=None):
    """Take what the bridge tells.

    Args:
        env: Environment of the user whose rights count.
        items: What it tells.
        device_id: The device that it is about; None where each item names its own.

    Returns:
        For each item ``{"status": "ok"}``, or what was wrong.
    """
    return _News(env, items, device_id).take()


class _News:
    def __init__(self, env, items, device_id):
        self._env = env
        self._items = items
        self._device_id = device_id
        self._refusals = {}
        self._now = time.time()
        self._intake = device_telemetry.Intake(env)
        # Overridden methods of devices find the intake in the context, and the telemetry of all is written at once.
        devices = env["iiot.device"].with_context(iiot_intake=self._intake)
        ids = {item["device"] for item in items if isinstance(item, dict) and isinstance(item.get("device"), str)}
        found = devices.search([("device_id", "in", [device_id, *ids])])
        self._devices = {device.device_id: device for device in found}
        self._reporting = set()

    def take(self):
        """Work on everything; return the answers."""
        for index, item in enumerate(self._items):
            self._guard(index, self._read, item)
        # What a rule found wrong has been said already.
        self._refusals = self._intake.write() | self._refusals
        devices = self._env["iiot.device"].browse(sorted(self._reporting))
        devices._become_active()
        for key, model, method in (
            ("command", "iiot.command", "_apply_command_news"),
            ("update", "iiot.update", "_apply_update_news"),
            ("rollout", "iiot.rollout", "_apply_rollout_news"),
        ):
            self._hand_over(key, getattr(self._env[model], method))
        return [
            self._refusals[index].as_json() if index in self._refusals else {"status": "ok"}
            for index in range(len(self._items))
        ]

    def _guard(self, index, work, *arguments):
        """Do something for an item, and note why it cannot be done."""
        try:
            work(index, *arguments)
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - an item that cannot be worked on must not keep others from it
            self._refusals[index] = RefusedError.of(error)

    def _read(self, index, item):
        item = self._as_object(item)
        at = self._moment(item.get("at"))
        device = self._device_of(item)
        if "presence" in item:
            self._take_presence(device, item["presence"], at)
        if "writes" in item:
            self._intake.writes.add(index, at, item["writes"])
            if device is not None:
                self._intake.heard.note(device, at, at)
                self._reporting.add(device.id)
        if "telemetry" in item:
            self._take_telemetry(index, device, item["telemetry"], at)

    def _as_object(self, item):
        """Return an item with its keys: what has none of them is raw telemetry."""
        if isinstance(item, dict) and (self._device_id is None or item.keys() & KEYS):
            return item
        if self._device_id is None:
            raise RefusedError("bad-request", "an item is an object that names its device")
        return {"telemetry": item}

    def _device_of(self, item):
        """Return the device that an item is about; None for writes that are about none."""
        name = self._device_id if self._device_id is not None else item.get("device")
        device = self._devices.get(name) if isinstance(name, str) else None
        told = item.keys() & KEYS
        if device is None and (name is not None or not told or told - {"writes", "rollout"}):
            raise RefusedError("unknown-device", f"there is no device {name!r}")
        if device is not None and not device.is_active and item.keys() & {"writes", "telemetry"}:
            raise RefusedError("inactive-device", f"the device {name} is suspended or retired")
        return device

    def _take_telemetry(self, index, device, payload, at):
        self._intake.index, self._intake.at = index, at
        # What another module makes of it may write; that must not take the rest of the request with it.
        is_ours = type(device).process_telemetry_data.__module__ == device_telemetry.__name__
        with nullcontext() if is_ours else self._env.cr.savepoint():
            failures = device.process_telemetry_data(payload) or []
        self._reporting.add(device.id)
        if failures:
            raise RefusedError(failures[0][0], " ".join(sentence for _code, sentence in failures))

    def _take_presence(self, device, news, at):
        if not isinstance(news, dict) or not isinstance(news.get("online"), bool | None):
            raise RefusedError("bad-request", "presence is an object with online: true or false")
        times = {name: self._moment(news[name]) for name in _TIMES if news.get(name) is not None}
        rest = {name: value for name, value in news.items() if name not in _TIMES}
        device._note_presence(device, rest | times, at, self._intake.heard)
        if news.get("online"):
            self._reporting.add(device.id)

    def _moment(self, value):
        if value is None:
            return self._now
        try:
            return read_moment(value)
        except BadValueError as error:
            raise RefusedError("bad-request", str(error)) from error

    def _hand_over(self, key, take):
        """Give news of a kind to the model that they are about."""
        mine = [
            (index, item)
            for index, item in enumerate(self._items)
            if isinstance(item, dict) and key in item and index not in self._refusals
        ]
        if not mine:
            return
        news = [
            {"device": item.get("device", self._device_id), "at": item.get("at")}
            | (item[key] if isinstance(item[key], dict) else {})
            for _index, item in mine
        ]
        for (index, _item), problem in zip(mine, take(news), strict=True):
            if problem is not None:
                self._refusals[index] = RefusedError(problem["code"], problem["message"], problem.get("retry", False))
