"""What the bridge and Odoo's automated actions are told of rules."""

import json

from odoo.tests import tagged

from ..hooks import uninstall_hook
from .automation_case import AutomationCase


@tagged("post_install", "-at_install")
class TestAutomationDocument(AutomationCase):
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
