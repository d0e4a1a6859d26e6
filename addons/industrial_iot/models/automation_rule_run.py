import json
import logging
from datetime import timedelta

import psycopg2
from odoo import _, fields, models
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

from ..placeholder import filled

_logger = logging.getLogger(__name__)


class IiotAutomationRule(models.Model):
    """What a rule does about a record: commands for its devices, or a word to the bridge."""

    _inherit = "iiot.automation.rule"

    def _run(self, records):
        """Do what the rule says about records that were created or changed; called by its automated action.

        Nothing that goes wrong here reaches whoever changes the record.

        Args:
            records: The records.
        """
        rule = self.sudo().exists()
        for record in records if rule else ():
            # What the user's own change breaks is the user's to hear of.
            self.env.cr.flush()
            try:
                with self.env.cr.savepoint():
                    rule._run_on(record)
            except psycopg2.OperationalError:
                # Another transaction has got in between: Odoo makes this one again from its beginning.
                raise
            except Exception as error:
                _logger.warning(
                    "the IIoT automation rule %s failed for %s: %s", rule.code, record, error, exc_info=True
                )
                rule._log("error", record, message=f"{type(error).__name__}: {error}")

    def _run_on(self, record):
        # To the user who changes it, not all of it need be visible.
        seen = record.sudo()
        if not self.is_active or not self._holds(seen):
            return
        before = self.env.context.get("old_values")
        if before is not None and self.only_when_begins and self._held_before(seen, before.get(record.id) or {}):
            return
        if self.trigger == "event":
            self._tell_bridge(seen, "create" if before is None else "write")
            return
        devices = self._devices_of(seen)
        if not devices:
            self._log("no_device", record, message=_("No device that takes part stands for the record."))
        for device in devices:
            self._send(seen, device)

    def _devices_of(self, record):
        """Return the devices that the record stands for, as far as the rule is for them and they take part."""
        devices = self.env["iiot.device"]
        if self.device_path:
            devices = record.mapped(self.device_path)
        elif record._name == "iiot.device":
            devices = record
        else:
            devices = devices.search([("business_ref", "=", f"{record._name},{record.id}")])
        return devices.filtered(
            lambda device: (
                device.is_active
                and (not self.profile_id or device.profile_id == self.profile_id)
                and (not self.group_id or self.group_id in device.group_ids)
                and (not self.device_ids or device in self.device_ids)
            )
        )

    def _send(self, record, device):
        if self.only_online and device.connection_status != "online":
            self._log("unsafe", record, device, _("The device is not online."))
        elif not self._is_safe(device):
            self._log("unsafe", record, device, _("The device is not as the safety domain wants it."))
        elif self._is_too_often(device):
            self._log("throttled", record, device, _("The last command was too short a time ago."))
        else:
            params = self._params(record, device)
            if not self._has_sent(record, device, params):
                command = device._send_command(
                    self.command_action, params, ttl=int(self.command_ttl), source="automation", rule=self
                )
                self._log("sent", record, device, command=command)

    def _is_safe(self, device):
        domain = self._safety_domain()
        return not domain or bool(device.filtered_domain(domain))

    def _safety_domain(self):
        return safe_eval(self.safety_domain or "[]", {})

    def _is_too_often(self, device):
        if not (self.throttle or self.most):
            return False
        # Two transactions do not see each other's commands: whoever comes second counts as too soon, and waits for
        # nobody.
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [self.id, device.id if not self.most else 0])
        if not self.env.cr.fetchone()[0]:
            return True
        commands, now = self.env["iiot.command"], fields.Datetime.now()
        mine = [("rule_id", "=", self.id)]
        if self.throttle:
            since = now - timedelta(seconds=self.throttle)
            if commands.search_count([*mine, ("device_id", "=", device.id), ("create_date", ">", since)], limit=1):
                return True
        since = now - timedelta(seconds=self.window)
        return bool(self.most) and commands.search_count([*mine, ("create_date", ">", since)]) >= self.most

    def _has_sent(self, record, device, params):
        """Tell whether this transaction has sent the same for the same record.

        Saving a form once is several updates for Odoo, because fields that are computed from others count as well.
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT command.params
              FROM iiot_automation_log log JOIN iiot_command command ON command.id = log.command_id
             WHERE log.rule_id = %s AND log.device_id = %s AND log.res_model = %s AND log.res_id = %s
               AND log.create_date = now() AT TIME ZONE 'UTC'
            """,
            [self.id, device.id, record._name, record.id],
        )
        return params in [row[0] for row in self.env.cr.fetchall()]

    def _params(self, record, device):
        """Return the parameters with values in the place of their names; what is no name stays as it is."""
        known = {
            "threshold": lambda: self.condition_value,
            "field": lambda: self.condition_field or "",
            "device": lambda: device.device_id,
            "serial": lambda: device.serial_number,
            "model": lambda: record._name,
            "record": lambda: record.id,
        }

        def found(name):
            if name in known:
                return known[name]()
            if name == "value" and self.condition_field:
                return _plain(self._value(record, self.condition_field))
            if name.startswith("record."):
                return _plain(self._value(record, name.removeprefix("record.")))
            raise UserError(_("The parameters want {%s}, which this rule does not give.", name))

        return filled(json.loads(self.command_params or "{}"), found)

    def _tell_bridge(self, record, event):
        names = self.event_field_ids.mapped("name") or sorted(self._looks_at())
        data = {
            "model": record._name,
            "id": record.id,
            "event": event,
            "values": {name: _plain(record[name]) for name in names},
            "who": f"odoo:{self.env.user.login}",
        }
        self.env["iiot.bridge.event"]._enqueue("record", data)
        self._log("told", record)

    def _log(self, outcome, record, device=None, message=None, command=None):
        self.env["iiot.automation.log"].sudo().create(
            {
                "rule_id": self.id,
                "outcome": outcome,
                "message": message,
                "res_model": record._name,
                "res_id": record.id,
                "device_id": device.id if device else False,
                "command_id": command.id if command else False,
                "user_id": self.env.uid,
            }
        )


def _plain(value):
    """Return the value of a field as JSON."""
    if isinstance(value, models.BaseModel):
        return value.ids
    if isinstance(value, bytes):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)
