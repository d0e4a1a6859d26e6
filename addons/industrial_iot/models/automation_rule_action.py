from odoo import api, fields, models


class IiotAutomationRule(models.Model):
    """The automated action by which Odoo runs a rule: it is kept in step with the rule."""

    _inherit = "iiot.automation.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._keep_in_step()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {
            "name",
            "is_active",
            "trigger",
            "model_id",
            "domain",
            "condition_field",
            "trigger_on_create",
            "trigger_on_write",
        }:
            self._keep_in_step()
        return result

    def unlink(self):
        automations = self.sudo().automation_id
        result = super().unlink()
        _remove(automations)
        return result

    def _keep_in_step(self):
        """Make the automated action of each rule what the rule says; rules that have none in Odoo lose it."""
        for rule in self.sudo():
            runs_here = rule.model_id and rule.trigger in {"odoo", "event"}
            if not runs_here or (rule.automation_id and rule.automation_id.model_id != rule.model_id):
                _remove(rule.automation_id)
                rule.automation_id = False
            if not runs_here:
                continue
            on = {(True, False): "on_create", (False, True): "on_write", (True, True): "on_create_or_write"}
            watched = rule._watched_fields() if rule.trigger_on_write else self.env["ir.model.fields"]
            values = {
                "name": f"IIoT: {rule.name}",
                "trigger": on[bool(rule.trigger_on_create), bool(rule.trigger_on_write)],
                # Domain and condition are looked at by the rule, which can be wrong without any harm.
                "filter_domain": False,
                "trigger_field_ids": [fields.Command.set(watched.ids)],
                "active": rule.is_active,
            }
            if rule.automation_id:
                rule.automation_id.write(values)
                continue
            rule.automation_id = self.env["base.automation"].sudo().create({"model_id": rule.model_id.id, **values})
            self.env["ir.actions.server"].sudo().create(
                {
                    "name": f"IIoT: {rule.name}",
                    "model_id": rule.model_id.id,
                    "base_automation_id": rule.automation_id.id,
                    "usage": "base_automation",
                    "state": "code",
                    "code": f"env['iiot.automation.rule'].browse({rule.id})._run(records)",
                }
            )

    def _watched_fields(self):
        """Return the fields whose change sets the rule off; none for any field."""
        names = self._looks_at()
        # One that is not stored tells nobody that it changes: then every update counts.
        if not self._looks_at_stored(self.env[self.model_name]):
            names = set()
        return (
            self.env["ir.model.fields"]
            .sudo()
            .search([("model_id", "=", self.model_id.id), ("name", "in", list(names))])
        )


def _remove(automations):
    """Delete automated actions and what they run, which they leave behind by themselves."""
    actions = automations.action_server_ids
    automations.unlink()
    actions.exists().unlink()
