from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..telemetry.json_path import MISSING, compile_path
from .common import IiotCase

PAYLOAD = {
    "a": {"b": [{"c": 1, "x y": 2}, {"c": 3}], "n": None},
    "list": [10, 20, 30],
    "deep": {"c": {"c": 4}},
}


@tagged("post_install", "-at_install")
class TestTelemetryRule(IiotCase):
    def new_rule(self, **values):
        return self.env["iiot.telemetry.rule"].create(
            {"profile_id": self.profile.id, "json_path": "$.t", "field_name": "comment", **values}
        )

    def test_paths_find_what_jsonpath_says(self):
        for path, found in (
            ("$", [PAYLOAD]),
            ("$.a.b[0].c", [1]),
            ("a.b[1].c", [3]),
            ("$['a']['b'][0]['x y']", [2]),
            ('$.a["b"][-1].c', [3]),
            ("$.a.b[*].c", [1, 3]),
            ("$.list[1:]", [20, 30]),
            ("$.list[::2]", [10, 30]),
            ("$..c", [1, 3, {"c": 4}, 4]),
            ("$.deep.*.c", [4]),
            ("$.a.n", [None]),
            ("$.none", []),
            ("$.list[9]", []),
            ("$.list.x", []),
            ("$.a[0]", []),
        ):
            self.assertEqual(compile_path(path).find(PAYLOAD), found, path)
        self.assertIs(compile_path("$.none").first(PAYLOAD), MISSING)

    def test_what_is_no_path_is_refused_with_its_place(self):
        for path in ("", "$[", "$.", "$.a[", "$.a b", "$..", "a..", "$x"):
            with self.assertRaises(ValidationError, msg=path):
                self.new_rule(json_path=path)

    def test_a_rule_knows_its_field(self):
        partner = self.env["ir.model"]._get("res.partner")
        comment = self.env["ir.model.fields"]._get("res.partner", "comment")
        rule = self.env["iiot.telemetry.rule"].create(
            {"profile_id": self.profile.id, "json_path": "$.t", "model_id": partner.id, "field_id": comment.id}
        )
        self.assertEqual((rule.model_name, rule.field_name, rule.display_name), ("res.partner", "comment", "comment"))
        with self.refused(ValidationError, "no field “nonsense”"):
            self.new_rule(model_id=partner.id, field_name="nonsense")
        with self.refused(ValidationError, "does not belong"):
            self.new_rule(model_id=self.env["ir.model"]._get("res.users").id, field_id=comment.id)
        with self.refused(ValidationError, "which field"):
            self.new_rule(field_name=False)

    def test_people_who_are_no_administrators_of_odoo_use_rules(self):
        rules = self.env["iiot.telemetry.rule"].with_user(self.admin)
        model = self.env["ir.model"].with_user(self.admin).search([("model", "=", "res.partner")])
        field = (
            self.env["ir.model.fields"]
            .with_user(self.admin)
            .search([("model_id", "=", model.id), ("name", "=", "city")])
        )
        values = {"profile_id": self.profile.id, "json_path": "$.t", "model_id": model.id, "field_id": field.id}
        rule = rules.create(values)
        self.assertEqual((rule.field_name, rule.model_name), ("city", "res.partner"))
        specification = {
            "field_name": {},
            "model_id": {"fields": {"display_name": {}}},
            "field_id": {"fields": {"display_name": {}}},
        }
        shown = rule.with_user(self.user).web_read(specification)[0]
        self.assertEqual((shown["model_id"]["id"], shown["field_id"]["id"]), (model.id, field.id))

    def test_a_domain_is_one_of_the_model_with_known_placeholders(self):
        partner = self.env["ir.model"]._get("res.partner").id
        self.new_rule(model_id=partner, domain="[('ref', '=', '{serial}')]")
        self.new_rule(model_id=partner, domain='["|", ["ref", "=", "{device}"], ["name", "=", "x"]]')
        for domain, sentence in (
            ("ref = 1", "no domain"),
            ("[('ref', '=')]", "field, operator and value"),
            ("[('ref', 'is', 1)]", "no operator"),
            ("['|', ('ref', '=', 'x')]", "too early"),
            ("[('ref', '=', '{site}')]", "there is no {site}"),
            ("[('nonsense', '=', 1)]", "does not fit"),
            ("[('ref', '=', uid)]", "no domain"),
        ):
            with self.refused(ValidationError, sentence):
                self.new_rule(model_id=partner, domain=domain)
        with self.refused(ValidationError, "needs the model"):
            self.new_rule(domain="[('ref', '=', 'x')]")

    def test_parts_of_a_rule_fit_together(self):
        for values, sentence in (
            ({"unit": "°C"}, "belong together"),
            ({"unit": "°C", "to_unit": "bar"}, "cannot be converted"),
            ({"unit": "furlong", "to_unit": "m"}, "no unit"),
            ({"scale": 0}, "scale of 0"),
            ({"value_type": "text", "scale": 2}, "need a number"),
            ({"value_type": "boolean", "pick": "max"}, "is a number"),
            ({"is_rounded": True, "round_digits": 20}, "-9 to 12"),
            ({"deadband_kind": "absolute", "deadband": -1}, "negative"),
            ({"extra": '{"otherwise": 1}'}, "without a map"),
            ({"extra": '{"nonsense": 1}'}, "can have map"),
            ({"min_interval": -1}, "no length of time"),
        ):
            with self.refused(ValidationError, sentence):
                self.new_rule(**values)

    def test_mistakes_are_told_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        with self.assertRaises(ValidationError) as caught:
            self.profile.with_context(lang="zh_CN").topic_telemetry = "x"
        # The name of the field at least; the sentence too, once it is translated.
        self.assertIn("{device}", str(caught.exception))
