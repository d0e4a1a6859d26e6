import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.device_telemetry import Heard
from .common import IiotCase


@tagged("post_install", "-at_install")
class TestTelemetry(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Machine", "ref": "SN-T1"})
        cls.device.business_ref = f"res.partner,{cls.partner.id}"

    def rule(self, json_path, field_name, **values):
        return self.env["iiot.telemetry.rule"].create(
            {"profile_id": self.profile.id, "json_path": json_path, "field_name": field_name, **values}
        )

    def test_values_land_on_the_business_object(self):
        self.rule("$.sensors[0].t", "partner_latitude", value_type="number", unit="°F", to_unit="°C")
        self.rule("$.state", "comment", extra='{"map": {"1": "running"}, "otherwise": "?"}')

        failures = self.device.process_telemetry_data({"sensors": [{"t": "212"}], "state": 1})

        self.assertEqual(failures, [])
        self.assertEqual(self.partner.partner_latitude, 100)
        self.assertIn("running", self.partner.comment)
        self.assertEqual(json.loads(self.device.last_telemetry_data), {"sensors": [{"t": "212"}], "state": 1})
        self.assertAlmostEqual(self.device.last_telemetry, fields.Datetime.now(), delta=timedelta(seconds=5))
        self.assertEqual(self.device.last_seen, self.device.last_telemetry)

    def test_values_land_on_what_a_domain_chooses(self):
        model = self.env["ir.model"]._get("res.partner").id
        self.rule("$.city", "city", model_id=model, domain="[('ref', '=', '{serial}')]")
        self.rule("$.zip", "zip", model_id=model, domain="[('ref', '=', '{serial}'), ('name', '!=', '{value}')]")

        self.assertEqual(self.device.process_telemetry_data({"city": "Kiel", "zip": "24103"}), [])

        self.assertEqual((self.partner.city, self.partner.zip), ("Kiel", "24103"))

    def test_what_is_wrong_is_told_and_the_rest_is_written(self):
        self.rule("$.t", "partner_latitude", value_type="number")
        self.rule("$.missing", "street", on_missing="fail")
        self.rule("$.city", "city")

        failures = self.device.process_telemetry_data({"t": "warm", "city": "Kiel"})

        self.assertEqual([code for code, _sentence in failures], ["not-a-number", "missing-value"])
        self.assertEqual(self.partner.city, "Kiel")

    def test_small_and_frequent_changes_are_held_back(self):
        self.rule("$.t", "partner_latitude", deadband_kind="absolute", deadband=1)
        self.rule("$.p", "partner_longitude", min_interval=60)
        self.profile.reading_extra = '{"time": "$.at", "max_ahead": "1d"}'
        now = fields.Datetime.now().timestamp()
        seen = []
        for number, (level, pressure) in enumerate(((10, 1), (10.5, 2), (11, 3), (11.9, 4))):
            self.device.process_telemetry_data({"t": level, "p": pressure, "at": now + 40 * number})
            seen.append((self.partner.partner_latitude, self.partner.partner_longitude))
        self.assertEqual(seen, [(10, 1), (10, 1), (11, 3), (11, 3)])

    def test_a_value_that_was_not_written_is_not_held_back_the_next_time(self):
        rule = self.rule("$.t", "partner_latitude", deadband_kind="absolute", deadband=1, model_id=False)
        gone = self.env["res.partner"].create({"name": "Gone"})
        self.device.business_ref = f"res.partner,{gone.id}"
        gone.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual([code for code, _why in self.device.process_telemetry_data({"t": 5})], ["unknown-record"])
        self.device.business_ref = f"res.partner,{self.partner.id}"
        self.assertEqual(self.device.process_telemetry_data({"t": 5}), [])
        self.assertEqual(self.partner.partner_latitude, 5)
        self.assertEqual(list(json.loads(self.device.telemetry_state)), [str(rule.id)])

    def test_only_who_may_change_a_device_may_speak_for_it(self):
        with self.refused(AccessError, "."):
            self.device.with_user(self.user).process_telemetry_data({})

    def test_a_clock_that_is_ahead_does_not_make_a_device_look_alive(self):
        self.profile.reading_extra = '{"time": "$.at", "on_future": "keep"}'
        self.rule("$.t", "partner_latitude")
        heard = Heard(self.env)
        heard.note(self.device, fields.Datetime.now().timestamp() + 10**6, fields.Datetime.now().timestamp() + 10**6)
        heard.write()
        self.assertLess(self.device.last_seen, fields.Datetime.now() + timedelta(seconds=5))
        self.assertLess(self.device.last_telemetry, fields.Datetime.now() + timedelta(seconds=5))

    def test_readings_of_a_batch_are_written_by_their_time(self):
        self.rule("$.t", "partner_latitude")
        self.profile.reading_extra = '{"batch": "$", "time": "$.at"}'
        now = fields.Datetime.now().timestamp()

        self.device.process_telemetry_data([{"t": 3, "at": now}, {"t": 1, "at": now - 20}, {"t": 2, "at": now - 10}])

        self.assertEqual(self.partner.partner_latitude, 3)

    def test_rules_that_change_count_at_once(self):
        rule = self.rule("$.a", "city")
        self.device.process_telemetry_data({"a": "A", "b": "B"})
        self.assertEqual(self.partner.city, "A")
        rule.json_path = "$.b"
        self.device.process_telemetry_data({"a": "A", "b": "B"})
        self.assertEqual(self.partner.city, "B")
        rule.active = False
        self.device.process_telemetry_data({"a": "A", "b": "C"})
        self.assertEqual(self.partner.city, "B")

    def test_a_device_that_has_paired_is_active_once_it_reports(self):
        self.device.lifecycle = "paired"
        self.device.process_telemetry_data({})
        self.assertEqual(self.device.lifecycle, "active")
        self.device.lifecycle = "suspended"
        self.device.process_telemetry_data({})
        self.assertEqual(self.device.lifecycle, "suspended")

    def test_a_value_in_the_wrong_form_is_refused_and_leaves_no_trace(self):
        self.rule("$.t", "partner_latitude")
        failures = self.device.process_telemetry_data({"t": {"deep": 1}})
        self.assertEqual([code for code, _sentence in failures], ["bad-value"])
        self.assertEqual(self.partner.partner_latitude, 0)
        self.assertTrue(self.device.last_telemetry)
