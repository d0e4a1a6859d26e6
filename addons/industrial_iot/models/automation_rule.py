import json
import re

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..text_rules import check_json_object
from ..versions import HAS_CONSTRAINT_OBJECTS, MODELS_WITH_RECORDS

TRIGGERS = {
    "cron": {"cron": "0 * * * *", "time_zone": "UTC"},
    "threshold": {"path": "$.temperature", "above": 80, "hysteresis": 5},
    "telemetry": {"when": [{"path": "$.temperature", "op": "gt", "value": 80}]},
    "event": {},
}
"""What each trigger of the bridge needs, as an example that a new rule begins with."""


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

    @api.onchange("trigger")
    def _onchange_trigger(self):
        try:
            document = check_json_object("", self.document)
        except ValidationError:
            document = {}
        document.pop("trigger", None)
        example = TRIGGERS.get(self.trigger)
        self.document = json.dumps({**document, "trigger": example} if example else document, indent=2)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["code"] = vals.get("code") or self._free_code(vals.get("name") or "")
        return super().create(vals_list)

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

    def action_open_commands(self):
        """Show the commands that the rule has sent."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_command")
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {"create": False}}
