import uuid

from odoo import fields, models

STATES = [
    ("draft", "Draft"),
    ("scheduled", "Scheduled"),
    ("notified", "Notified"),
    ("downloading", "Downloading"),
    ("downloaded", "Downloaded"),
    ("verified", "Verified"),
    ("installing", "Installing"),
    ("rebooting", "Rebooting"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("rolled_back", "Rolled Back"),
    ("timed_out", "Timed Out"),
    ("cancelled", "Cancelled"),
]


class IiotUpdate(models.Model):
    """Update of one device to one firmware."""

    _name = "iiot.update"
    _description = "IIoT Update"
    _order = "id desc"

    uuid = fields.Char("Update ID", required=True, readonly=True, copy=False, default=lambda self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, copy=False, index=True)
    device_id = fields.Many2one("iiot.device", "Device", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", required=True, ondelete="restrict", index=True)
    version = fields.Char("Version", related="firmware_id.version", store=True)
    again = fields.Boolean("Even if Installed", help="Update the device even if it has the version already.")
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="draft", copy=False, index=True)
    attempt = fields.Integer("Attempt", readonly=True, copy=False)
    progress = fields.Integer("Progress (%)", readonly=True, copy=False)
    error_code = fields.Char("Error Code", readonly=True, copy=False)
    error = fields.Text("Error", readonly=True, copy=False)
    rollout_id = fields.Many2one("iiot.rollout", "Rollout", readonly=True, copy=False, ondelete="set null", index=True)
    rollout_ref = fields.Char("Rollout at the Bridge", readonly=True, copy=False, index=True)
    requested_by = fields.Char("Requested By", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "User", readonly=True, copy=False)
    requested_at = fields.Datetime("Requested At", readonly=True, copy=False)
    accepted_at = fields.Datetime("At the Bridge Since", readonly=True, copy=False)
    changed_at = fields.Datetime("In This Status Since", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended At", readonly=True, copy=False)
