from odoo import fields, models


class IiotFirmware(models.Model):
    """One version of firmware that devices can be updated to."""

    _name = "iiot.firmware"
    _description = "IIoT Firmware"
    _inherit = ["mail.thread", "iiot.registry.record"]
    _order = "id desc"

    _registry_kind = "firmware"

    code = fields.Char("ID", required=True, copy=False)
    version = fields.Char("Version", required=True, copy=False, tracking=True)
    name = fields.Char("Name")
    file = fields.Binary("File", attachment=True, copy=False)
    filename = fields.Char("File Name", copy=False)
    url = fields.Char("Download URL", copy=False)
    size = fields.Float("Size (bytes)", digits=(20, 0), copy=False)
    sha256 = fields.Char("SHA-256", copy=False)
    signature = fields.Char("Ed25519 Signature", copy=False)
    key_id = fields.Char("Key ID", copy=False)
    hardware = fields.Char("Hardware Revisions")
    min_version = fields.Char("Oldest Version")
    notes = fields.Text("Release Notes")
    state = fields.Selection(
        [("draft", "Draft"), ("released", "Released"), ("withdrawn", "Withdrawn")],
        "Status",
        required=True,
        default="draft",
        copy=False,
        tracking=True,
    )
    update_ids = fields.One2many("iiot.update", "firmware_id", "Updates")
    update_count = fields.Integer("Updates", compute="_compute_update_count")

    def _compute_update_count(self):
        counts = dict(self.env["iiot.update"]._read_group([("firmware_id", "in", self.ids)], ["firmware_id"], ["__count"]))
        for firmware in self:
            firmware.update_count = counts.get(firmware, 0)
