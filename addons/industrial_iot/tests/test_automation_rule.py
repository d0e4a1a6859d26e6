import json
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..hooks import uninstall_hook
from .common import IiotCase

LOGGER = "odoo.addons.industrial_iot.models.automation_rule_run"


@tagged("post_install", "-at_install")
class TestAutomationRule(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The methods that automated actions hang on stay patched beyond the transaction.
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        cls.partner_model = cls.env["ir.model"]._get("res.partner")

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Machine", "color": 0})
        self.device.business_ref = self.partner

    def new_rule(self, **values):
        """Return a rule on partners, which stand for machines here."""
        return self.env["iiot.automation.rule"].create(
            {
                "name": "Machine",
                "model_id": self.partner_model.id,
                "command_action": "alert",
                "throttle": 0,
                **values,
            }
        )

    def commands(self):
        """Return the commands of the device, oldest first."""
        return self.env["iiot.command"].search([("device_id", "=", self.device.id)], order="id")

    def test_update_that_fits_domain_and_condition_sends_a_command(self):
        rule = self.new_rule(
            domain="[('function', '=', 'hot')]",
            condition_field="color",
            condition_value=5,
            command_params=json.dumps(
                {
                    "value": "{value}",
                    "limit": "{threshold}",
                    "field": "{field}",
                    "of": ["{device}", "{serial}"],
                    "name": "{record.name}",
                    "record": "{record}",
                    "model": "{model}",
                    "text": "value {value}",
                }
            ),
        )

        self.partner.write({"color": 7})
        self.assertFalse(self.commands(), "the domain does not fit")
        self.partner.write({"function": "hot", "color": 4})
        self.assertFalse(self.commands(), "the condition does not hold")
        self.partner.color = 9

        command = self.commands()
        self.assertEqual((command.action, command.source, command.rule_id), ("alert", "automation", rule))
        self.assertEqual(
            command.params,
            {
                "value": 9,
                "limit": 5.0,
                "field": "color",
                "of": ["test-1", "SN-T1"],
                "name": "Machine",
                "record": self.partner.id,
                "model": "res.partner",
                "text": "value {value}",
            },
        )
        self.assertEqual(rule.log_ids.mapped("outcome"), ["sent"])
        self.assertEqual((rule.log_ids.device_id, rule.log_ids.command_id), (self.device, command))
        self.assertEqual(rule.command_count, 1)
        self.assertTrue(rule.last_run)

    def test_command_is_sent_when_the_condition_begins_to_hold(self):
        rule = self.new_rule(condition_field="color", condition_value=5, command_params='{"x": "{value}"}')

        for color in (6, 7, 8, 2, 9):
            self.partner.color = color
        self.assertEqual(len(self.commands()), 2)

        rule.only_when_begins = False
        for color in (10, 11):
            self.partner.color = color
        self.assertEqual(len(self.commands()), 4)

    def test_update_of_other_fields_sends_nothing(self):
        self.partner.color = 9
        self.new_rule(condition_field="color", condition_value=5, only_when_begins=False)

        self.partner.name = "Another name"

        self.assertFalse(self.commands())

    def test_old_values_of_relations_are_known(self):
        belgium, france = self.env.ref("base.be"), self.env.ref("base.fr")
        # Each write counts here, because each would be a transaction of its own.
        self.patch(type(self.env["iiot.automation.rule"]), "_has_sent", lambda *_args: False)
        self.new_rule(domain=f"[('country_id', '=', {belgium.id})]")

        self.partner.country_id = france
        self.partner.country_id = belgium
        self.partner.country_id = belgium
        self.assertEqual(len(self.commands()), 1)

        self.new_rule(name="Tags", domain="[('category_id', '!=', False)]")
        tags = self.env["res.partner.category"].create([{"name": "one"}, {"name": "two"}])
        self.partner.category_id = tags[0]
        self.partner.category_id = tags
        self.assertEqual(len(self.commands()), 2)

    def test_creation_and_update_are_told_apart(self):
        values = {"device_path": "", "domain": "[('name', '=', 'Made')]"}
        for on_create, on_write, expected in ((True, False, 1), (False, True, 0), (True, True, 1)):
            rule = self.new_rule(trigger_on_create=on_create, trigger_on_write=on_write, **values)
            self.env["res.partner"].create({"name": "Made"})
            # No device stands for it yet: the log tells that the rule ran.
            self.assertEqual(len(rule.log_ids), expected)
            rule.unlink()

        rule = self.new_rule(trigger_on_create=True, trigger_on_write=False, **values)
        self.partner.name = "Made"
        self.assertFalse(rule.log_ids)

    def test_throttle_holds_for_each_device(self):
        other_partner = self.env["res.partner"].create({"name": "Other"})
        self.device.copy({"serial_number": "SN-T2", "device_id": "test-2"}).business_ref = other_partner
        rule = self.new_rule(domain="[('color', '>', 5)]", throttle=60, only_when_begins=False)

        for color in (6, 7):
            (self.partner | other_partner).write({"color": color})

        self.assertEqual(len(rule.command_ids), 2)
        self.assertEqual(rule.command_ids.device_id.sorted("device_id").mapped("device_id"), ["test-1", "test-2"])
        self.assertEqual(rule.log_ids.mapped("outcome").count("throttled"), 2)

    def test_most_commands_within_the_window(self):
        values = {"command_params": '{"x": "{record.color}"}', "only_when_begins": False}
        rule = self.new_rule(domain="[('color', '>', 5)]", most=2, window=3600, **values)

        for color in range(6, 11):
            self.partner.color = color

        self.assertEqual(len(rule.command_ids), 2)
        self.assertEqual(rule.log_ids.mapped("outcome").count("throttled"), 3)

    def test_device_must_be_safe(self):
        rule = self.new_rule(domain="[('color', '>', 5)]", only_online=True)
        self.partner.color = 6
        self.assertEqual(rule.log_ids.outcome, "unsafe")

        self.device.connection_status = "online"
        rule.safety_domain = "[('firmware_version', '=', '2.0')]"
        self.partner.color = 1
        self.partner.color = 6
        self.assertEqual(rule.log_ids.mapped("outcome"), ["unsafe", "unsafe"])

        self.device.firmware_version = "2.0"
        self.partner.color = 1
        self.partner.color = 6
        self.assertEqual(len(rule.command_ids), 1)

    def test_device_that_takes_no_part_is_left_alone(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")
        self.device.lifecycle = "suspended"

        self.partner.color = 6

        self.assertFalse(self.commands())
        self.assertEqual(rule.log_ids.outcome, "no_device")

    def test_rule_can_be_for_some_devices_only(self):
        group = self.env["iiot.device.group"].create({"name": "hall-1"})
        self.new_rule(domain="[('color', '>', 5)]", group_id=group.id)

        self.partner.color = 6
        self.assertFalse(self.commands())
        self.device.group_ids = group
        self.partner.color = 1
        self.partner.color = 6
        self.assertEqual(len(self.commands()), 1)

    def test_rule_on_devices_sends_to_the_device_itself(self):
        self.new_rule(model_id=self.env["ir.model"]._get("iiot.device").id, domain="[('firmware_version', '=', '1.0')]")

        self.device.firmware_version = "1.0"

        self.assertEqual(self.commands().action, "alert")

    def test_path_leads_to_the_devices(self):
        self.new_rule(
            model_id=self.env["ir.model"]._get("iiot.device.profile").id,
            domain="[('description', '=', 'call')]",
            device_path="device_ids",
        )

        self.profile.description = "call"

        self.assertEqual(self.commands().action, "alert")

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

    def test_automated_action_is_kept_in_step(self):
        rule = self.new_rule(trigger_on_create=True, condition_field="color", condition_value=5)
        automation = rule.automation_id
        self.assertEqual((automation.trigger, automation.model_id), ("on_create_or_write", self.partner_model))
        self.assertEqual(automation.trigger_field_ids.mapped("name"), ["color"])

        rule.write({"trigger_on_create": False, "name": "New name", "domain": "[('function', '=', 'x')]"})
        self.assertEqual((automation.trigger, automation.name), ("on_write", "IIoT: New name"))
        self.assertEqual(set(automation.trigger_field_ids.mapped("name")), {"color", "function"})

        rule.is_active = False
        self.assertFalse(automation.active)
        self.partner.write({"function": "x", "color": 9})
        self.assertFalse(self.commands())

        rule.write(
            {
                "is_active": True,
                "model_id": self.env["ir.model"]._get("iiot.device").id,
                "domain": "[]",
                "condition_field": False,
            }
        )
        self.assertFalse(automation.exists())
        self.assertEqual(rule.automation_id.model_id.model, "iiot.device")

        actions = rule.automation_id.action_server_ids
        rule.unlink()
        self.assertFalse(actions.exists())

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

    def test_saving_once_sends_once(self):
        # The name of a partner is part of computed fields, and each of these is an update for Odoo.
        rule = self.new_rule(command_params='{"name": "{record.name}"}')

        self.partner.name = "New name"
        self.env.flush_all()
        self.assertEqual(len(rule.command_ids), 1)

        self.partner.name = "Another name"
        self.env.flush_all()
        self.assertEqual(
            rule.command_ids.sorted("id").mapped("params"), [{"name": "New name"}, {"name": "Another name"}]
        )

    def test_rule_that_is_gone_stops_nobody(self):
        rule = self.new_rule(domain="[('color', '>', 5)]")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM iiot_automation_rule WHERE id = %s", [rule.id])
        self.env.invalidate_all()

        self.partner.color = 6

        self.assertEqual(self.partner.color, 6)

    def test_uninstalling_takes_the_automated_actions_along(self):
        rules = self.new_rule() | self.new_rule(is_active=False)
        automations = rules.automation_id
        actions = automations.action_server_ids
        self.assertEqual((len(automations), len(actions)), (2, 2))

        uninstall_hook(self.env)

        self.assertFalse(automations.exists())
        self.assertFalse(actions.exists())

    def test_rule_in_odoo_is_none_of_the_bridge(self):
        self.assertIsNone(self.new_rule()._registry_document())

    def test_rule_of_the_bridge_goes_there_and_back_without_loss(self):
        group = self.env["iiot.device.group"].create({"name": "hall-1"})
        documents = (
            {
                "id": "too-hot",
                "name": "Too hot",
                "description": "",
                "active": True,
                "devices": {"ids": ["test-1", "not-here"], "profile": "test-boiler", "group": group.name},
                "trigger": {
                    "kind": "threshold",
                    "path": "$.temperature",
                    "above": 80.0,
                    "hysteresis": 5.0,
                    "hold": "10s",
                },
                "command": {"action": "cool", "params": {"to": "{threshold}"}, "ttl": "10m", "supersede": "cooling"},
                "throttle": {"every": "1m30s", "most": 10, "window": "2h"},
                "interlock": {"online": True, "firmware": ["2.0"], "telemetry_age": "5m"},
            },
            {
                "id": "at-six",
                "name": "",
                "description": "In the morning",
                "active": False,
                "devices": {"ids": []},
                "trigger": {"kind": "cron", "cron": "0 6 * * *", "time_zone": "Europe/Brussels", "missed": "once"},
                "command": {"action": "wake", "params": {}},
                "throttle": {"every": "0s", "window": "1h"},
                "interlock": {"online": False},
            },
            {
                "id": "told",
                "name": "Told",
                "description": "",
                "active": True,
                "devices": {"ids": []},
                "trigger": {"kind": "event", "event": "write", "model": "res.partner", "when": []},
                "command": {"action": "alert", "params": {}},
                "throttle": {"every": "1m", "window": "1h"},
                "interlock": {},
            },
            {
                "id": "told-elsewhere",
                "name": "Told elsewhere",
                "description": "",
                "active": True,
                "devices": {"ids": []},
                "trigger": {"kind": "event", "event": "", "model": "x.unknown"},
                "command": {"action": "alert", "params": {}},
                "throttle": {"every": "1m", "window": "1h"},
                "interlock": {},
            },
        )
        for document in documents:
            with self.subTest(rule=document["id"]):
                rule = self.env["iiot.automation.rule"]._from_document(document)
                self.assertEqual(rule._registry_document(), document)
                again = self.env["iiot.automation.rule"]._from_document({**document, "description": "again"})
                self.assertEqual(again, rule)
                self.assertEqual(rule.description, "again")

    def test_rule_on_an_event_tells_the_bridge_of_the_record(self):
        self.new_rule(trigger="event", domain="[('color', '>', 5)]", trigger_on_create=True)

        self.partner.color = 6
        record = self.env["res.partner"].create({"name": "New", "color": 9})

        first, second = self.events("record").mapped("data")
        self.assertEqual(
            first | {"who": ""},
            {"model": "res.partner", "id": self.partner.id, "event": "write", "values": {"color": 6}, "who": ""},
        )
        self.assertEqual((second["id"], second["event"]), (record.id, "create"))
        self.assertFalse(self.commands())

    def test_rules_of_the_bridge_begin_with_an_example(self):
        rule = self.env["iiot.automation.rule"].new({"name": "x", "command_action": "y", "trigger": "threshold"})
        rule._onchange_trigger()
        self.assertIn("above", json.loads(rule.document)["trigger"])
        rule.trigger = "odoo"
        rule._onchange_trigger()
        self.assertEqual(rule.document, "{}")

    def test_two_rules_of_a_name_get_codes_of_their_own(self):
        codes = (self.new_rule() | self.new_rule() | self.new_rule().copy()).mapped("code")
        self.assertEqual(len(set(codes)), 3)
        self.assertEqual(codes[0], "machine")
