from odoo import fields, models


class IiotUpdateWizard(models.TransientModel):
    _name = "iiot.update.wizard"
    _description = "Update IIoT Devices"

    device_ids = fields.Many2many("iiot.device", string="Devices", required=True)
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", required=True)
    again = fields.Boolean("Even if Installed")
