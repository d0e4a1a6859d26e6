from odoo import fields, models


class IiotCommandWizard(models.TransientModel):
    _name = "iiot.command.wizard"
    _description = "Send an IIoT Command"

    device_ids = fields.Many2many("iiot.device", string="Devices", required=True)
    profile_ids = fields.Many2many("iiot.device.profile", compute="_compute_known", string="Device Profiles")
    template_id = fields.Many2one("iiot.command.template", "Command Template")
    known_actions = fields.Char("Known Actions", compute="_compute_known")
    action = fields.Char("Action", required=True)
    params = fields.Text("Parameters", default="{}", required=True)
    ttl = fields.Integer("Time to Live (s)")

    def _compute_known(self):
        self.profile_ids = False
        self.known_actions = False
