import threading
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..bridge_signature import signed_headers
from ..models import bridge_event_call, bridge_event_delivery
from .bridge_stand_in import KEY
from .committed import CommittedCase

LOGGER = "odoo.addons.industrial_iot.models.bridge_event_delivery"


@tagged("post_install", "-at_install")
class TestBridgeQueue(CommittedCase):
    def test_signature_is_the_one_that_the_bridge_computes(self):
        headers = signed_headers("secret", b'{"a": 1}', 1_700_000_000.9)

        self.assertEqual(headers["X-IIoT-Timestamp"], "1700000000")
        # printf 'v1:1700000000:{"a": 1}' | openssl dgst -sha256 -hmac secret
        self.assertEqual(
            headers["X-IIoT-Signature"], "v1=1c4e0da37625818ae44141e3468f4ef76d474249d0618e9310e65f398b9190e7"
        )

    def test_event_is_sent_after_the_commit_and_not_before(self):
        with self.transaction() as env:
            command = env["iiot.device"].browse(self.device_id).send_command("reset", delay=5)
            self.assertFalse(self.bridge.calls)
            key, device = command.uuid, command.device_id.device_id

        (call,) = self.bridge.calls
        self.assertEqual(call["database"], self.registry.db_name)
        (event,) = (event for event in call["events"] if event["type"] == "command")
        self.assertEqual(
            event["data"],
            {
                "device": device,
                "action": "reset",
                "params": {"delay": 5},
                "idempotency_key": key,
                "ttl": 3600,
                "response_timeout": 30,
                "who": "odoo:__system__",
            },
        )
        self.assertRegex(event["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.states(), ["sent"])

    def test_transaction_that_is_rolled_back_sends_nothing(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, 1, {})
            env["iiot.device"].browse(self.device_id).send_command("reset")
            cr.rollback()

        self.run_cron()

        self.assertFalse(self.bridge.calls)
        self.assertFalse(self.states())

    def test_savepoint_that_is_rolled_back_sends_nothing_of_it(self):
        with self.transaction() as env:
            device = env["iiot.device"].browse(self.device_id)
            try:
                with env.cr.savepoint():
                    device.send_command("undone")
                    raise UserError("no")  # noqa: TRY301 - that is what the test is about
            except UserError:
                device.send_command("done")

        self.assertEqual(self.sent_actions(), ["done"])

    def test_many_commands_of_a_transaction_are_one_call(self):
        with self.transaction() as env:
            device = env["iiot.device"].browse(self.device_id)
            for number in range(30):
                device.send_command(f"act-{number}")

        self.assertEqual(len(self.bridge.calls), 1)
        self.assertEqual(self.sent_actions(), [f"act-{number}" for number in range(30)])

    def test_bridge_that_is_away_gets_everything_in_order_when_it_is_back(self):
        self.bridge.stop()
        with self.assertLogs(LOGGER, "WARNING"):
            self.send("one", "two", "three")
        self.assertEqual(self.states(), ["pending"] * 3)

        self.bridge.start()
        self.run_cron()

        self.assertEqual(self.sent_actions(), ["one", "two", "three"])
        self.assertEqual(self.states(), ["sent"] * 3)

    def test_bridge_that_is_away_is_not_asked_again_at_every_commit(self):
        self.bridge.status = 503
        with (
            self.assertLogs(LOGGER, "WARNING"),
            patch.object(bridge_event_call.requests, "post", wraps=bridge_event_call.requests.post) as post,
        ):
            self.send("one", "two", "three")

        self.assertEqual(post.call_count, 1)
        self.assertFalse(self.bridge.calls)

    def test_waiting_grows_with_each_attempt_and_ends_with_success(self):
        self.bridge.status = 503
        with mute_logger(LOGGER):
            self.send("one")
            waits = []
            for _attempt in range(8):
                with self.transaction() as env:
                    head = env["iiot.bridge.event"].search([])
                    waits.append((head.next_try - fields.Datetime.now()).total_seconds())
                self.run_cron()

        self.assertEqual(waits[:6], sorted(waits[:6]))
        self.assertLessEqual(waits[0], 5)
        self.assertLessEqual(waits[-1], 300)
        self.assertGreater(waits[-1], 200)
        with self.transaction() as env:
            head = env["iiot.bridge.event"].search([])
            self.assertEqual(head.attempts, 9)
            self.assertIn("503", head.error)
            self.assertIn("the bridge is starting", head.error)

        self.bridge.status = 200
        self.run_cron()
        self.assertEqual(self.states(), ["sent"])

    def test_cron_waits_for_the_time_of_the_next_attempt(self):
        self.bridge.status = 503
        with mute_logger(LOGGER):
            self.send("one")
        self.bridge.status = 200

        self.run_cron(now=False)

        self.assertFalse(self.bridge.calls)

    def test_wrong_signature_is_shown_to_the_administrator(self):
        self.bridge.key = "another key of the same length!!"
        with self.assertLogs(LOGGER, "WARNING"):
            self.send("one")

        with self.transaction() as env:
            status = env["res.config.settings"].create({}).iiot_bridge_status
            self.assertIn("refuses the signature", status)
            self.assertIn("made with another key", status)
            with self.assertRaisesRegex(UserError, "refuses the signature"):
                env["res.config.settings"].create({}).action_iiot_check_bridge()
        self.assertEqual(self.states(), ["pending"])

        self.bridge.key = KEY
        self.run_cron()
        self.assertEqual(self.sent_actions(), ["one"])

    def test_new_key_comes_before_old_ones(self):
        with self.transaction() as env:
            env["ir.config_parameter"].set_param("iiot.bridge_key", f"{'n' * 32} {self.bridge.key}")
        self.bridge.key = "n" * 32

        self.send("one")

        self.assertEqual(self.sent_actions(), ["one"])

    def test_event_that_a_call_is_refused_for_stops_no_other(self):
        with self.transaction() as env:
            device = env["iiot.device"].browse(self.device_id)
            device.send_command("one")
            bad = env["iiot.bridge.event"]._enqueue("record", {"model": "res.partner", "id": 1})
            device.send_command("two")
            device.send_command("three")
            self.bridge.bad = ("record",)
            bad_id = bad.id
            with mute_logger(LOGGER):
                env.cr.commit()

        with mute_logger(LOGGER):
            self.run_cron()
        self.assertEqual(self.sent_actions(), ["one", "two", "three"])
        with self.transaction() as env:
            bad = env["iiot.bridge.event"].browse(bad_id)
            self.assertEqual(bad.state, "failed")
            self.assertIn("one of the events is none", bad.error)
        self.assertEqual(sorted(self.states()), ["failed", "sent", "sent", "sent"])

    def test_command_that_the_bridge_refuses_has_failed(self):
        self.bridge.refused = ("command",)
        with mute_logger(LOGGER):
            self.send("one")

        with self.transaction() as env:
            command = env["iiot.command"].search([("device_id", "=", self.device_id)])
            self.assertEqual(
                (command.state, command.error_code, command.error), ("failed", "bad-event", "not like this")
            )

        self.bridge.refused = ()
        with self.transaction() as env:
            env["iiot.bridge.event"].search([]).action_retry()
        with self.transaction() as env:
            self.assertEqual(env["iiot.command"].search([("device_id", "=", self.device_id)]).state, "queued")
        self.assertEqual(self.states(), ["sent"])

    def test_command_that_nobody_wants_any_more_is_not_sent(self):
        self.bridge.stop()
        with mute_logger(LOGGER):
            self.send("late", "fresh")
        with self.transaction() as env:
            late = env["iiot.bridge.event"].search([], limit=1)
            late.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.bridge.start()

        self.run_cron()

        self.assertEqual(self.sent_actions(), ["fresh"])
        with self.transaction() as env:
            commands = env["iiot.command"].search([("device_id", "=", self.device_id)], order="id")
            self.assertEqual(commands.mapped("state"), ["expired", "queued"])

    def test_event_that_came_but_was_not_answered_comes_again_with_its_id(self):
        def lost(*args, **named):
            real(*args, **named)
            raise bridge_event_call.requests.ConnectionError("the answer is lost")

        real = bridge_event_call.requests.post
        with mute_logger(LOGGER), patch.object(bridge_event_call.requests, "post", lost):
            self.send("one")
        self.run_cron()

        first, second = self.bridge.events
        self.assertEqual(first, second)
        self.assertEqual(self.states(), ["sent"])

    def test_two_workers_never_send_the_queue_at_the_same_time(self):
        self.bridge.stop()
        with mute_logger(LOGGER):
            self.send(*(f"act-{number}" for number in range(20)))
        self.bridge.start()
        with self.transaction() as env:
            env["iiot.bridge.event"].search([]).write({"next_try": False})

        # Whoever runs the tests holds the lock of all registries, and another thread would wait for it.
        self.patch(Registry, "_lock", DummyRLock())
        self.bridge.gate.clear()
        self.bridge.arrived.clear()
        first = threading.Thread(target=bridge_event_delivery._send_queue, args=(self.registry, 30, 20))
        first.start()
        self.assertTrue(self.bridge.arrived.wait(10))
        began = time.monotonic()
        bridge_event_delivery._send_queue(self.registry, 30, 20)
        self.assertLess(time.monotonic() - began, 10, "the second one waits for the first")
        # Stored while the first one sends: it has to look again.
        self.send("last")
        self.assertFalse(self.bridge.calls)
        self.bridge.gate.set()
        first.join(20)

        self.assertFalse(first.is_alive())
        self.assertEqual(self.sent_actions(), [*(f"act-{number}" for number in range(20)), "last"])
        self.assertEqual(set(self.states()), {"sent"})

    def test_user_waits_for_two_seconds_at_most(self):
        with patch.object(bridge_event_call.requests, "post", wraps=bridge_event_call.requests.post) as post:
            self.send("one")
            # To connect, and to answer: each of them may take as long.
            self.assertLessEqual(2 * post.call_args.kwargs["timeout"], 2)
            self.assertFalse(post.call_args.kwargs["allow_redirects"])

            self.bridge.status = 503
            with mute_logger(LOGGER):
                self.send("two")
                self.run_cron()
            self.assertGreater(2 * post.call_args.kwargs["timeout"], 2)

    def test_queue_that_is_long_is_left_to_the_scheduled_action(self):
        self.bridge.status = 503
        with mute_logger(LOGGER):
            self.send("one", "two", "three")
        self.bridge.status = 200
        with self.transaction() as env:
            env["iiot.bridge.event"].search([]).write({"next_try": False})
            cron = env.ref("industrial_iot.iiot_cron_send_events")
            env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()

        bridge_event_delivery._send_queue(self.registry, 0, 2)

        self.assertFalse(self.bridge.calls)
        with self.transaction() as env:
            cron = env.ref("industrial_iot.iiot_cron_send_events")
            self.assertEqual(env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), 1)

    def test_failure_of_sending_does_not_reach_the_user(self):
        with (
            mute_logger(LOGGER),
            patch.object(bridge_event_delivery, "_send_queue", side_effect=RuntimeError("broken")),
        ):
            self.send("one")

        self.run_cron()
        self.assertEqual(self.sent_actions(), ["one"])

    def test_bridge_that_is_not_set_up_is_named(self):
        with self.transaction() as env:
            env["ir.config_parameter"].set_param("iiot.bridge_url", False)
        with mute_logger(LOGGER):
            self.send("one")

        with self.transaction() as env:
            self.assertIn("address of the bridge is not set", env["iiot.bridge.event"]._status())

    def test_changes_of_configuration_are_hinted_at_once_a_transaction(self):
        with self.transaction() as env:
            device = env["iiot.device"].browse(self.device_id)
            device.name = "Boiler"
            device.name = "Old boiler"
            device.profile_id.description = "For heat"

        kinds = [kind for event in self.bridge.events for kind in event["data"]["kinds"]]
        self.assertEqual(sorted(kinds), ["device", "profile"])

    def test_dropped_event_leaves_the_queue(self):
        self.bridge.status = 503
        with mute_logger(LOGGER):
            self.send("one", "two")
        self.bridge.status = 200

        with self.transaction() as env:
            env["iiot.bridge.event"].search([], limit=1).action_drop()
        self.run_cron()

        self.assertEqual(self.sent_actions(), ["two"])
        with self.transaction() as env:
            commands = env["iiot.command"].search([("device_id", "=", self.device_id)], order="id")
            self.assertEqual(commands.mapped("state"), ["failed", "queued"])
            self.assertEqual(commands[0].error_code, "dropped")
