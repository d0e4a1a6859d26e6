from odoo import fields, models

COMPARISONS = [("=", "="), ("!=", "≠"), (">", ">"), (">=", "≥"), ("<", "<"), ("<=", "≤")]


class IiotAutomationRule(models.Model):
    """When devices are sent a command by themselves."""

    _name = "iiot.automation.rule"
    _description = "IIoT Automation Rule"
    _inherit = ["mail.thread", "iiot.registry.record"]
    _order = "name"

    _registry_kind = "rule"

    name = fields.Char("Name", required=True, tracking=True)
    code = fields.Char("ID", copy=False)
    description = fields.Text("Description")
    is_active = fields.Boolean("Active", default=True, tracking=True)
    trigger = fields.Selection(
        [
            ("odoo", "Change of a record"),
            ("cron", "Times (bridge)"),
            ("threshold", "Limit of a measured value (bridge)"),
            ("telemetry", "Conditions on telemetry (bridge)"),
            ("event", "Event (bridge)"),
        ],
        "Trigger",
        required=True,
        default="odoo",
    )
    model_id = fields.Many2one("ir.model", "Model", ondelete="cascade")
    model_name = fields.Char("Model Name", related="model_id.model")
    domain = fields.Char("Domain", default="[]")
    trigger_on_create = fields.Boolean("Trigger on Create")
    trigger_on_write = fields.Boolean("Trigger on Update")
    condition_field = fields.Char("Condition Field")
    condition_operator = fields.Selection(COMPARISONS, "Comparison", required=True, default=">")
    condition_value = fields.Float("Condition Value")
    only_when_begins = fields.Boolean("Only When It Begins to Hold", default=True)
    device_path = fields.Char("Path to the Device")
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile", ondelete="restrict")
    group_id = fields.Many2one("iiot.device.group", "Device Group", ondelete="restrict")
    device_ids = fields.Many2many("iiot.device", string="Devices")
    command_action = fields.Char("Command Action", required=True)
    command_params = fields.Text("Command Parameters", default="{}")
    command_ttl = fields.Integer("Time to Live (s)")
    throttle = fields.Integer("Seconds Between Commands", default=60)
    most = fields.Integer("Most Commands")
    window = fields.Integer("In Seconds", default=3600)
    only_online = fields.Boolean("Only While Online")
    document = fields.Text("Document", default="{}")
    automation_id = fields.Many2one("base.automation", "Automated Action", readonly=True, copy=False)
    log_ids = fields.One2many("iiot.automation.log", "rule_id", "Log")
    last_run = fields.Datetime("Last Run", compute="_compute_last")
    last_error = fields.Text("Last Error", compute="_compute_last")
    command_count = fields.Integer("Commands", compute="_compute_last")

    def _compute_last(self):
        for rule in self:
            rule.last_run = rule.last_error = False
            rule.command_count = 0
