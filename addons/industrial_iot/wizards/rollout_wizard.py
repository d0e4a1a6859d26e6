from odoo import fields, models


class IiotRolloutWizard(models.TransientModel):
    _name = "iiot.rollout.wizard"
    _description = "Roll Out IIoT Firmware"

    name = fields.Char("Name")
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", required=True)
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile")
    group_id = fields.Many2one("iiot.device.group", "Device Group")
    device_ids = fields.Many2many("iiot.device", string="Devices")
    canary_percent = fields.Float("Canary Group (%)", default=5)
    rate = fields.Float("Devices per Minute", default=100)
    success = fields.Float("Success Threshold (%)", default=90)
    error = fields.Float("Error Threshold (%)", default=20)
    error_minimum = fields.Integer("Devices Before Errors Count", default=10)
    attempts = fields.Integer("Attempts per Device", default=3)
