from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..pairing import reception
from ..pairing.tries import PER_SERIAL, PER_SOURCE, WINDOW, Tries
from .test_webhook import IiotHttpCase


@tagged("post_install", "-at_install")
class TestPairing(IiotHttpCase):
    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(reception, "TRIES", Tries()))
        self.startPatcher(mute_logger("odoo.addons.industrial_iot.pairing.reception"))
        self.text, self.token = self.device._issue_token()
        self.env.flush_all()

    def startPatcher(self, patcher):  # noqa: N802 - Odoo's name
        result = patcher.__enter__()
        self.addCleanup(patcher.__exit__, None, None, None)
        return result

    def ask(self, serial="SN-0", token=None, **values):
        return self.post("/iiot/config", {"serial": serial, "token": token or self.text, **values})

    def assert_refused(self, code, status, **values):
        found, answer = self.ask(**values)
        self.assertEqual((answer.get("code"), found), (code, status))
        self.assertTrue(answer["message"])

    def test_a_device_gets_its_configuration(self):
        params = self.env["ir.config_parameter"]
        params.set_param("iiot.mqtt_host", "mqtt.example.com")
        params.set_param("iiot.mqtt_port", "8884")
        params.set_param("iiot.mqtt_use_tls", "True")

        status, answer = self.ask(token=self.text.lower().replace("-", ""), hardware="C", firmware="1.2")

        self.assertEqual(status, 200)
        keys = self.env["iiot.bridge"]._secret_keys()
        del answer["time"]
        self.assertEqual(
            answer,
            {
                "device": "test-0",
                "serial": "SN-0",
                "profile": "test-boiler",
                "broker": {"host": "mqtt.example.com", "port": 8884, "tls": True},
                "client_id": "test-0",
                "username": "test-0",
                "password": keys.broker_password(keys.newest, self.token.token_id, "test-0"),
                "topics": self.profile._topics_of("test-0"),
                "offline_after": 300.0,
            },
        )
        self.assertEqual((self.device.lifecycle, self.device.hardware_revision), ("paired", "C"))
        self.assertEqual((self.token.state, self.token.source), ("used", "127.0.0.1"))
        self.assertIn("127.0.0.1", "".join(self.device.message_ids.mapped("body")))

    def test_a_token_is_burnt_and_the_same_request_is_answered_again(self):
        first = self.ask(request_id="r1")[1]
        again = self.ask(request_id="r1")[1]
        self.assertEqual(first | {"time": ""}, again | {"time": ""})
        self.assertEqual(again["request_id"], "r1")
        self.assert_refused("token-used", 410, request_id="r2")
        self.assert_refused("token-used", 410)
        self.token.used_at = fields.Datetime.now() - timedelta(days=2)
        self.env.flush_all()
        self.assert_refused("token-used", 410, request_id="r1")

    def test_without_an_id_no_request_is_the_same(self):
        self.assertEqual(self.ask()[0], 200)
        self.assert_refused("token-used", 410)

    def test_what_is_no_request_is_refused(self):
        self.assert_refused("token-malformed", 400, token="short")  # noqa: S106 - none at all
        self.assert_refused("request-malformed", 400, serial=" ")
        self.assert_refused("request-malformed", 400, hardware=7)
        self.assert_refused("request-malformed", 400, serial="x" * 200)
        for raw in ("{", "[", "[]", '"x"', "null"):
            status, answer = self.post("/iiot/config", None, raw=raw)
            self.assertEqual((status, answer["code"]), (400, "request-malformed"))

    def test_guesses_learn_nothing(self):
        guess = "0" * 28
        for serial in ("SN-0", "unknown"):
            self.assert_refused("token-unknown", 403, token=guess, serial=serial)

    def test_a_token_is_for_its_device_and_void_after_five_others(self):
        for _try in range(4):
            self.assert_refused("wrong-serial", 403, serial="SN-1")
        self.assertEqual(self.token.state, "open")
        self.assert_refused("wrong-serial", 403, serial="SN-1")
        self.assertEqual(self.token.state, "void")
        self.assert_refused("token-void", 410)

    def test_tokens_that_count_no_more(self):
        self.device.lifecycle = "suspended"
        self.env.flush_all()
        self.assert_refused("device-suspended", 403)
        self.device.action_resume()
        self.token.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.assert_refused("token-expired", 410)
        self.device._issue_token()
        self.env.flush_all()
        self.assert_refused("token-void", 410)

    def test_a_flood_of_wrong_tries_is_cut_short_and_locks_nobody_out(self):
        messages = len(self.device.message_ids)
        for _try in range(PER_SERIAL):
            self.assert_refused("token-unknown", 403, token="0" * 28)
        self.assert_refused("too-many-tries", 429, token="0" * 28)
        self.assertEqual(len(self.device.message_ids), messages + PER_SERIAL, "one line for each that was answered")
        self.assertEqual(self.ask()[0], 200)

    def test_a_server_without_a_key_says_so(self):
        self.env["ir.config_parameter"].set_param("iiot.bridge_key", "")
        self.assert_refused("not-set-up", 503)

    def test_tries_are_counted_for_a_while(self):
        now = [0.0]
        tries = Tries(lambda: now[0])
        waits = [tries.count("db", "SN", f"10.0.0.{number}") for number in range(PER_SERIAL + 1)]
        self.assertEqual(waits, [0] * PER_SERIAL + [WINDOW])
        self.assertEqual(tries.count("db", "other", "10.0.0.1"), 0)
        self.assertEqual(tries.count("other db", "SN", "10.0.0.1"), 0)
        now[0] = WINDOW
        self.assertEqual(tries.count("db", "SN", "10.0.0.1"), 0)
        waits = [tries.count("db", f"S{number}", "10.9.9.9") for number in range(PER_SOURCE + 1)]
        self.assertEqual(waits, [0] * PER_SOURCE + [WINDOW])
