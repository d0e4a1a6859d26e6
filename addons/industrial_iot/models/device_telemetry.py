import json
import time

from odoo import api, models
from odoo.tools import ormcache

from ..record_writes import RecordWrites, RefusedError
from ..telemetry.mapping import Mapping, Subject
from ..telemetry.number import moment_of, seconds_of
from ..telemetry.reading import take_apart
from ..versions import check_access


class IiotDeviceProfile(models.Model):
    _inherit = "iiot.device.profile"

    @ormcache("self.id")
    def _mapping(self):
        """Return the profile's rules, compiled, and how payloads are taken apart."""
        rules = self.sudo().telemetry_rule_ids
        return Mapping({str(rule.id): rule._document() for rule in rules}), json.loads(
            self.sudo().reading_extra or "{}"
        )

    def _registry_changed(self):
        super()._registry_changed()
        self.env.registry.clear_cache()


class Heard:
    """What was heard of devices in one request, to be written in one statement.

    Args:
        env: Environment.
    """

    def __init__(self, env):
        self._env = env
        self._rows = {}

    def note(self, device, seen_at, telemetry_at=None, telemetry=None, state=None):
        """Note that a device was heard; what is older than what was noted changes nothing.

        Args:
            device: The record.
            seen_at: When, in seconds since 1970.
            telemetry_at: When it sent telemetry, if it did.
            telemetry: What it sent then, as JSON text; None to keep what there is.
            state: What its rules have let pass last, as JSON text; None to keep what there is.
        """
        # A device's clock that is ahead must not make it look alive when it has long been silent.
        now = time.time()
        seen_at = min(seen_at, now)
        telemetry_at = None if telemetry_at is None else min(telemetry_at, now)
        row = self._rows.setdefault(device.id, [seen_at, None, None, None])
        row[0] = max(row[0], seen_at)
        if telemetry_at is not None and (row[1] is None or telemetry_at >= row[1]):
            row[1] = telemetry_at
            row[2] = telemetry if telemetry is not None else row[2]
        if state is not None:
            row[3] = state

    def drop_state(self, device_id):
        """Forget what the rules of a device let pass: it was not written after all."""
        if device_id in self._rows:
            self._rows[device_id][3] = None

    def write(self):
        """Write it all. By SQL: it happens all the time, and nobody should wait for it or be told of it."""
        if not self._rows:
            return
        rows = sorted(self._rows.items())
        columns = ("last_seen", "last_telemetry", "last_telemetry_data", "telemetry_state")
        devices = self._env["iiot.device"].browse(self._rows)
        devices.flush_recordset(columns)
        moments = [
            [None if at is None else moment_of(at) for at in (seen, telemetry)]
            for _id, (seen, telemetry, *_rest) in rows
        ]
        self._env.cr.execute(
            """
            UPDATE iiot_device AS device
               SET last_seen = GREATEST(device.last_seen, heard.seen),
                   last_telemetry = GREATEST(device.last_telemetry, heard.telemetry),
                   last_telemetry_data = CASE
                       WHEN heard.data IS NULL OR device.last_telemetry > heard.telemetry
                       THEN device.last_telemetry_data ELSE heard.data END,
                   telemetry_state = COALESCE(heard.state, device.telemetry_state)
              FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[], %s::text[], %s::text[])
                   AS heard (id, seen, telemetry, data, state)
             WHERE device.id = heard.id
            """,
            (
                [device_id for device_id, _row in rows],
                [seen for seen, _telemetry in moments],
                [telemetry for _seen, telemetry in moments],
                [row[2] for _id, row in rows],
                [row[3] for _id, row in rows],
            ),
        )
        devices.invalidate_recordset(columns, flush=False)
        self._rows = {}


class Intake:
    """Telemetry of one request: what is to be written, and what was heard of devices.

    Args:
        env: Environment of the user whose rights count.

    Attributes:
        index: Whose telemetry it is, in the answers.
        at: When it came, in seconds since 1970.
    """

    def __init__(self, env):
        self.writes = RecordWrites(env)
        self.heard = Heard(env)
        self.states = {}
        self.devices = {}
        self.index = 0
        self.at = time.time()

    def write(self):
        """Write everything; return what was refused, by who asked."""
        refusals = self.writes.apply()
        for index in refusals:
            self.heard.drop_state(self.devices.get(index))
        self.heard.write()
        return refusals


class IiotDevice(models.Model):
    """What devices tell."""

    _inherit = "iiot.device"

    def process_telemetry_data(self, telemetry_data):
        """Apply the rules of the profile to what the device has sent.

        Args:
            telemetry_data: The payload, decoded: any JSON.

        Returns:
            What went wrong, as pairs of a word code and a sentence; what the other rules found is written all the same.
        """
        self.ensure_one()
        intake = self.env.context.get("iiot_intake")
        if isinstance(intake, Intake):
            return self._take_in(telemetry_data, intake)
        check_access(self, "write")
        intake = Intake(self.env)
        failures = self._take_in(telemetry_data, intake)
        failures += [(refusal.code, str(refusal)) for refusal in intake.write().values()]
        self._become_active()
        return failures

    def _take_in(self, telemetry_data, intake):
        mapping, reading = self.profile_id._mapping()
        state = intake.states.get(self.id)
        if state is None:
            state = intake.states[self.id] = json.loads(self.telemetry_state or "{}")
        intake.devices[intake.index] = self.id
        before = json.dumps(state)
        failures = []
        subject = Subject(self.device_id, self.serial_number, self._business())
        for one, at in take_apart(telemetry_data, reading, intake.at, failures):
            for write in mapping.apply(one, at, subject, state, failures):
                try:
                    intake.writes.add(intake.index, at, [write])
                except RefusedError as refusal:
                    failures.append((refusal.code, str(refusal)))
        after = json.dumps(state)
        intake.heard.note(self, intake.at, intake.at, _as_text(telemetry_data), after if after != before else None)
        return failures

    def _business(self):
        """Return model and id of the business object, None if there is none."""
        record = self.business_ref
        return (record._name, record.id) if record else None

    def _become_active(self):
        """Note that devices that had paired have reported."""
        self.filtered(lambda device: device.lifecycle == "paired").write({"lifecycle": "active"})

    @api.model
    def _note_presence(self, device, news, at, heard):
        """Note that a device is online or offline.

        Args:
            device: The record.
            news: ``{"online", "since"?, "seen_at"?, "firmware"?, "telemetry"?, "telemetry_at"?}``, times in seconds
                since 1970.
            at: When it was, in seconds since 1970.
            heard: Takes what is written often.
        """
        online, since = news.get("online"), news.get("since", at)
        vals = {}
        if online is not None:
            status = "online" if online else "offline"
            is_news = not device.connection_since or since >= int(seconds_of(device.connection_since))
            if is_news and device.connection_status != status:
                vals = {"connection_status": status, "connection_since": moment_of(since)}
        firmware = news.get("firmware")
        if isinstance(firmware, str) and firmware and firmware != device.firmware_version:
            vals["firmware_version"] = firmware
        if vals:
            with self.env.cr.savepoint():
                device.write(vals)
        seen_at = news.get("seen_at", since if online else None)
        if seen_at is not None:
            telemetry = news.get("telemetry")
            heard.note(device, seen_at, news.get("telemetry_at"), None if telemetry is None else _as_text(telemetry))


def _as_text(payload):
    """Return JSON as the database takes it: there is no NUL in its texts."""
    return json.dumps(payload, ensure_ascii=False).replace("\\u0000", "\\ufffd")
