from odoo import _, fields, models
from odoo.exceptions import UserError


class IiotUpdateWizard(models.TransientModel):
    """Ask which firmware devices are to get, and update them."""

    _name = "iiot.update.wizard"
    _description = "Update IIoT Devices"

    device_ids = fields.Many2many("iiot.device", string="Devices", required=True)
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", required=True, domain=[("state", "=", "released")])
    again = fields.Boolean("Even if Installed", help="Update devices even if they have the version already.")

    def action_update(self):
        """Update the devices."""
        self.ensure_one()
        if not self.device_ids:
            raise UserError(_("Choose at least one device."))
        updates = self.env["iiot.update"].create(
            [
                {"device_id": device.id, "firmware_id": self.firmware_id.id, "again": self.again}
                for device in self.device_ids
            ]
        )
        updates.action_start()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_update")
        return {**action, "domain": [("id", "in", updates.ids)], "context": {"create": False}}
