import json

from odoo import _, api, models
from odoo.exceptions import ValidationError

from ..placeholder import filled
from ..text_rules import check_code, check_json_object
from ..versions import check_access

REACHING = frozenset({"trigger", "model_id", "domain", "safety_domain", "condition_field", "device_path"}) | {
    "command_params",
    "event_field_ids",
}
"""Fields that say what of a record a rule looks at."""
DOCUMENT_PARTS = frozenset({"trigger", "command", "throttle", "interlock", "devices"})


class IiotAutomationRule(models.Model):
    """What must be so before a rule is kept."""

    _inherit = "iiot.automation.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_reach()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & REACHING:
            self._check_reach()
        return result

    @api.constrains("code")
    def _check_code(self):
        for rule in self:
            check_code(rule.code)

    @api.constrains("command_params", "document", "throttle", "most", "window", "command_ttl", "trigger")
    def _check_texts(self):
        for rule in self:
            check_json_object(_("Command Parameters"), rule.command_params)
            if min(rule.throttle, rule.most, rule.command_ttl) < 0 or rule.window <= 0:
                raise ValidationError(_("Times and numbers of commands are not negative, and a window is not empty."))
            document = check_json_object(_("Details"), rule.document)
            unknown = sorted(document.keys() - DOCUMENT_PARTS)
            if unknown:
                raise ValidationError(
                    _("Details: there is no “%s”; there are %s.", unknown[0], ", ".join(sorted(DOCUMENT_PARTS)))
                )
            for part, value in document.items():
                if not isinstance(value, dict):
                    raise ValidationError(_("Details: “%s” must be a JSON object.", part))
            rule._check_trigger(document.get("trigger", {}))

    def _check_trigger(self, trigger):
        """Check what the bridge's triggers need; the rest the bridge checks, which knows the profile."""
        if trigger.get("kind", self.trigger) != self.trigger:
            raise ValidationError(_("Details: the trigger is of another kind than the rule's."))
        if self.trigger == "cron" and len(str(trigger.get("cron", "")).split()) != 5:
            raise ValidationError(
                _(
                    "Details: times are five fields, minute hour day month weekday: %s",
                    '{"trigger": {"cron": "0 6 * * 1-5"}}',
                )
            )
        has_one = (trigger.get("above") is None) != (trigger.get("below") is None)
        if self.trigger == "threshold" and not (trigger.get("path") and has_one):
            raise ValidationError(
                _(
                    "Details: a limit needs a path, and above or below: %s",
                    '{"trigger": {"path": "$.temperature", "above": 80}}',
                )
            )
        if self.trigger == "telemetry" and not trigger.get("when"):
            raise ValidationError(
                _(
                    "Details: conditions are needed: %s",
                    '{"trigger": {"when": [{"path": "$.temperature", "op": "gt", "value": 80}]}}',
                )
            )

    @api.constrains(*REACHING, "trigger_on_create", "trigger_on_write")
    def _check_model(self):
        for rule in self:
            if rule.trigger != "odoo" and not (rule.trigger == "event" and rule.model_id):
                continue
            if not rule.model_id:
                raise ValidationError(_("A rule on a change of a record needs a model."))
            if not (rule.trigger_on_create or rule.trigger_on_write):
                raise ValidationError(_("Choose whether the rule runs on creation, on update, or on both."))
            rule._check_reach()
            if rule.device_path and rule._field_of(rule.device_path).comodel_name != "iiot.device":
                raise ValidationError(_("“%s” does not lead to devices.", rule.device_path))

    def _check_reach(self):
        """Check that domains fit their models, and that there are the fields; and that the user may read all that.

        The rule reads as the superuser, and nobody shall learn by a rule what is kept from them. Constraints are
        checked as the superuser too, so this is called once more for the user.
        """
        for rule in self.filtered(lambda rule: rule.trigger in {"odoo", "event"} and rule.model_id):
            try:
                for model, domain in ((rule.model_name, rule._domain()), ("iiot.device", rule._safety_domain())):
                    if domain:
                        self.env[model].search(domain, limit=1)
            except Exception as error:
                raise ValidationError(
                    _("The domain does not fit %(model)s: %(why)s", model=rule.model_id.name, why=error)
                ) from error
            told = rule.sudo().event_field_ids.mapped("name") if rule.trigger == "event" else ()
            for path in filter(None, (rule.condition_field, rule.device_path, *rule._paths_in_params(), *told)):
                rule._field_of(path)

    def _paths_in_params(self):
        """Return the fields of the record that the parameters want."""
        found = set()
        filled(json.loads(self.command_params or "{}"), found.add)
        return sorted(name.removeprefix("record.") for name in found if name.startswith("record."))

    def _field_of(self, path):
        """Return the field at the end of a path of names, all of which the user may read."""
        model, field = self.env[self.model_name], None
        for name in path.split("."):
            if model is None or not model.fields_get([name], attributes=["type"]):
                raise ValidationError(_("%(model)s has no field “%(path)s”.", model=self.model_id.name, path=path))
            check_access(model, "read")
            field = model._fields[name]
            model = self.env[field.comodel_name] if field.comodel_name else None
        return field
