"""Rules that fail stop nobody's work, and rules that are not allowed are refused."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .automation_case import AutomationCase

LOGGER = "odoo.addons.industrial_iot.models.automation_rule_run"


@tagged("post_install", "-at_install")
class TestAutomationFault(AutomationCase):
    def test_user_who_may_not_see_devices_sets_a_rule_off_all_the_same(self):
        self.new_rule(domain="[('color', '>', 5)]")
        editor = new_test_user(self.env, "iiot-editor", groups="base.group_user,base.group_partner_manager")

        self.partner.with_user(editor).write({"color": 6})

        self.assertEqual(self.commands().who, "odoo:iiot-editor")
        self.assertEqual(self.commands().user_id, editor)

    def test_error_of_a_rule_is_logged_and_the_change_goes_on(self):
        rule = self.new_rule(domain="[('color', '>', 5)]", command_params='{"x": "{value}"}')

        with self.assertLogs(LOGGER, "WARNING"):
            self.partner.color = 6

        self.assertEqual(self.partner.color, 6)
        self.assertFalse(self.commands())
        self.assertEqual(rule.log_ids.outcome, "error")
        self.assertIn("The parameters want {value}", rule.last_error)
        self.assertEqual((rule.log_ids.res_model, rule.log_ids.res_id), ("res.partner", self.partner.id))

    def test_command_that_is_refused_is_logged_and_the_change_goes_on(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")
        self.profile.actions = '{"reset": {}}'

        with mute_logger(LOGGER):
            self.partner.color = 6

        self.assertEqual(self.partner.color, 6)
        self.assertIn("do not know the action", rule.last_error)

    def test_database_error_of_a_rule_leaves_the_transaction_alive(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")

        def broken(self, *args, **named):
            self.env.cr.execute("SELECT 1/0")

        with mute_logger(LOGGER, "odoo.sql_db"), patch.object(type(self.device), "_send_command", broken):
            self.partner.color = 6

        self.partner.name = "Still here"
        self.partner.flush_recordset()
        self.assertIn("division by zero", rule.last_error)

    def test_domain_that_breaks_later_does_not_stop_anybody(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")
        self.env.cr.execute("UPDATE iiot_automation_rule SET domain = %s WHERE id = %s", ["[('gone', '=', 1)", rule.id])
        rule.invalidate_recordset()

        with mute_logger(LOGGER):
            self.partner.color = 6

        self.assertEqual(self.partner.color, 6)
        self.assertTrue(rule.last_error)

    def test_rule_that_is_gone_stops_nobody(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM iiot_automation_rule WHERE id = %s", [rule.id])
        self.env.invalidate_all()

        self.partner.color = 6

        self.assertEqual(self.partner.color, 6)

    def test_rule_that_cannot_work_is_refused_when_it_is_saved(self):
        for values, message in (
            ({"domain": "[('nothing', '=', 1)]"}, "domain does not fit"),
            ({"domain": "["}, "domain does not fit"),
            ({"condition_field": "nothing"}, "no field “nothing”"),
            ({"device_path": "country_id"}, "does not lead to devices"),
            ({"command_params": "[]"}, "JSON object"),
            ({"trigger_on_write": False}, "on creation, on update, or on both"),
            ({"model_id": False}, "needs a model"),
            ({"throttle": -1}, "not negative"),
            ({"code": "Not Good"}, "cannot be a code"),
            ({"trigger": "cron", "document": '{"trigger": {"cron": "now"}}'}, "five fields"),
            ({"trigger": "threshold", "document": '{"trigger": {"path": "$.a"}}'}, "above or below"),
            ({"trigger": "telemetry"}, "conditions are needed"),
            ({"document": '{"when": []}'}, "there is no “when”"),
        ):
            with self.subTest(values=values), self.refused(UserError, message):
                self.new_rule(**values)

    def test_administrator_learns_nothing_by_a_rule_that_is_kept_from_him(self):
        mine = self.env["iiot.automation.rule"].with_user(self.admin)
        settings = self.env["ir.model"]._get("ir.config_parameter").id
        users = self.env["ir.model"]._get("res.users").id
        values = {"name": "Spy", "command_action": "tell", "throttle": 0}
        for more in (
            {"model_id": settings, "command_params": '{"x": "{record.value}"}'},
            {"model_id": settings, "condition_field": "value"},
            {"model_id": settings, "domain": "[('value', '=like', 'a%')]"},
            {
                "model_id": settings,
                "trigger": "event",
                "event_field_ids": self.env["ir.model.fields"]._get("ir.config_parameter", "value").ids,
            },
            {"model_id": users, "domain": "user.env['res.users'].search([]) and []"},
            {"model_id": users, "domain": "env['res.users'].search([]) and []"},
        ):
            with self.subTest(values=more), self.assertRaises(UserError):
                mine.create(values | more)

        rule = mine.create(values | {"model_id": self.partner_model.id, "command_params": '{"x": "{record.name}"}'})
        with self.assertRaises(UserError):
            rule.write({"model_id": settings, "command_params": '{"x": "{record.value}"}'})
        self.partner.name = "Seen"
        self.assertEqual(self.commands().params, {"x": "Seen"})
