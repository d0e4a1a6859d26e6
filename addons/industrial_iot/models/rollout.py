import uuid

from odoo import fields, models

STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("finished", "Finished"),
    ("cancelled", "Cancelled"),
    ("rolled_back", "Rolled Back"),
    ("refused", "Refused"),
]


class IiotRollout(models.Model):
    """One firmware for many devices, group by group."""

    _name = "iiot.rollout"
    _description = "IIoT Rollout"
    _inherit = ["mail.thread"]
    _order = "id desc"

    uuid = fields.Char("Rollout ID", required=True, readonly=True, copy=False, default=lambda self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, copy=False, index=True)
    name = fields.Char("Name", required=True)
    firmware_id = fields.Many2one("iiot.firmware", "Firmware", ondelete="restrict")
    version = fields.Char("Version", related="firmware_id.version")
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile")
    group_id = fields.Many2one("iiot.device.group", "Device Group")
    device_ids = fields.Many2many("iiot.device", string="Devices")
    canary_percent = fields.Float("Canary Group (%)", default=5)
    rate = fields.Float("Devices per Minute", default=100)
    success = fields.Float("Success Threshold (%)", default=90)
    error = fields.Float("Error Threshold (%)", default=20)
    error_minimum = fields.Integer("Devices Before Errors Count", default=10)
    attempts = fields.Integer("Attempts per Device", default=3)
    plan = fields.Json("Plan", readonly=True, copy=False)
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="draft", copy=False, tracking=True, index=True
    )
    reason = fields.Char("Reason", readonly=True, copy=False)
    group = fields.Char("Current Group", readonly=True, copy=False)
    counts = fields.Json("Device Counts", readonly=True, copy=False)
    waiting_count = fields.Integer("Waiting", readonly=True, copy=False)
    running_count = fields.Integer("Running", readonly=True, copy=False)
    succeeded_count = fields.Integer("Succeeded", readonly=True, copy=False)
    failed_count = fields.Integer("Failed", readonly=True, copy=False)
    total_count = fields.Integer("Devices", readonly=True, copy=False)
    progress = fields.Float("Progress (%)", readonly=True, copy=False)
    rolls_back_id = fields.Many2one("iiot.rollout", "Rolls Back", readonly=True, copy=False)
    requested_by = fields.Char("Requested By", readonly=True, copy=False)
    changed_at = fields.Datetime("In This Status Since", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended At", readonly=True, copy=False)
    update_ids = fields.One2many("iiot.update", "rollout_id", "Updates")
