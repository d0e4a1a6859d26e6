from odoo import fields, models


class IiotConfigTokenWizard(models.TransientModel):
    """Show a new configuration token, once.

    The token comes with the context of the action that opens the wizard, and no column of the database ever holds it.
    """

    _name = "iiot.config.token.wizard"
    _description = "IIoT Configuration Token"

    device_id = fields.Many2one("iiot.device", "Device", readonly=True)
    token = fields.Char("Configuration Token", store=False, readonly=True)
    serial_number = fields.Char("Serial Number", related="device_id.serial_number")
    expires_at = fields.Datetime("Valid Until", readonly=True)
