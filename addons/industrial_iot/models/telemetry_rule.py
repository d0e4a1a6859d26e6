import json

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from ..duration import format_duration, read_duration
from ..entry_error import explained
from ..record_domain import check_domain, read_domain
from ..telemetry.json_path import compile_path
from ..telemetry.transform import check_rule
from ..text_rules import check_json_object
from ..versions import MODELS_WITH_RECORDS

EXTRA_DEFAULTS = {"map": {}, "otherwise": None, "decimal_comma": False}


class IiotTelemetryRule(models.Model):
    _name = "iiot.telemetry.rule"
    _description = "IIoT Telemetry Rule"
    _order = "profile_id, sequence, id"

    name = fields.Char("Name", help="The field, if empty.")
    profile_id = fields.Many2one("iiot.device.profile", "Device Profile", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer("Sequence", default=10)
    active = fields.Boolean("Active", default=True)
    json_path = fields.Char(
        "JSONPath", required=True, help="Where the value is in a reading, such as $.sensors[0].temperature."
    )
    pick = fields.Selection(
        [
            ("one", "The value as it is"),
            ("first", "First"),
            ("last", "Last"),
            ("min", "Minimum"),
            ("max", "Maximum"),
            ("sum", "Sum"),
            ("mean", "Mean"),
            ("count", "Count"),
            ("all", "All, as a list"),
        ],
        "Pick",
        required=True,
        default="one",
        help="What is taken where the path finds several values.",
    )
    value_type = fields.Selection(
        [
            ("any", "As it is"),
            ("number", "Number"),
            ("integer", "Whole number"),
            ("text", "Text"),
            ("boolean", "Yes or no"),
            ("time", "Date and time"),
        ],
        "Type",
        required=True,
        default="any",
        help="What the value must be, or be turned into.",
    )
    scale = fields.Float("Scale", default=1, help="Number that the value is multiplied by.")
    offset = fields.Float("Offset", default=0, help="Number that is added then.")
    unit = fields.Char("Unit", help="Unit that the value is in then, such as °F.")
    to_unit = fields.Char("To Unit", help="Unit that is written, such as °C.")
    is_rounded = fields.Boolean("Round")
    round_digits = fields.Integer("Decimal Places", help="Negative for tens, hundreds and so on.")
    deadband_kind = fields.Selection(
        [("none", "Always"), ("absolute", "When it has moved by"), ("percent", "When it has moved by per cent")],
        "Write",
        required=True,
        default="none",
    )
    deadband = fields.Float("Deadband", help="Smallest change that is written; 0 for any change.")
    min_interval = fields.Float("Shortest Interval (s)", help="Shortest time between two values that are written.")
    model_id = fields.Many2one(
        "ir.model",
        "Model",
        ondelete="cascade",
        domain=MODELS_WITH_RECORDS,
        help="Model to write to; empty for the device's business object.",
    )
    model_name = fields.Char("Model Name", related="model_id.model", store=True)
    field_id = fields.Many2one(
        "ir.model.fields",
        "Field",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('readonly', '=', False), ('store', '=', True)]",
    )
    field_name = fields.Char(
        "Field Name",
        compute="_compute_field_name",
        store=True,
        readonly=False,
        help="Field to write to. Choose it above, or write its name where the model is that of the business object.",
    )
    domain = fields.Char(
        "Domain",
        required=True,
        default="[]",
        help="Records of the model to write to; {device}, {serial} and {value} may stand for values. Empty for the "
        "device's business object.",
    )
    on_missing = fields.Selection(
        [("ignore", "Ignore"), ("fail", "Report an error")],
        "If the Value Is Missing",
        required=True,
        default="ignore",
    )
    extra = fields.Text(
        "More",
        help="JSON with map (new values by old ones), otherwise (for values that the map lacks) and decimal_comma.",
    )

    @api.depends("field_id")
    def _compute_field_name(self):
        # Models and fields are no secret, though only administrators of Odoo may look at all of them.
        for rule in self:
            if rule.field_id:
                rule.field_name = rule.field_id.sudo().name

    @api.depends("name", "field_name")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.name or rule.field_name or ""

    @api.onchange("model_id")
    def _onchange_model_id(self):
        if self.field_id.model_id != self.model_id:
            self.field_id = False
            self.field_name = False

    @api.constrains("json_path")
    def _check_json_path(self):
        with explained(self.env):
            for rule in self:
                compile_path(rule.json_path)

    @api.constrains("domain", "model_id")
    def _check_domain(self):
        for rule in self:
            with explained(self.env):
                domain = read_domain(rule.domain)
                check_domain(domain)
            if domain and not rule.model_id:
                raise ValidationError(_("A domain needs the model that it chooses records of."))
            if domain:
                self._try_domain(rule.model_name, domain)

    @api.constrains("model_id", "field_id", "field_name")
    def _check_field(self):
        for rule in self:
            if not rule.field_name:
                raise ValidationError(_("Say which field the telemetry rule “%s” writes to.", rule.json_path))
            model, field = rule.model_id.sudo(), rule.field_id.sudo()
            if field and field.model_id != model:
                raise ValidationError(
                    _(
                        "The field “%(field)s” does not belong to the model “%(model)s”.",
                        field=field.display_name,
                        model=model.display_name or "",
                    )
                )
            known = self.env[rule.model_name]._fields if rule.model_name in self.env else ()
            if rule.model_name and rule.field_name not in known:
                raise ValidationError(
                    _(
                        "The model “%(model)s” has no field “%(field)s”.",
                        model=rule.model_name,
                        field=rule.field_name,
                    )
                )

    @api.constrains(
        "pick",
        "value_type",
        "scale",
        "offset",
        "unit",
        "to_unit",
        "is_rounded",
        "round_digits",
        "deadband_kind",
        "deadband",
        "min_interval",
        "extra",
    )
    def _check_transform(self):
        for rule in self:
            with explained(self.env):
                extra = check_json_object(_("More"), rule.extra)
            strange = sorted(extra.keys() - EXTRA_DEFAULTS.keys())
            if strange:
                raise ValidationError(
                    _("“More” can have map, otherwise and decimal_comma, not %s.", ", ".join(strange))
                )
            with explained(self.env):
                read_duration(rule.min_interval)
                check_rule(rule._document())

    @api.model
    def _try_domain(self, model_name, domain):
        """Check a domain against its model, whatever its placeholders will be."""
        try:
            # A query is made of it, and the fields in it are looked up; nobody asks for its result.
            self.env[model_name].sudo()._search(domain)
        except Exception as error:
            raise ValidationError(
                _("The domain does not fit the model “%(model)s”: %(why)s", model=model_name, why=error)
            ) from error

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.profile_id._registry_changed()
        return rules

    def write(self, vals):
        profiles = self.profile_id
        result = super().write(vals)
        (profiles | self.profile_id)._registry_changed()
        return result

    def unlink(self):
        profiles = self.profile_id
        result = super().unlink()
        profiles._registry_changed()
        return result

    def _document(self):
        """Return the rule as the bridge has it."""
        self.ensure_one()
        extra = EXTRA_DEFAULTS | json.loads(self.extra or "{}")
        return {
            "name": self.name or "",
            "path": self.json_path,
            "pick": self.pick,
            "transform": {
                **extra,
                "type": self.value_type,
                "scale": self.scale,
                "offset": self.offset,
                "unit": self.unit or "",
                "to_unit": self.to_unit or "",
                "round": self.round_digits if self.is_rounded else None,
            },
            "condition": {
                "deadband": self.deadband if self.deadband_kind == "absolute" else None,
                "deadband_percent": self.deadband if self.deadband_kind == "percent" else None,
                "min_interval": format_duration(self.min_interval),
            },
            "model": self.model_name or "",
            "field": self.field_name or "",
            "domain": read_domain(self.domain),
            "on_missing": self.on_missing,
            "active": self.active,
        }

    @api.model
    def _values_of(self, document):
        """Return the values of a rule's document of the bridge.

        Raises:
            UserError: There is no such model or field here.
        """
        transform, condition = document.get("transform", {}), document.get("condition", {})
        extra = {name: transform[name] for name, usual in EXTRA_DEFAULTS.items() if transform.get(name, usual) != usual}
        deadband, percent = condition.get("deadband"), condition.get("deadband_percent")
        model = document.get("model") or ""
        places = transform.get("round")
        values = {
            "name": document.get("name") or False,
            "json_path": document["path"],
            "pick": document.get("pick", "one"),
            "value_type": transform.get("type", "any"),
            "scale": transform.get("scale", 1),
            "offset": transform.get("offset", 0),
            "unit": transform.get("unit") or False,
            "to_unit": transform.get("to_unit") or False,
            "is_rounded": places is not None,
            "round_digits": places or 0,
            "deadband_kind": "absolute" if deadband is not None else "percent" if percent is not None else "none",
            "deadband": deadband if deadband is not None else percent or 0,
            "min_interval": read_duration(condition.get("min_interval", 0)),
            "model_id": False,
            "field_id": False,
            "field_name": document["field"],
            "domain": json.dumps(document.get("domain", []), ensure_ascii=False),
            "on_missing": document.get("on_missing", "ignore"),
            "active": document.get("active", True),
            "extra": json.dumps(extra, ensure_ascii=False, indent=2) if extra else False,
        }
        if model:
            if model not in self.env:
                self.env["iiot.bridge"]._refuse("invalid-record", _("There is no model “%s” in this Odoo.", model))
            values["model_id"] = self.env["ir.model"]._get_id(model)
            values["field_id"] = self.env["ir.model.fields"]._get(model, document["field"]).id
        return values
