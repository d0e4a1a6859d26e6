from odoo import _, api, fields, models


class IiotRolloutWizard(models.TransientModel):
    """Ask which devices are to get a firmware, and how carefully, and begin."""

    _name = "iiot.rollout.wizard"
    _description = "Roll Out IIoT Firmware"

    name = fields.Char("Name", compute="_compute_name", store=True, readonly=False)
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", required=True, domain=[("state", "=", "released")])
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile")
    group_id = fields.Many2one("iiot.device.group", "Device Group")
    device_ids = fields.Many2many("iiot.device", string="Devices")
    device_count = fields.Integer("Number of Devices", compute="_compute_device_count")
    canary_group_id = fields.Many2one("iiot.device.group", "Canary Group")
    canary_sizes = fields.Char("Canary Sizes (%)", default="5")
    rate = fields.Float("Devices per Minute", default=100)
    success = fields.Float("Success Threshold (%)", default=90)
    error = fields.Float("Error Threshold (%)", default=20)
    error_minimum = fields.Integer("Devices Before Errors Count", default=10)
    attempts = fields.Integer("Attempts per Device", default=3)

    @api.depends("firmware_id", "profile_id")
    def _compute_name(self):
        for wizard in self:
            if wizard.firmware_id:
                parts = (wizard.profile_id.display_name or _("All devices"), wizard.firmware_id.version)
                wizard.name = " → ".join(parts)

    @api.depends("profile_id", "group_id", "device_ids")
    def _compute_device_count(self):
        for wizard in self:
            rollout = self.env["iiot.rollout"].new(wizard._values())
            wizard.device_count = self.env["iiot.device"].search_count(rollout._devices_domain())

    def _values(self):
        return {
            "name": self.name or self.firmware_id.display_name,
            "firmware_id": self.firmware_id.id,
            "profile_id": self.profile_id.id,
            "group_id": self.group_id.id,
            "device_ids": [fields.Command.set(self.device_ids.ids)],
            "canary_group_id": self.canary_group_id.id,
            "canary_sizes": self.canary_sizes,
            "rate": self.rate,
            "success": self.success,
            "error": self.error,
            "error_minimum": self.error_minimum,
            "attempts": self.attempts,
        }

    def action_start(self):
        """Begin the rollout."""
        self.ensure_one()
        rollout = self.env["iiot.rollout"].create(self._values())
        rollout.action_start()
        return {
            "type": "ir.actions.act_window",
            "res_model": "iiot.rollout",
            "res_id": rollout.id,
            "view_mode": "form",
            "name": rollout.name,
        }
