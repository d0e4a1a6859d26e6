import json

from odoo import _, api, fields, models
from odoo.exceptions import UserError

from ..text_rules import check_json_object


class IiotCommandWizard(models.TransientModel):
    """Ask which command devices are to get, and send it."""

    _name = "iiot.command.wizard"
    _description = "Send an IIoT Command"

    device_ids = fields.Many2many("iiot.device", string="Devices", required=True)
    profile_ids = fields.Many2many("iiot.device.profile", compute="_compute_known", string="Device Profiles")
    known_actions = fields.Char("Known Actions", compute="_compute_known")
    template_id = fields.Many2one(
        "iiot.command.template",
        "Command Template",
        domain="[('profile_id', 'in', profile_ids), ('is_active', '=', True)]",
    )
    action = fields.Char("Action", required=True)
    action_description = fields.Char("What It Does", compute="_compute_action_description")
    params = fields.Text("Parameters", default="{}", required=True, help='JSON object, such as {"delay": 10}.')
    ttl = fields.Integer("Time to Live (s)", help="After this time nobody wants the command; 0 for the default.")

    @api.depends("device_ids")
    def _compute_known(self):
        for wizard in self:
            wizard.profile_ids = wizard.device_ids.profile_id
            wizard.known_actions = ", ".join(sorted(wizard._actions()))

    @api.depends("device_ids", "action")
    def _compute_action_description(self):
        for wizard in self:
            wizard.action_description = wizard._actions().get(wizard.action or "", {}).get("description") or False

    def _actions(self):
        """Return the actions that the devices know, by their names."""
        known = {}
        for profile in self.device_ids.profile_id:
            known |= {template.code: {} for template in profile.command_template_ids if template.is_active}
            known |= profile._known_actions()
        return known

    @api.onchange("template_id")
    def _onchange_template_id(self):
        if self.template_id:
            self.action = self.template_id.code

    @api.onchange("action")
    def _onchange_action(self):
        """Fill in the first example that the action's schema has."""
        schema = self._actions().get(self.action or "", {}).get("params")
        examples = schema.get("examples") if isinstance(schema, dict) else None
        if examples and (self.params or "{}").strip() == "{}":
            self.params = json.dumps(examples[0], ensure_ascii=False, indent=2)

    def action_send(self):
        """Send the command."""
        self.ensure_one()
        params = check_json_object(_("Parameters"), self.params)
        if not self.device_ids:
            raise UserError(_("Choose at least one device."))
        if self.ttl < 0:
            raise UserError(_("A time to live is not negative."))
        commands = self.device_ids._send_command(self.action.strip(), params, ttl=self.ttl)
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_command")
        return {**action, "domain": [("id", "in", commands.ids)], "context": {"create": False}}
