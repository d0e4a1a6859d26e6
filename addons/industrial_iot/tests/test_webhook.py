import json
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ..bridge_news import take_news
from ..record_writes import RecordWrites
from ..versions import VERSION

LOGGERS = ("odoo.sql_db", "odoo.http", "odoo.addons.industrial_iot.record_writes")


def new_key(user):
    """Return a new API key of a user."""
    arguments = ("rpc", "tests", datetime.now() + timedelta(days=1))  # noqa: DTZ005 - as Odoo has times
    return user.env["res.users.apikeys"].with_user(user).sudo()._generate(*arguments[: 3 if VERSION >= 18 else 2])


class IiotHttpCase(HttpCase):
    """Tests with devices that stand for partners, and a bridge with its API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("iiot.bridge_key", "a-test-key-that-is-long-enough")
        cls.profile = cls.env["iiot.device.profile"].create({"name": "Boiler", "code": "test-boiler"})
        cls.partners = cls.env["res.partner"].create([{"name": f"M{n}", "ref": f"SN-{n}"} for n in range(4)])
        cls.devices = cls.env["iiot.device"].create(
            [
                {
                    "serial_number": f"SN-{number}",
                    "device_id": f"test-{number}",
                    "profile_id": cls.profile.id,
                    "business_ref": f"res.partner,{partner.id}",
                }
                for number, partner in enumerate(cls.partners)
            ]
        )
        cls.device = cls.devices[0]
        groups = "base.group_user,base.group_partner_manager,industrial_iot.group_iiot_bridge"
        cls.bridge_user = new_test_user(cls.env, "iiot-bridge", groups=groups)
        cls.key = new_key(cls.bridge_user)

    def post(self, path, body, key=None, raw=None):
        """Post JSON; return the status and the JSON of the answer."""
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        answer = self.url_open(path, data=json.dumps(body) if raw is None else raw, headers=headers)
        self.env.invalidate_all()
        return answer.status_code, answer.json()

    def write(self, partner, **values):
        """Return a write to a partner."""
        return {"model": "res.partner", "id": partner.id, "values": values}


@tagged("post_install", "-at_install")
class TestWebhook(IiotHttpCase):
    def tell(self, items, device=""):
        """Tell the webhook something; return a word for each item."""
        status, answer = self.post(f"/iiot/webhook{device}", items, self.key)
        self.assertEqual(status, 200, answer)
        results = [result.get("code", "ok") for result in answer["results"]]
        self.assertEqual(answer["status"], "ok" if set(results) <= {"ok"} else "partial")
        return results

    def test_strangers_are_kept_out(self):
        user = new_test_user(self.env, "iiot-user", groups="base.group_user,industrial_iot.group_iiot_user")
        for key, expected in ((None, 401), ("nonsense", 401), (new_key(user), 403)):
            for path in ("/iiot/webhook", "/iiot/webhook/test-0"):
                self.assertEqual(self.post(path, [], key)[0], expected)
        self.authenticate("iiot-bridge", "iiot-bridge")
        self.assertEqual(self.post("/iiot/webhook", [])[0], 401, "a session is no key")

    def test_what_is_no_request_is_refused(self):
        for raw in ("{", "[" * 200_000):
            self.assertEqual(self.post("/iiot/webhook", None, self.key, raw=raw)[0], 400)
        self.assertEqual(self.post("/iiot/webhook", {"device": "test-0"}, self.key)[0], 400)
        self.assertEqual(self.post("/iiot/webhook/none", {}, self.key)[0], 404)
        self.assertEqual(self.tell([]), [])

    def test_writes_are_made_and_the_device_was_heard(self):
        at = "2026-03-01T08:00:00.000Z"
        results = self.tell([{"device": "test-0", "at": at, "writes": [self.write(self.partners[0], city="Kiel")]}])

        self.assertEqual(results, ["ok"])
        self.assertEqual(self.partners[0].city, "Kiel")
        self.assertEqual(self.device.last_telemetry, fields.Datetime.to_datetime("2026-03-01 08:00:00"))
        self.assertEqual(self.partners[0].write_uid, self.bridge_user)

    def test_the_good_ones_are_kept(self):
        partner = self.partners[1]
        items = [
            {"device": "test-0", "writes": [self.write(self.partners[0], city="Kiel")]},
            {"device": "none", "writes": [self.write(partner, city="x")]},
            {"device": "test-1", "writes": [self.write(partner, company_id=999999)]},
            {"device": "test-1", "writes": [self.write(partner, nonsense=1)]},
            {"device": "test-1", "writes": [{"model": "no.model", "id": 1, "values": {"a": 1}}]},
            {"device": "test-1", "writes": [{"model": "ir.config_parameter", "id": 1, "values": {"value": "x"}}]},
            {"device": "test-1", "writes": [{"model": "res.partner", "id": 99999999, "values": {"city": "x"}}]},
            {
                "device": "test-1",
                "writes": [{"model": "res.partner", "domain": [["ref", "=", "no"]], "values": {"a": 1}}],
            },
            {
                "device": "test-1",
                "writes": [{"model": "res.partner", "domain": [["x", "=", 1]], "values": {"city": 1}}],
            },
            {"device": "test-1", "writes": [{"model": "res.partner", "values": {"city": "x"}}]},
            {"device": "test-1", "at": "soon", "writes": []},
            {"device": "test-1"},
            "nonsense",
            {"device": "test-2", "writes": [self.write(self.partners[2], city="Bonn")]},
        ]
        items[7]["writes"][0]["values"] = {"city": "x"}
        with mute_logger(*LOGGERS):
            results = self.tell(items)

        self.assertEqual(
            results,
            [
                "ok",
                "unknown-device",
                "bad-value",
                "unknown-field",
                "unknown-model",
                "access",
                "unknown-record",
                "no-record",
                "bad-domain",
                "bad-request",
                "bad-request",
                "ok",
                "bad-request",
                "ok",
            ],
        )
        self.assertEqual(self.partners.mapped("city"), ["Kiel", False, "Bonn", False])

    def test_the_newest_value_of_each_field_is_written_once(self):
        calls = []
        origin = type(self.env["res.partner"]).write

        def write(records, vals):
            calls.append((records.ids, dict(vals)))
            return origin(records, vals)

        moments = ("2026-03-01T08:00:02Z", "2026-03-01T08:00:01Z")
        items = [
            {"device": "test-0", "at": moments[0], "writes": [self.write(self.partners[0], city="new")]},
            {"device": "test-0", "at": moments[1], "writes": [self.write(self.partners[0], city="old", zip="1")]},
            {"device": "test-1", "at": moments[0], "writes": [self.write(self.partners[1], city="new", zip="1")]},
        ]
        with patch.object(type(self.env["res.partner"]), "write", write):
            self.assertEqual(self.tell(items), ["ok"] * 3)

        self.assertEqual(calls, [(self.partners[:2].ids, {"city": "new", "zip": "1"})])

    def test_domains_are_looked_up_at_once(self):
        def by_serial(number, city):
            domain = [["ref", "=", f"SN-{number}"]]
            return {
                "device": f"test-{number}",
                "writes": [{"model": "res.partner", "domain": domain, "values": {"city": city}}],
            }

        with patch.object(RecordWrites, "_search", side_effect=AssertionError) as one_by_one:
            env = self.env(user=self.bridge_user)
            writes = RecordWrites(env)
            for number in range(3):
                writes.add(number, 0, by_serial(number, "x")["writes"])
            writes._search_alike()
            self.assertEqual(len(writes._found), 3)
            one_by_one.assert_not_called()
        results = self.tell([by_serial(0, "A"), by_serial(1, "B"), by_serial(9, "C")])
        self.assertEqual(results, ["ok", "ok", "unknown-device"])
        self.assertEqual(self.partners[:2].mapped("city"), ["A", "B"])
        self.assertEqual(self.tell([{**by_serial(9, "C"), "device": "test-2"}]), ["no-record"])

    def test_access_rules_hold_for_single_records(self):
        self.env["ir.rule"].create(
            {
                "name": "not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.partners[1].id})]",
                "perm_read": False,
            }
        )
        items = [
            {"device": f"test-{number}", "writes": [self.write(partner, city="x")]}
            for number, partner in enumerate(self.partners)
        ]
        with mute_logger(*LOGGERS, "odoo.addons.base.models.ir_rule"):
            self.assertEqual(self.tell(items), ["ok", "access", "ok", "ok"])
        self.assertEqual(self.partners.mapped("city"), ["x", False, "x", "x"])

    def test_automation_of_odoo_runs(self):
        model = self.env["ir.model"]._get("res.partner")
        field = self.env["ir.model.fields"]._get("res.partner", "city")
        rule = self.env["base.automation"].create(
            {
                "name": "Note",
                "model_id": model.id,
                "trigger": "on_create_or_write",
                "trigger_field_ids": [fields.Command.link(field.id)],
                "filter_domain": "[('city', '=', 'Kiel')]",
            }
        )
        self.env["ir.actions.server"].create(
            {
                "name": "Note",
                "model_id": model.id,
                "state": "code",
                "code": "records.write({'function': 'seen'})",
                "base_automation_id": rule.id,
                "usage": "base_automation",
            }
        )
        items = [
            {"device": f"test-{number}", "writes": [self.write(self.partners[number], city=city)]}
            for number, city in enumerate(("Kiel", "Bonn"))
        ]
        self.assertEqual(self.tell(items), ["ok", "ok"])
        self.assertEqual(self.partners[:2].mapped("function"), ["seen", False])
        self.assertFalse(self.partners[0].message_ids.filtered(lambda message: message.tracking_value_ids))

    def test_raw_telemetry_goes_through_the_rules(self):
        self.env["iiot.telemetry.rule"].create(
            [
                {"profile_id": self.profile.id, "json_path": "$.city", "field_name": "city"},
                {
                    "profile_id": self.profile.id,
                    "json_path": "$.t",
                    "field_name": "partner_latitude",
                    "value_type": "number",
                },
            ]
        )
        self.devices[1].lifecycle = "paired"
        self.assertEqual(self.tell({"city": "Kiel", "t": 5}, "/test-0"), ["ok"])
        self.assertEqual(self.tell([{"telemetry": {"city": "A"}}, {"city": "B"}], "/test-0"), ["ok", "ok"])
        results = self.tell(
            [
                {"device": "test-1", "telemetry": {"city": "Bonn", "t": "warm"}},
                {"device": "test-2", "telemetry": {"city": "Jena", "t": "2.5"}},
                {"device": "test-3", "telemetry": 7},
            ]
        )
        self.assertEqual(results, ["not-a-number", "ok", "ok"])
        self.assertEqual(self.partners.mapped("city"), ["B", "Bonn", "Jena", False])
        self.assertEqual(self.partners[2].partner_latitude, 2.5)
        self.assertEqual(self.devices[3].last_telemetry_data, "7")
        self.assertEqual(self.devices[1].lifecycle, "active")

    def test_what_another_module_makes_of_telemetry_is_called(self):
        seen = []

        def process(device, telemetry_data):
            seen.append((device.device_id, telemetry_data))
            if telemetry_data == "bad":
                device.env.cr.execute("SELECT 1 / 0")

        with patch.object(type(self.device), "process_telemetry_data", process), mute_logger(*LOGGERS):
            results = self.tell([{"device": "test-0", "telemetry": "bad"}, {"device": "test-1", "telemetry": 2}])
        self.assertEqual(results, ["bad-value", "ok"])
        self.assertEqual(seen, [("test-0", "bad"), ("test-1", 2)])

    def test_devices_that_take_no_part_are_left_alone(self):
        self.device.lifecycle = "suspended"
        items = [
            {"device": "test-0", "writes": [self.write(self.partners[0], city="x")]},
            {"device": "test-0", "telemetry": {}},
            {"device": "test-0", "presence": {"online": False}},
        ]
        self.assertEqual(self.tell(items), ["inactive-device", "inactive-device", "ok"])
        self.assertEqual(self.device.connection_status, "offline")

    def test_presence_never_goes_back_in_time(self):
        def told(second, **news):
            at = f"2026-03-01T08:00:{second:02d}.500Z"
            self.assertEqual(self.tell([{"device": "test-0", "at": at, "presence": news}]), ["ok"])
            return self.device.connection_status, self.device.connection_since.second

        self.assertEqual(told(10, online=True, firmware="2.0"), ("online", 10))
        self.assertEqual(self.device.firmware_version, "2.0")
        self.assertEqual(self.device.last_seen, fields.Datetime.to_datetime("2026-03-01 08:00:10"))
        self.assertEqual(told(5, online=False), ("online", 10))
        self.assertEqual(told(20, online=False), ("offline", 20))
        self.assertEqual(told(20, online=False), ("offline", 20))
        self.assertEqual(told(10, online=True), ("offline", 20))
        seen = self.device.last_seen
        self.assertEqual(told(30, online=True, telemetry={"t": 1}, telemetry_at="2026-03-01T08:00:29Z"), ("online", 30))
        self.assertGreater(self.device.last_seen, seen)
        self.assertEqual(json.loads(self.device.last_telemetry_data), {"t": 1})
        self.assertEqual(self.tell([{"device": "test-0", "presence": {"online": "yes"}}]), ["bad-request"])

    def test_news_of_commands_reach_their_command(self):
        command = self.device.send_command("reset", delay=5)
        news = {
            "id": "bridge-1",
            "device": "test-0",
            "action": "reset",
            "state": "delivered",
            "idempotency_key": command.uuid,
            "delivered_at": "2026-03-01T08:00:00.000Z",
        }
        self.assertEqual(self.tell([{"device": "test-0", "command": news}]), ["ok"])
        self.assertEqual(command.state, "delivered")

    def test_many_records_take_few_statements(self):
        tags = self.env["res.partner.category"].create([{"name": f"T{number}"} for number in range(200)])
        items = [
            {
                "device": "test-0",
                "writes": [{"model": tag._name, "id": tag.id, "values": {"color": number}}],
            }
            for number, tag in enumerate(tags)
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        results = take_news(self.env(user=self.bridge_user), items)
        self.assertEqual(results, [{"status": "ok"}] * 200)
        # 17 makes an UPDATE for each record whose values differ.
        self.assertLess(self.env.cr.sql_log_count - before, 40 if VERSION >= 18 else 240)
        self.assertEqual(tags.mapped("color"), list(range(200)))


@tagged("post_install", "-at_install")
class TestCommandRoute(IiotHttpCase):
    def test_a_command_is_sent_as_the_user_of_the_key(self):
        user = new_test_user(self.env, "iiot-user", groups="base.group_user,industrial_iot.group_iiot_user")
        guest = new_test_user(self.env, "iiot-guest", groups="base.group_user")
        key = new_key(user)
        body = {"action": "reset", "params": {"delay": 5}, "ttl": 60}

        status, answer = self.post("/iiot/command/test-0", body, key)

        self.assertEqual((status, answer["command"]["state"]), (202, "queued"))
        command = self.env["iiot.command"].search([("uuid", "=", answer["command"]["idempotency_key"])])
        self.assertEqual((command.user_id, command.params, command.source), (user, {"delay": 5}, "api"))
        for path, asked, shown, expected in (
            ("/iiot/command/test-0", body, new_key(guest), 403),
            ("/iiot/command/test-0", body, None, 401),
            ("/iiot/command/none", body, key, 404),
            ("/iiot/command/test-0", {}, key, 400),
            ("/iiot/command/test-0", {"action": "a", "params": 1}, key, 400),
        ):
            with mute_logger(*LOGGERS, "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
                self.assertEqual(self.post(path, asked, shown)[0], expected, (path, asked))

    def test_a_firmware_file_is_streamed_in_parts(self):
        firmware = self.env["iiot.firmware"].create({"version": "2.1.0", "file": "QUJDREVGRw=="})
        path = f"/iiot/firmware/{firmware.code}/content"
        headers = {"Authorization": f"Bearer {self.key}"}

        whole = self.url_open(path, headers=headers)
        part = self.url_open(path, headers={**headers, "Range": "bytes=2-4"})

        self.assertEqual((whole.status_code, whole.content), (200, b"ABCDEFG"))
        self.assertEqual((part.status_code, part.content), (206, b"CDE"))
        self.assertEqual(self.url_open(path).status_code, 401)
        self.assertEqual(self.url_open("/iiot/firmware/none/content", headers=headers).status_code, 404)
