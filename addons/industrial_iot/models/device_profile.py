import json

from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..duration import format_duration, read_duration
from ..entry_error import explained
from ..message_template import DEFAULT_TEMPLATE, check_template
from ..telemetry.reading import READING_DEFAULTS, check_reading
from ..text_rules import check_code, check_json_object, check_topic
from ..versions import HAS_CONSTRAINT_OBJECTS

TOPICS = (
    "config_request",
    "config_response",
    "telemetry",
    "command",
    "command_response",
    "ota_notify",
    "ota_status",
    "presence",
)


class IiotDeviceProfile(models.Model):
    _name = "iiot.device.profile"
    _description = "IIoT Device Profile"
    _inherit = ["iiot.registry.record", "mail.thread", "mail.activity.mixin"]
    _order = "name, code"
    _registry_kind = "profile"
    _registry_fields = frozenset(
        {
            "name",
            "description",
            *(f"topic_{name}" for name in TOPICS),
            "codec",
            "reading_extra",
            "command_template",
            "command_template_ids",
            "command_id_field",
            "actions",
            "telemetry_rule_ids",
            "offline_after",
            "active",
        }
    )

    name = fields.Char("Name", tracking=True, help="The code, if empty.")
    code = fields.Char(
        "Code",
        required=True,
        index=True,
        copy=False,
        help="Lower-case letters, digits and hyphens. The bridge knows the profile by it; it never changes.",
    )
    description = fields.Text("Description")
    active = fields.Boolean("Active", default=True, tracking=True)
    topic_config_request = fields.Char(
        "Configuration Request Topic", required=True, default="iiot/config/request", tracking=True
    )
    topic_config_response = fields.Char(
        "Configuration Topic", required=True, default="iiot/config/{device}", tracking=True
    )
    topic_telemetry = fields.Char("Telemetry Topic", required=True, default="telemetry/{device}/data", tracking=True)
    topic_command = fields.Char("Command Topic", required=True, default="command/{device}/action", tracking=True)
    topic_command_response = fields.Char(
        "Command Response Topic", required=True, default="command/{device}/response", tracking=True
    )
    topic_ota_notify = fields.Char("OTA Notice Topic", required=True, default="ota/{device}/notify", tracking=True)
    topic_ota_status = fields.Char("OTA Status Topic", required=True, default="ota/{device}/status", tracking=True)
    topic_presence = fields.Char("Presence Topic", required=True, default="presence/{device}", tracking=True)
    codec = fields.Selection(
        [("json", "JSON"), ("scalar", "Single value"), ("sparkplug-b", "Sparkplug B")],
        "Payload Format",
        required=True,
        default="json",
        tracking=True,
        help="What devices send as telemetry.",
    )
    reading_extra = fields.Text(
        "Readings",
        help="JSON that says how payloads are taken apart and when they were measured: batch, time, time_unit, "
        "on_missing_time, max_age, on_too_old, max_ahead, on_future. Empty for one reading a payload, at its arrival.",
    )
    command_template = fields.Text(
        "Command Template",
        required=True,
        default=DEFAULT_TEMPLATE,
        tracking=True,
        help="Jinja2 template of the message that devices get; it must give JSON. It can use action, params, "
        "device_id, device and now().",
    )
    command_template_ids = fields.One2many(
        "iiot.command.template",
        "profile_id",
        "Command Templates",
        copy=True,
        help="Templates of single actions, used instead of the profile's own.",
    )
    command_id_field = fields.Char(
        "Command ID Field",
        help="Name under which the message holds the command's id, for devices that cannot read MQTT 5 properties. "
        "Empty to leave it out.",
    )
    actions = fields.Text(
        "Actions",
        help="JSON object of the actions that devices know, by name, each with a description and a JSON Schema of its "
        "params. Empty to allow any action.",
    )
    offline_after = fields.Float(
        "Offline After (s)",
        required=True,
        default=300,
        tracking=True,
        help="Seconds of silence after which a device counts as offline.",
    )
    telemetry_rule_ids = fields.One2many("iiot.telemetry.rule", "profile_id", "Telemetry Rules", copy=True)
    device_ids = fields.One2many("iiot.device", "profile_id", "Devices")
    device_count = fields.Integer("Device Count", compute="_compute_device_count")

    if HAS_CONSTRAINT_OBJECTS:
        _code_unique = models.Constraint("unique (code)", "There is already a device profile with this code.")
        _offline_after_positive = models.Constraint(
            "CHECK (offline_after > 0)", "The time of silence before a device counts as offline must be more than 0."
        )
    else:
        _sql_constraints = [
            ("code_unique", "unique (code)", "There is already a device profile with this code."),
            (
                "offline_after_positive",
                "CHECK (offline_after > 0)",
                "The time of silence before a device counts as offline must be more than 0.",
            ),
        ]

    @api.depends("name", "code")
    def _compute_display_name(self):
        for profile in self:
            profile.display_name = profile.name or profile.code or ""

    @api.depends("device_ids")
    def _compute_device_count(self):
        counts = dict(
            self.env["iiot.device"]._read_group([("profile_id", "in", self.ids)], ["profile_id"], ["__count"])
        )
        for profile in self:
            profile.device_count = counts.get(profile._origin, 0)

    @api.constrains("code")
    def _check_code(self):
        with explained(self.env):
            for profile in self:
                check_code(profile.code)

    @api.constrains(*(f"topic_{name}" for name in TOPICS))
    def _check_topics(self):
        with explained(self.env):
            for profile in self:
                for name in TOPICS:
                    field = self._fields[f"topic_{name}"]
                    # Devices ask for their configuration before they know who they are.
                    check_topic(field._description_string(self.env), profile[field.name], name != "config_request")

    @api.constrains("command_template")
    def _check_command_template(self):
        with explained(self.env):
            for profile in self:
                check_template(profile.command_template)

    @api.constrains("actions")
    def _check_actions(self):
        for profile in self:
            with explained(self.env):
                actions = check_json_object(_("Actions"), profile.actions)
            for name, action in actions.items():
                known = isinstance(action, dict) and action.keys() <= {"description", "params"}
                if not known or not isinstance(action.get("params") or {}, dict | bool):
                    raise ValidationError(
                        _(
                            "The action “%s” must be an object with a description and, as params, a JSON Schema.",
                            name,
                        )
                    )

    @api.constrains("reading_extra")
    def _check_reading(self):
        with explained(self.env):
            for profile in self:
                check_reading(check_json_object(_("Readings"), profile.reading_extra))

    @api.constrains("active")
    def _check_archive(self):
        for profile in self:
            if not profile.active and profile.device_ids.filtered("is_active"):
                raise ValidationError(
                    _(
                        "“%s” cannot be archived: devices of this profile still take part. Retire them or give them "
                        "another profile first.",
                        profile.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for profile in self:
            if profile.with_context(active_test=False).device_ids:
                raise UserError(_("“%s” cannot be deleted: there are devices of this profile.", profile.display_name))

    def copy_data(self, default=None):
        result = super().copy_data(default)
        for profile, vals in zip(self, result if isinstance(result, list) else [result], strict=True):
            vals.setdefault("code", self._free_code(profile.code))
            vals["name"] = _("%s (copy)", profile.display_name)
        return result

    def _free_code(self, code):
        taken = set(self.with_context(active_test=False).search([("code", "=like", f"{code}-%")]).mapped("code"))
        number = 2
        while f"{code}-{number}" in taken:
            number += 1
        return f"{code}-{number}"

    def action_open_devices(self):
        """Open the devices of the profile."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_device")
        return {**action, "domain": [("profile_id", "=", self.id)], "context": {"default_profile_id": self.id}}

    def _topics_of(self, device_id):
        """Return the topics of a device, by what they are for."""
        return {name: self[f"topic_{name}"].replace("{device}", device_id) for name in TOPICS}

    def _registry_document(self):
        self.ensure_one()
        if not self.active:
            return None
        return {
            "id": self.code,
            "name": self.name or "",
            "description": self.description or "",
            "topics": {name: self[f"topic_{name}"] for name in TOPICS},
            "codec": self.codec,
            "reading": READING_DEFAULTS | json.loads(self.reading_extra or "{}"),
            "command_template": self.command_template,
            "command_templates": [
                {
                    "code": template.code,
                    "name": template.name if template.name != template.code else "",
                    "template": template.template,
                    "active": template.is_active,
                }
                for template in self.command_template_ids
            ],
            "command_id_field": self.command_id_field or "",
            "actions": json.loads(self.actions or "{}"),
            "rules": [rule._document() for rule in self.with_context(active_test=False).telemetry_rule_ids],
            "offline_after": format_duration(self.offline_after),
        }

    def _keep_same(self, values):
        """Leave rules and templates alone, in values from a document, that are the same as before."""
        self.ensure_one()
        for name in ("telemetry_rule_ids", "command_template_ids"):
            old = list(self.with_context(active_test=False)[name])
            commands = []
            for command in values[name][1:]:
                wanted = command[2]
                same = next((one for one in old if _is_same(one, wanted)), None)
                if same is None:
                    commands.append(command)
                else:
                    old.remove(same)
                    commands.append(
                        fields.Command.update(same.id, {"sequence": wanted["sequence"]})
                        if "sequence" in wanted
                        else fields.Command.link(same.id)
                    )
            # What goes, goes first: what comes may have its name.
            values[name] = [fields.Command.delete(one.id) for one in old] + commands

    @api.model
    def _values_of(self, document):
        """Return the values of a profile's document of the bridge.

        Raises:
            UserError: It has something in it that Odoo cannot keep.
        """
        rules = self.env["iiot.telemetry.rule"]
        reading = {
            name: value
            for name, value in document.get("reading", {}).items()
            if name in READING_DEFAULTS and value != READING_DEFAULTS[name]
        }
        actions = document.get("actions") or {}
        values = {
            "name": document.get("name") or False,
            "description": document.get("description") or False,
            "codec": document.get("codec", "json"),
            "reading_extra": json.dumps(reading, ensure_ascii=False, indent=2) if reading else False,
            "command_template": document.get("command_template", DEFAULT_TEMPLATE),
            "command_id_field": document.get("command_id_field") or False,
            "actions": json.dumps(actions, ensure_ascii=False, indent=2) if actions else False,
            "offline_after": read_duration(document.get("offline_after", 300)),
            "active": True,
            "command_template_ids": [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "code": template["code"],
                            "name": template.get("name") or template["code"],
                            "template": template.get("template", DEFAULT_TEMPLATE),
                            "is_active": template.get("active", True),
                        }
                    )
                    for template in document.get("command_templates", ())
                ),
            ],
            "telemetry_rule_ids": [
                fields.Command.clear(),
                *(
                    fields.Command.create(rules._values_of(rule) | {"sequence": number})
                    for number, rule in enumerate(document.get("rules", ()), 1)
                ),
            ],
        }
        topics = document.get("topics", {})
        defaults = self.default_get([f"topic_{name}" for name in TOPICS])
        return values | {f"topic_{name}": topics.get(name, defaults[f"topic_{name}"]) for name in TOPICS}


def _is_same(record, vals):
    """Tell whether a record has these values already, its place among others aside."""
    for name, value in vals.items():
        now = record[name]
        now = now.id if isinstance(now, models.BaseModel) else now
        if name != "sequence" and (now or False) != (value or False):
            return False
    return True
