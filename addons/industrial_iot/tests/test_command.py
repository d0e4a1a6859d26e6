import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import IiotCase

NEWS_LOGGER = "odoo.addons.industrial_iot.news"


@tagged("post_install", "-at_install")
class TestCommand(IiotCase):
    def described(self, command, state, **values):
        """Return a command as the bridge would describe it."""
        return {
            "id": f"bridge-{command.id}",
            "device": command.device_id.device_id,
            "action": command.action,
            "params": command.params,
            "message": {"action": command.action, "params": command.params},
            "state": state,
            "attempts": 1,
            "who": command.who,
            "source": "odoo",
            "idempotency_key": command.uuid,
            "supersede": None,
            "response_timeout": 30.0,
            "created_at": "2026-03-01T08:00:00.000Z",
            "expires_at": "2026-03-01T09:00:00.000Z",
            "sent_at": None,
            "delivered_at": None,
            "acknowledged_at": None,
            "ended_at": None,
            "code": "",
            "result": None,
            **values,
        }

    def tell(self, *items):
        """Apply news and check that all of it could be."""
        self.assertEqual(self.env["iiot.command"]._apply_command_news(list(items)), [None] * len(items))

    def test_send_command_is_called_as_the_specification_says(self):
        command = self.device.with_user(self.user).send_command("configure", threshold=25.5, mode="auto", duration=300)

        self.assertEqual(command.params, {"threshold": 25.5, "mode": "auto", "duration": 300})
        self.assertEqual((command.state, command.user_id, command.who), ("queued", self.user, "odoo:iiot-user"))
        self.assertTrue(command.is_waiting)
        event = self.events("command")
        self.assertEqual(event.data["params"], {"threshold": 25.5, "mode": "auto", "duration": 300})
        self.assertEqual(event.data["idempotency_key"], command.uuid)
        self.assertEqual(event.expires_at, command.expires_at)

    def test_several_devices_get_a_command_each(self):
        other = self.device.copy({"serial_number": "SN-T2", "device_id": "test-2"})

        commands = (self.device | other).send_command("reset")

        self.assertEqual(commands.device_id, self.device | other)
        self.assertEqual([event.data["device"] for event in self.events("command")], ["test-1", "test-2"])

    def test_only_users_of_the_group_may_send(self):
        with self.assertRaises(AccessError):
            self.device.with_user(self.guest).send_command("reset")

        self.assertFalse(self.events("command"))

    def test_device_of_another_company_cannot_be_sent_anything(self):
        self.device.company_id = self.env["res.company"].create({"name": "Elsewhere"})

        with self.assertRaises(AccessError):
            self.device.with_user(self.user).send_command("reset")

    def test_history_cannot_be_written_by_hand(self):
        command = self.device.with_user(self.user).send_command("reset")

        with self.assertRaises(AccessError):
            command.write({"state": "succeeded"})

    def test_action_that_the_profile_does_not_know_is_refused(self):
        self.profile.actions = json.dumps({"reset": {"description": "Restart"}})

        with self.assertRaisesRegex(UserError, "do not know the action “explode”; they know reset"):
            self.device.send_command("explode")
        self.assertTrue(self.device.send_command("reset"))

    def test_parameters_that_are_no_json_are_refused(self):
        with self.assertRaisesRegex(UserError, "cannot be written as JSON"):
            self.device.send_command("reset", at=fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "cannot be written as JSON"):
            self.device.send_command("reset", at=float("nan"))

    def test_suspended_device_gets_no_commands(self):
        self.device.lifecycle = "suspended"

        with self.assertRaisesRegex(UserError, "suspended or retired"):
            self.device.send_command("reset")

    def test_reset_button_sends_a_reset(self):
        answer = self.device.with_user(self.user).action_send_reset()

        self.assertEqual(self.device.command_ids.action, "reset")
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual(self.device.command_count, 1)

    def test_news_carries_a_command_to_its_end(self):
        command = self.device.send_command("reset", delay=5)

        self.tell(self.described(command, "sent", sent_at="2026-03-01T08:00:01.250Z"))
        self.assertEqual((command.state, command.sent_at), ("sent", fields.Datetime.to_datetime("2026-03-01 08:00:01")))
        self.tell(self.described(command, "delivered", delivered_at="2026-03-01T08:00:02Z"))
        self.tell(
            self.described(command, "succeeded", ended_at="2026-03-01T08:00:05.000Z", result={"status": "ok", "n": 1})
        )

        self.assertEqual((command.state, command.result), ("succeeded", {"status": "ok", "n": 1}))
        self.assertEqual(command.message, {"action": "reset", "params": {"delay": 5}})
        self.assertEqual(command.ended_at, fields.Datetime.to_datetime("2026-03-01 08:00:05"))
        self.assertEqual(json.loads(command.result_text), {"status": "ok", "n": 1})

    def test_news_that_comes_late_or_twice_moves_nothing_back(self):
        command = self.device.send_command("reset")
        end = self.described(command, "succeeded", result="done", ended_at="2026-03-01T08:00:05Z")

        self.tell(end, self.described(command, "sent"), end, self.described(command, "acknowledged", result="begun"))
        self.tell(self.described(command, "failed", result="too late"), self.described(command, "timed_out"))

        self.assertEqual((command.state, command.result), ("succeeded", "done"))

    def test_attempts_go_on_and_never_back(self):
        command = self.device.send_command("reset")

        self.tell(self.described(command, "delivered", attempts=1))
        self.tell(self.described(command, "queued", attempts=1))
        self.assertEqual(command.state, "delivered")
        self.tell(self.described(command, "sent", attempts=2))
        self.assertEqual((command.state, command.attempts), ("sent", 2))
        self.tell(self.described(command, "acknowledged", attempts=1))
        self.assertEqual((command.state, command.attempts), ("sent", 2))

    def test_what_the_device_says_in_the_end_corrects_a_guess(self):
        for guess in ("timed_out", "superseded", "unknown"):
            command = self.device.send_command("reset")
            self.tell(self.described(command, guess))
            self.tell(self.described(command, "delivered"))
            self.assertEqual(command.state, guess)
            self.tell(self.described(command, "failed", code="jammed"))
            self.assertEqual((command.state, command.error_code), ("failed", "jammed"))

    def test_request_that_the_bridge_refuses_has_failed(self):
        command = self.device.send_command("reset")

        self.tell({"device": "test-1", "idempotency_key": command.uuid, "code": "bad-params", "message": "delay: 5"})

        self.assertEqual((command.state, command.error_code, command.error), ("failed", "bad-params", "delay: 5"))

    def test_command_of_somebody_else_joins_the_history(self):
        command = self.device.send_command("reset")
        item = self.described(command, "sent") | {"id": "b-1", "idempotency_key": "theirs", "who": "api:panel"}

        self.tell(item, item)
        self.tell(item | {"state": "succeeded"})

        other = self.device.command_ids - command
        self.assertEqual((other.bridge_id, other.who, other.state), ("b-1", "api:panel", "succeeded"))
        self.assertFalse(self.env["iiot.bridge.event"].search([("res_id", "=", other.id), ("type", "=", "command")]))

    def test_item_that_is_wrong_takes_none_of_the_others_with_it(self):
        command = self.device.send_command("reset")
        good = self.described(command, "succeeded")

        results = self.env["iiot.command"]._apply_command_news(
            [
                good | {"id": "x", "idempotency_key": None, "device": "nobody"},
                good | {"state": "dancing"},
                good | {"sent_at": "yesterday"},
                good | {"device": "another"},
                good,
            ]
        )

        self.assertEqual(
            [result and result["code"] for result in results],
            ["unknown-device", "bad-news", "bad-news", "wrong-device", None],
        )
        self.assertEqual(command.state, "succeeded")

    def test_item_that_breaks_the_code_is_logged_and_reported(self):
        command = self.device.send_command("reset")

        with mute_logger(NEWS_LOGGER):
            (result,) = self.env["iiot.command"]._apply_command_news(
                [self.described(command, "sent", attempts="several")]
            )

        self.assertEqual((result["code"], result["retry"]), ("error", False))

    def test_description_is_that_of_the_bridge(self):
        command = self.device.send_command("reset", delay=5)
        item = self.described(command, "sent", sent_at="2026-03-01T08:00:01.000Z")
        self.tell(item)

        described = command._describe()

        self.assertEqual(described.keys(), item.keys())
        self.assertEqual(
            {described[name] for name in ("id", "state", "sent_at")}, {item["id"], "sent", item["sent_at"]}
        )

    def test_old_history_is_removed(self):
        old, open_one, young = (self.device.send_command(action) for action in ("a", "b", "c"))
        self.tell(self.described(old, "succeeded"), self.described(young, "succeeded"))
        (old | open_one).flush_recordset()
        self.env.cr.execute(
            "UPDATE iiot_command SET create_date = %s WHERE id IN %s",
            [fields.Datetime.now() - timedelta(days=400), (old.id, open_one.id)],
        )
        self.env.invalidate_all()

        self.env["iiot.command"]._gc_old()

        self.assertEqual((old | open_one | young).exists(), open_one | young)

    def test_again_asks_for_the_same_once_more(self):
        command = self.device._send_command("set", {"x": 1}, ttl=60, supersede="set-point")

        command.with_user(self.user).action_send_again()

        again = self.device.command_ids - command
        self.assertEqual((again.action, again.params, again.ttl, again.supersede), ("set", {"x": 1}, 60, "set-point"))
        self.assertNotEqual(again.uuid, command.uuid)

    def test_wizard_sends_what_was_entered(self):
        self.profile.actions = json.dumps(
            {"set": {"description": "Set it", "params": {"type": "object", "examples": [{"x": 2}]}}}
        )
        wizard = (
            self.env["iiot.command.wizard"]
            .with_user(self.user)
            .create({"device_ids": self.device.ids, "action": "set"})
        )
        self.assertEqual((wizard.known_actions, wizard.action_description), ("set", "Set it"))
        wizard._onchange_action()
        self.assertEqual(json.loads(wizard.params), {"x": 2})
        wizard.ttl = 90

        with patch.object(type(self.env["ir.actions.act_window"]), "_for_xml_id", return_value={}):
            action = wizard.action_send()

        command = self.device.command_ids
        self.assertEqual((command.action, command.params, command.ttl), ("set", {"x": 2}, 90))
        self.assertEqual(action["domain"], [("id", "in", command.ids)])

    def test_wizard_refuses_what_is_no_json_object(self):
        for params in ("{", "[1]", "5"):
            wizard = self.env["iiot.command.wizard"].create(
                {"device_ids": self.device.ids, "action": "set", "params": params}
            )
            with self.assertRaisesRegex(ValidationError, "Parameters"):
                wizard.action_send()

    def test_profile_has_one_template_in_use_for_an_action(self):
        template = {"name": "Reset", "code": "reset", "profile_id": self.profile.id}
        self.env["iiot.command.template"].create([template, template | {"is_active": False}])

        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env["iiot.command.template"].create(template)

    def test_template_that_gives_no_json_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["iiot.command.template"].create(
                {"name": "Reset", "code": "reset", "profile_id": self.profile.id, "template": "{{ action"}
            )
