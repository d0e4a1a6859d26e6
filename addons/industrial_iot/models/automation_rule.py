import json
import logging
import operator
import re
from datetime import timedelta

import psycopg2
from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval

from ..duration import format_duration, read_duration
from ..text_rules import check_code, check_json_object
from ..versions import HAS_CONSTRAINT_OBJECTS, MODELS_WITH_RECORDS, check_access

_logger = logging.getLogger(__name__)

COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_]+)*)\}")
TRIGGERS = {
    "cron": {"cron": "0 * * * *", "time_zone": "UTC"},
    "threshold": {"path": "$.temperature", "above": 80, "hysteresis": 5},
    "telemetry": {"when": [{"path": "$.temperature", "op": "gt", "value": 80}]},
    "event": {},
}
"""What each trigger of the bridge needs, as an example that a new rule begins with."""
REACHING = frozenset({"trigger", "model_id", "domain", "safety_domain", "condition_field", "device_path"}) | {
    "command_params",
    "event_field_ids",
}
"""Fields that say what of a record a rule looks at."""
DOCUMENT_PARTS = frozenset({"trigger", "command", "throttle", "interlock", "devices"})


class IiotAutomationRule(models.Model):
    """When devices are sent a command by themselves.

    A rule on a change of a record runs in Odoo, by an automated action of its own that the rule keeps in step. It is
    written to never be in the way of whoever changes the record: what goes wrong is logged here. Rules on times and on
    telemetry run at the bridge.
    """

    _name = "iiot.automation.rule"
    _description = "IIoT Automation Rule"
    _inherit = ["iiot.registry.record", "mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _registry_kind = "rule"
    _registry_fields = frozenset(
        {
            "name",
            "description",
            "is_active",
            "trigger",
            "model_id",
            "profile_id",
            "group_id",
            "device_ids",
            "command_action",
            "command_params",
            "command_ttl",
            "throttle",
            "most",
            "window",
            "only_online",
            "document",
        }
    )

    name = fields.Char("Name", required=True, tracking=True)
    code = fields.Char(
        "Code",
        required=True,
        copy=False,
        help="Lower-case letters, digits and hyphens; made of the name, if empty. It never changes.",
    )
    description = fields.Text("Description")
    is_active = fields.Boolean("Active", default=True, copy=False, tracking=True)
    trigger = fields.Selection(
        [
            ("odoo", "A record changes in Odoo"),
            ("cron", "At certain times"),
            ("threshold", "A measured value goes beyond a limit"),
            ("telemetry", "Telemetry fits conditions"),
            ("event", "A flow or a record tells of an event"),
        ],
        "Trigger",
        required=True,
        default="odoo",
        tracking=True,
    )
    model_id = fields.Many2one("ir.model", "Model", ondelete="cascade", domain=MODELS_WITH_RECORDS)
    model_name = fields.Char("Model Name", related="model_id.model")
    domain = fields.Char("Domain", default="[]", help="Only records that are so after the change.")
    trigger_on_create = fields.Boolean("Trigger on Create")
    trigger_on_write = fields.Boolean("Trigger on Update", default=True)
    condition_field = fields.Char(
        "Condition Field", help="Name of a field of the record, such as temperature, or a path to one; empty for none."
    )
    condition_operator = fields.Selection(
        [("=", "="), ("!=", "≠"), (">", ">"), (">=", "≥"), ("<", "<"), ("<=", "≤")],
        "Comparison",
        required=True,
        default=">",
    )
    condition_value = fields.Float("Condition Value", digits=(16, 6))
    only_when_begins = fields.Boolean(
        "Only When It Begins to Hold",
        default=True,
        help="An update that finds domain and condition as they were before sends nothing.",
    )
    device_path = fields.Char(
        "Path to the Device",
        help="Field of the record that leads to its devices, such as device_id. If it is empty, they are the devices "
        "whose business object is the record.",
    )
    profile_id = fields.Many2one(
        "iiot.device.profile", "Device Profile", ondelete="restrict", help="Only devices of this profile."
    )
    group_id = fields.Many2one(
        "iiot.device.group", "Device Group", ondelete="restrict", help="Only devices in this group."
    )
    device_ids = fields.Many2many("iiot.device", string="Devices", help="Only these devices; empty for all.")
    command_action = fields.Char("Command Action", required=True, tracking=True)
    command_params = fields.Text(
        "Command Parameters",
        default="{}",
        tracking=True,
        help="JSON object. A value that is just “{value}”, “{threshold}”, “{field}”, “{device}”, “{serial}”, “{model}” "
        "or “{record}” stands for that; “{record.name}” for a field of the record.",
    )
    command_ttl = fields.Float("Time to Live (s)", help="After this time nobody wants the command; 0 for the default.")
    throttle = fields.Float("Seconds Between Commands", default=60, help="Shortest time between two to one device.")
    most = fields.Integer("Most Commands", help="To all devices within the window; 0 for any number.")
    window = fields.Float("Window (s)", default=3600)
    only_online = fields.Boolean(
        "Only While Online", help="A device that is offline, or was never heard of, gets none."
    )
    safety_domain = fields.Char(
        "Safety Domain", default="[]", help="A device gets the command only while it is so. For rules that run in Odoo."
    )
    event_field_ids = fields.Many2many(
        "ir.model.fields",
        string="Fields to Tell",
        domain="[('model_id', '=', model_id)]",
        help="What the bridge is told of the record; if empty, the fields of domain and condition.",
    )
    document = fields.Text(
        "Details",
        default="{}",
        help="JSON object with what the bridge is to know beside the fields: trigger, interlock, command and throttle "
        "as its documentation describes them.",
    )
    automation_id = fields.Many2one("base.automation", "Automated Action", readonly=True, copy=False)
    log_ids = fields.One2many("iiot.automation.log", "rule_id", "Log", readonly=True)
    command_ids = fields.One2many("iiot.command", "rule_id", "Commands", readonly=True)
    last_run = fields.Datetime("Last Run", compute="_compute_last")
    last_error = fields.Text("Last Error", compute="_compute_last")
    command_count = fields.Integer("Command Count", compute="_compute_last")

    if HAS_CONSTRAINT_OBJECTS:
        _code_unique = models.Constraint("unique (code)", "There is already an automation rule with this code.")
    else:
        _sql_constraints = [("code_unique", "unique (code)", "There is already an automation rule with this code.")]

    def _compute_last(self):
        logs = self.env["iiot.automation.log"]
        counts = dict(self.env["iiot.command"]._read_group([("rule_id", "in", self.ids)], ["rule_id"], ["__count"]))
        for rule in self:
            rule.last_run = logs.search([("rule_id", "=", rule.id)], limit=1).create_date
            newest = logs.search([("rule_id", "=", rule.id), ("outcome", "in", ("sent", "told", "error"))], limit=1)
            rule.last_error = newest.message if newest.outcome == "error" else False
            rule.command_count = counts.get(rule._origin, 0)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self):
        for rule in self:
            check_code(rule.code)

    @api.constrains("command_params", "document", "throttle", "most", "window", "command_ttl", "trigger")
    def _check_texts(self):
        for rule in self:
            check_json_object(_("Command Parameters"), rule.command_params)
            if min(rule.throttle, rule.most, rule.command_ttl) < 0 or rule.window <= 0:
                raise ValidationError(_("Times and numbers of commands are not negative, and a window is not empty."))
            document = check_json_object(_("Details"), rule.document)
            unknown = sorted(document.keys() - DOCUMENT_PARTS)
            if unknown:
                raise ValidationError(
                    _("Details: there is no “%s”; there are %s.", unknown[0], ", ".join(sorted(DOCUMENT_PARTS)))
                )
            for part, value in document.items():
                if not isinstance(value, dict):
                    raise ValidationError(_("Details: “%s” must be a JSON object.", part))
            rule._check_trigger(document.get("trigger", {}))

    def _check_trigger(self, trigger):
        """Check what the bridge's triggers need; the rest the bridge checks, which knows the profile."""
        if trigger.get("kind", self.trigger) != self.trigger:
            raise ValidationError(_("Details: the trigger is of another kind than the rule's."))
        if self.trigger == "cron" and len(str(trigger.get("cron", "")).split()) != 5:
            raise ValidationError(
                _(
                    "Details: times are five fields, minute hour day month weekday: %s",
                    '{"trigger": {"cron": "0 6 * * 1-5"}}',
                )
            )
        has_one = (trigger.get("above") is None) != (trigger.get("below") is None)
        if self.trigger == "threshold" and not (trigger.get("path") and has_one):
            raise ValidationError(
                _(
                    "Details: a limit needs a path, and above or below: %s",
                    '{"trigger": {"path": "$.temperature", "above": 80}}',
                )
            )
        if self.trigger == "telemetry" and not trigger.get("when"):
            raise ValidationError(
                _(
                    "Details: conditions are needed: %s",
                    '{"trigger": {"when": [{"path": "$.temperature", "op": "gt", "value": 80}]}}',
                )
            )

    @api.constrains(*REACHING, "trigger_on_create", "trigger_on_write")
    def _check_model(self):
        for rule in self:
            if rule.trigger != "odoo" and not (rule.trigger == "event" and rule.model_id):
                continue
            if not rule.model_id:
                raise ValidationError(_("A rule on a change of a record needs a model."))
            if not (rule.trigger_on_create or rule.trigger_on_write):
                raise ValidationError(_("Choose whether the rule runs on creation, on update, or on both."))
            rule._check_reach()
            if rule.device_path and rule._field_of(rule.device_path).comodel_name != "iiot.device":
                raise ValidationError(_("“%s” does not lead to devices.", rule.device_path))

    def _check_reach(self):
        """Check that domains fit their models, and that there are the fields; and that the user may read all that.

        The rule reads as the superuser, and nobody shall learn by a rule what is kept from them. Constraints are
        checked as the superuser too, so this is called once more for the user.
        """
        for rule in self.filtered(lambda rule: rule.trigger in {"odoo", "event"} and rule.model_id):
            try:
                for model, domain in ((rule.model_name, rule._domain()), ("iiot.device", rule._safety_domain())):
                    if domain:
                        self.env[model].search(domain, limit=1)
            except Exception as error:
                raise ValidationError(
                    _("The domain does not fit %(model)s: %(why)s", model=rule.model_id.name, why=error)
                ) from error
            told = rule.sudo().event_field_ids.mapped("name") if rule.trigger == "event" else ()
            for path in filter(None, (rule.condition_field, rule.device_path, *rule._paths_in_params(), *told)):
                rule._field_of(path)

    def _paths_in_params(self):
        """Return the fields of the record that the parameters want."""
        found = set()
        _filled(json.loads(self.command_params or "{}"), found.add)
        return sorted(name.removeprefix("record.") for name in found if name.startswith("record."))

    def _field_of(self, path):
        """Return the field at the end of a path of names, all of which the user may read."""
        model, field = self.env[self.model_name], None
        for name in path.split("."):
            if model is None or not model.fields_get([name], attributes=["type"]):
                raise ValidationError(_("%(model)s has no field “%(path)s”.", model=self.model_id.name, path=path))
            check_access(model, "read")
            field = model._fields[name]
            model = self.env[field.comodel_name] if field.comodel_name else None
        return field

    @api.onchange("trigger")
    def _onchange_trigger(self):
        try:
            document = check_json_object("", self.document)
        except ValidationError:
            document = {}
        document.pop("trigger", None)
        example = TRIGGERS.get(self.trigger)
        self.document = json.dumps({**document, "trigger": example} if example else document, indent=2)

    # ------------------------------------------------------------------
    # The automated action
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["code"] = vals.get("code") or self._free_code(vals.get("name") or "")
        rules = super().create(vals_list)
        rules._check_reach()
        rules._keep_in_step()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & REACHING:
            self._check_reach()
        if vals.keys() & {
            "name",
            "is_active",
            "trigger",
            "model_id",
            "domain",
            "condition_field",
            "trigger_on_create",
            "trigger_on_write",
        }:
            self._keep_in_step()
        return result

    def unlink(self):
        automations = self.sudo().automation_id
        result = super().unlink()
        _remove(automations)
        return result

    def copy_data(self, default=None):
        result = super().copy_data(default)
        for vals in result if isinstance(result, list) else [result]:
            vals["name"] = _("%s (copy)", vals["name"])
        return result

    def _free_code(self, name):
        base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "rule"
        taken = set(self.sudo().search([("code", "=like", f"{base}%")]).mapped("code"))
        code, number = base, 2
        while code in taken:
            code, number = f"{base}-{number}", number + 1
        return code

    def _keep_in_step(self):
        """Make the automated action of each rule what the rule says; rules that have none in Odoo lose it."""
        for rule in self.sudo():
            runs_here = rule.model_id and rule.trigger in {"odoo", "event"}
            if not runs_here or (rule.automation_id and rule.automation_id.model_id != rule.model_id):
                _remove(rule.automation_id)
                rule.automation_id = False
            if not runs_here:
                continue
            on = {(True, False): "on_create", (False, True): "on_write", (True, True): "on_create_or_write"}
            watched = rule._watched_fields() if rule.trigger_on_write else self.env["ir.model.fields"]
            values = {
                "name": f"IIoT: {rule.name}",
                "trigger": on[bool(rule.trigger_on_create), bool(rule.trigger_on_write)],
                # Domain and condition are looked at by the rule, which can be wrong without any harm.
                "filter_domain": False,
                "trigger_field_ids": [fields.Command.set(watched.ids)],
                "active": rule.is_active,
            }
            if rule.automation_id:
                rule.automation_id.write(values)
                continue
            rule.automation_id = self.env["base.automation"].sudo().create({"model_id": rule.model_id.id, **values})
            self.env["ir.actions.server"].sudo().create(
                {
                    "name": f"IIoT: {rule.name}",
                    "model_id": rule.model_id.id,
                    "base_automation_id": rule.automation_id.id,
                    "usage": "base_automation",
                    "state": "code",
                    "code": f"env['iiot.automation.rule'].browse({rule.id})._run(records)",
                }
            )

    def _watched_fields(self):
        """Return the fields whose change sets the rule off; none for any field."""
        names = self._looks_at()
        # One that is not stored tells nobody that it changes: then every update counts.
        if not self._looks_at_stored(self.env[self.model_name]):
            names = set()
        return (
            self.env["ir.model.fields"]
            .sudo()
            .search([("model_id", "=", self.model_id.id), ("name", "in", list(names))])
        )

    # ------------------------------------------------------------------
    # Running
    # ------------------------------------------------------------------

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

    def _domain(self):
        # Nothing that leads to an environment: the rule reads as the superuser, its author may not.
        names = {
            "datetime": safe_datetime,
            "context_today": lambda: fields.Date.context_today(self),
            "uid": self.env.uid,
        }
        return safe_eval(self.domain or "[]", names)

    def _holds(self, record):
        domain = self._domain()
        if domain and not record.filtered_domain(domain):
            return False
        return not self.condition_field or self._compare(self._value(record, self.condition_field))

    def _held_before(self, record, before):
        """Tell whether domain and condition held before an update.

        Args:
            record: The record, as it is now.
            before: Values of its stored fields before, as far as they were written.
        """
        if not self._looks_at_stored(record):
            return False
        return self._holds(
            record.new({name: _old(record, name, value) for name, value in before.items()}, origin=record)
        )

    def _looks_at(self):
        """Return the names of the record's own fields that domain and condition look at."""
        names = {term[0].split(".")[0] for term in self._domain() if isinstance(term, list | tuple)}
        names |= {self.condition_field.split(".")[0]} if self.condition_field else set()
        # What terms such as (1, "=", 1) begin with.
        return {name for name in names if name in self.env[self.model_name]._fields}

    def _looks_at_stored(self, record):
        names = self._looks_at()
        return bool(names) and all(record._fields[name].store for name in names)

    def _value(self, record, path):
        *names, last = path.split(".")
        for name in names:
            record = record[name][:1]
        return record[last] if record else None

    def _compare(self, value):
        if isinstance(value, models.BaseModel):
            value = len(value)
        try:
            return COMPARISONS[self.condition_operator](float(value or 0), self.condition_value)
        except (TypeError, ValueError):
            return False

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

        return _filled(json.loads(self.command_params or "{}"), found)

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

    def action_open_commands(self):
        """Show the commands that the rule has sent."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_command")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {"create": False}}

    # ------------------------------------------------------------------
    # Bridge
    # ------------------------------------------------------------------

    def _registry_document(self):
        """Return the rule as the bridge has it; None for one that runs in Odoo."""
        self.ensure_one()
        if self.trigger == "odoo":
            return None
        more = json.loads(self.document or "{}")
        devices = {"ids": [*self.device_ids.sorted("id").mapped("device_id"), *more.get("devices", {}).get("ids", ())]}
        if self.profile_id:
            devices["profile"] = self.profile_id.code
        if self.group_id:
            devices["group"] = self.group_id.name
        trigger = {**more.get("trigger", {}), "kind": self.trigger}
        if self.trigger == "event" and self.model_id:
            trigger["model"] = self.model_name
        command = {"action": self.command_action, "params": json.loads(self.command_params or "{}")}
        throttle = {"every": format_duration(self.throttle), "window": format_duration(self.window)}
        return {
            "id": self.code,
            "name": self.name if self.name != self.code else "",
            "description": self.description or "",
            "active": self.is_active,
            "devices": devices,
            "trigger": trigger,
            "command": {
                **more.get("command", {}),
                **command,
                **({"ttl": format_duration(self.command_ttl)} if self.command_ttl else {}),
            },
            "throttle": {**throttle, **({"most": self.most} if self.most else {})},
            "interlock": {**more.get("interlock", {}), **({"online": True} if self.only_online else {})},
        }

    @api.model
    def _from_document(self, document):
        """Create or change the rule that the bridge describes."""
        rule = self.search([("code", "=", document.get("id"))])
        values = self._values_of(document)
        if rule:
            if rule.trigger == "odoo":
                sentence = _("“%s” is a rule that runs in Odoo; change it there.", rule.code)
                self.env["iiot.bridge"]._refuse("duplicate-record", sentence, kind="rule", field="id", value=rule.code)
            rule.write(values)
            return rule
        return self.create({"code": document.get("id"), **values})

    def _values_of(self, document):
        devices, trigger = dict(document.get("devices") or {}), dict(document["trigger"])
        command, throttle = dict(document["command"]), dict(document.get("throttle") or {})
        interlock = {name: value for name, value in (document.get("interlock") or {}).items() if value is not None}
        kind = trigger.pop("kind")
        model = self.env["ir.model"].sudo().search([("model", "=", trigger.get("model") or "")])
        if kind == "event" and model:
            del trigger["model"]
        ids = list(devices.get("ids") or ())
        known = self.env["iiot.device"].search([("device_id", "in", ids)])
        unknown = [id for id in ids if id not in set(known.mapped("device_id"))]
        values = {
            "name": document.get("name") or document.get("id"),
            "description": document.get("description") or False,
            "is_active": document.get("active", True),
            "trigger": kind,
            "model_id": model.id if kind == "event" else False,
            "profile_id": self._profile_of(devices.get("profile")).id,
            "group_id": self._group_of(devices.get("group")).id,
            "device_ids": [fields.Command.set(known.ids)],
            "command_action": command.pop("action"),
            "command_params": json.dumps(command.pop("params", None) or {}, ensure_ascii=False, indent=2),
            "command_ttl": read_duration(command.pop("ttl", None) or 0),
            "throttle": read_duration(throttle.get("every", 60)),
            "most": throttle.get("most") or 0,
            "window": read_duration(throttle.get("window", 3600)),
            "only_online": interlock.get("online") is True,
        }
        if values["only_online"]:
            del interlock["online"]
        more = {
            "trigger": trigger,
            "command": {name: value for name, value in command.items() if value is not None},
            "interlock": interlock,
            "devices": {"ids": unknown} if unknown else {},
        }
        document = {name: value for name, value in more.items() if value}
        return {**values, "document": json.dumps(document, ensure_ascii=False, indent=2)}

    def _profile_of(self, code):
        profile = self.env["iiot.device.profile"].search([("code", "=", code or "")])
        if code and not profile:
            sentence = _("There is no device profile with the code “%s”.", code)
            self.env["iiot.bridge"]._refuse("unknown-record", sentence, kind="profile", id=code)
        return profile

    def _group_of(self, name):
        groups = self.env["iiot.device.group"]
        return groups.search([("name", "=", name)]) or groups.create({"name": name}) if name else groups


def _old(record, name, value):
    """Return a value from before an update as the ORM takes it. 17 has read it for the outside, 18 and 19 have not."""
    kind = record._fields[name].type
    if kind == "many2one" and isinstance(value, tuple):
        return value[0] if value else False
    if kind in {"one2many", "many2many"} and isinstance(value, list):
        return [fields.Command.set(value)]
    return value


def _remove(automations):
    """Delete automated actions and what they run, which they leave behind by themselves."""
    actions = automations.action_server_ids
    automations.unlink()
    actions.exists().unlink()


def _filled(params, found):
    if isinstance(params, str):
        match = PLACEHOLDER.fullmatch(params)
        return found(match[1]) if match else params
    if isinstance(params, dict):
        return {name: _filled(value, found) for name, value in params.items()}
    if isinstance(params, list):
        return [_filled(value, found) for value in params]
    return params


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
