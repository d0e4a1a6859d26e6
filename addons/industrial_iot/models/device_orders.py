from odoo import fields, models


class IiotDevice(models.Model):
    """What people and rules ask of devices: commands and updates."""

    _inherit = "iiot.device"

    command_ids = fields.One2many("iiot.command", "device_id", "Commands")
    update_ids = fields.One2many("iiot.update", "device_id", "Updates")
    command_count = fields.Integer("Commands", compute="_compute_command_count")
    update_count = fields.Integer("Updates", compute="_compute_update_count")

    def _compute_command_count(self):
        counts = dict(self.env["iiot.command"]._read_group([("device_id", "in", self.ids)], ["device_id"], ["__count"]))
        for device in self:
            device.command_count = counts.get(device._origin, 0)

    def _compute_update_count(self):
        counts = dict(self.env["iiot.update"]._read_group([("device_id", "in", self.ids)], ["device_id"], ["__count"]))
        for device in self:
            device.update_count = counts.get(device._origin, 0)
