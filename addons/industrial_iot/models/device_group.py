from odoo import _, fields, models

from ..versions import HAS_CONSTRAINT_OBJECTS


class IiotDeviceGroup(models.Model):
    _name = "iiot.device.group"
    _description = "IIoT Device Group"
    _order = "name"

    name = fields.Char("Name", required=True)
    color = fields.Integer("Color")
    device_ids = fields.Many2many("iiot.device", "iiot_device_group_rel", "group_id", "device_id", string="Devices")

    if HAS_CONSTRAINT_OBJECTS:
        _name_unique = models.Constraint("unique (name)", "There is already a device group of this name.")
    else:
        _sql_constraints = [("name_unique", "unique (name)", "There is already a device group of this name.")]

    def write(self, vals):
        devices = self.device_ids
        result = super().write(vals)
        (devices | self.device_ids)._registry_changed()
        return result

    def unlink(self):
        devices = self.device_ids
        result = super().unlink()
        devices._registry_changed()
        return result

    def copy_data(self, default=None):
        result = super().copy_data(default)
        for vals in result if isinstance(result, list) else [result]:
            vals["name"] = _("%s (copy)", vals["name"])
        return result
