from datetime import timedelta

from odoo import api, fields, models

from .. import parameters


class IiotAutomationLog(models.Model):
    """What an automation rule did, and why it did not.

    Rows are only ever added: a rule that many people set off at once is never what they wait for.
    """

    _name = "iiot.automation.log"
    _description = "IIoT Automation Log"
    _order = "id desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one(
        "iiot.automation.rule", "Rule", required=True, readonly=True, ondelete="cascade", index=True
    )
    outcome = fields.Selection(
        [
            ("sent", "Sent"),
            ("told", "Told to the bridge"),
            ("throttled", "Too Often"),
            ("unsafe", "Not Safe"),
            ("no_device", "No Device"),
            ("error", "Error"),
        ],
        "Outcome",
        required=True,
        readonly=True,
        index=True,
    )
    message = fields.Text("Message", readonly=True)
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record ID", model_field="res_model", readonly=True)
    device_id = fields.Many2one("iiot.device", "Device", readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    command_id = fields.Many2one("iiot.command", "Command", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", "User", readonly=True)

    @api.autovacuum
    def _gc_old(self):
        before = fields.Datetime.now() - timedelta(days=parameters.number(self.env, "iiot.history_keep_days"))
        self.search([("create_date", "<", before)], limit=10_000).unlink()
