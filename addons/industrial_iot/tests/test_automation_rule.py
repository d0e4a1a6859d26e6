import json

from odoo.tests import tagged

from .automation_case import AutomationCase


@tagged("post_install", "-at_install")
class TestAutomationRule(AutomationCase):
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

    def test_rule_can_be_for_some_devices_only(self):
        group = self.env["iiot.device.group"].create({"name": "hall-1"})
        self.new_rule(domain="[('color', '>', 5)]", group_id=group.id)

        self.partner.color = 6
        self.assertFalse(self.commands())
        self.device.group_ids = group
        self.partner.color = 1
        self.partner.color = 6
        self.assertEqual(len(self.commands()), 1)

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
