import uuid

from odoo import fields, models

STATES = [
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("acknowledged", "Acknowledged"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("timed_out", "Timed Out"),
    ("expired", "Expired"),
    ("superseded", "Superseded"),
    ("unknown", "Unknown"),
]


class IiotCommand(models.Model):
    """Command to a device: what was asked for, by whom, and what became of it."""

    _name = "iiot.command"
    _description = "IIoT Command"
    _order = "id desc"

    uuid = fields.Char("Command ID", required=True, readonly=True, default=lambda self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, index=True)
    device_id = fields.Many2one(
        "iiot.device", "Device", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    action = fields.Char("Action", required=True, readonly=True)
    params = fields.Json("Parameters", readonly=True)
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="queued", index=True)
    user_id = fields.Many2one("res.users", "Requested By", readonly=True)
    who = fields.Char("Requester", readonly=True)
    source = fields.Char("Source", readonly=True)
    rule_id = fields.Many2one("iiot.automation.rule", "Automation Rule", readonly=True, ondelete="set null", index=True)
    result = fields.Json("Answer", readonly=True)
    error_code = fields.Char("Error Code", readonly=True)
    error = fields.Text("Error", readonly=True)
    message = fields.Json("Message", readonly=True)
    attempts = fields.Integer("Attempts", readonly=True)
    ttl = fields.Integer("Time to Live (s)", readonly=True)
    response_timeout = fields.Integer("Response Timeout (s)", readonly=True)
    supersede = fields.Char("Supersedes", readonly=True)
    expires_at = fields.Datetime("Expires At", readonly=True)
    accepted_at = fields.Datetime("At the Bridge Since", readonly=True)
    sent_at = fields.Datetime("Sent At", readonly=True)
    delivered_at = fields.Datetime("Delivered At", readonly=True)
    acknowledged_at = fields.Datetime("Acknowledged At", readonly=True)
    ended_at = fields.Datetime("Ended At", readonly=True)
