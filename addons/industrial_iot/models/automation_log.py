from odoo import fields, models


class IiotAutomationLog(models.Model):
    """What an automation rule did, and why it did not."""

    _name = "iiot.automation.log"
    _description = "IIoT Automation Log"
    _order = "id desc"

    rule_id = fields.Many2one("iiot.automation.rule", "Rule", required=True, ondelete="cascade", index=True)
    res_model = fields.Char("Model")
    res_id = fields.Many2oneReference("Record", model_field="res_model")
    device_id = fields.Many2one("iiot.device", "Device", ondelete="cascade", index=True)
    command_id = fields.Many2one("iiot.command", "Command", ondelete="set null")
    user_id = fields.Many2one("res.users", "User", default=lambda self: self.env.uid)
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("throttled", "Throttled"),
            ("refused", "Not safe"),
            ("no_device", "No device"),
            ("error", "Error"),
        ],
        "Outcome",
        required=True,
    )
    message = fields.Text("Message")
