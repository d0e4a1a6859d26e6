"""What the bridge tells: telemetry, presence, commands, updates. Many items in one request, an answer for each."""

import time

import psycopg2

from .models.device_telemetry import Intake
from .record_writes import Refusal
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
        self._intake = Intake(env)
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
        refusals = self._intake.writes.apply()
        # What a rule found wrong has been said already.
        self._refusals = refusals | self._refusals
        self._intake.heard.write()
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
            self._refusals[index] = Refusal.of(error)

    def _read(self, index, item):
        if not isinstance(item, dict):
            if self._device_id is None:
                raise Refusal("bad-request", "an item is an object that names its device")
            item = {"telemetry": item}
        elif KEYS.isdisjoint(item) and self._device_id is not None:
            item = {"telemetry": item}
        at = self._moment(item.get("at"))
        name = self._device_id if self._device_id is not None else item.get("device")
        device = self._devices.get(name)
        if device is None and (name is not None or item.keys() & KEYS != {"writes"}):
            raise Refusal("unknown-device", f"there is no device {name!r}")
        if device is not None and not device.is_active and item.keys() & {"writes", "telemetry"}:
            raise Refusal("inactive-device", f"the device {name} is suspended or retired")
        if "presence" in item:
            self._take_presence(device, item["presence"], at)
        if "writes" in item:
            self._intake.writes.add(index, at, item["writes"])
            if device is not None:
                self._intake.heard.note(device, at, at)
                self._reporting.add(device.id)
        if "telemetry" in item:
            self._intake.index, self._intake.at = index, at
            failures = device.process_telemetry_data(item["telemetry"])
            self._reporting.add(device.id)
            if failures:
                raise Refusal(failures[0][0], " ".join(sentence for _code, sentence in failures))

    def _take_presence(self, device, news, at):
        if not isinstance(news, dict) or not isinstance(news.get("online"), bool | None):
            raise Refusal("bad-request", "presence is an object with online: true or false")
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
            raise Refusal("bad-request", str(error)) from error

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
                self._refusals[index] = Refusal(problem["code"], problem["message"], problem.get("retry", False))
