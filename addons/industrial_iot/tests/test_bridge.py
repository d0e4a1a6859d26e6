import json
import uuid

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import OperationalError

from ..versions import USER_GROUPS
from .committed import CommittedCase
from .common import IiotCase

KEY = "a-test-key-that-is-long-enough"
PROFILE = {"id": "press", "rules": [{"path": "$.t", "field": "comment", "model": "res.partner"}]}


@tagged("post_install", "-at_install")
class TestBridge(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("iiot.bridge_key", KEY)
        user = new_test_user(cls.env, "iiot-bridge", groups="base.group_user,industrial_iot.group_iiot_bridge")
        cls.bridge = cls.env["iiot.bridge"].with_user(user)

    def assert_code(self, code, facts, method, *arguments):
        """Check that a call is refused with a word code and facts."""
        with self.assertRaises(UserError) as caught:
            getattr(self.bridge, method)(*arguments)
        found, _colon, rest = str(caught.exception).partition(": ")
        self.assertEqual(found, code)
        said, end = json.JSONDecoder().raw_decode(rest)
        self.assertEqual(said, facts)
        self.assertTrue(rest[end:].strip(), "a sentence follows")

    def changes(self, cursor=None, **named):
        answer = self.bridge.changes(cursor, **named)
        self.assertEqual(json.loads(json.dumps(answer)), answer)
        return answer

    def test_only_the_bridge_may_call(self):
        for user in (self.user, self.admin, self.guest):
            bridge = self.env["iiot.bridge"].with_user(user)
            for method, arguments in (
                ("hello", ()),
                ("changes", ()),
                ("use_token", ("a", "b", "c")),
                ("miss_token", ("a",)),
                ("issue_token", ("SN-T1",)),
                ("save_profile", (PROFILE,)),
                ("remove_profile", ("test-boiler",)),
                ("add_device", ({"id": "x", "profile": "test-boiler"},)),
                ("change_device", ("test-1", {})),
                ("resume_device", ("test-1",)),
                ("remove_device", ("test-1",)),
                ("add_firmware", ({"id": "x"},)),
                ("remove_firmware", ("x",)),
                ("save_rule", ({"id": "x"},)),
                ("remove_rule", ("x",)),
            ):
                with self.refused(AccessError, "“IIoT / Bridge”"):
                    getattr(bridge, method)(*arguments)

    def test_hello_says_which_key_is_shared(self):
        hello = self.bridge.hello()
        self.assertEqual(hello["api"], 1)
        self.assertEqual(hello["key_id"], self.env["iiot.bridge"]._secret_keys().newest)
        self.assertNotIn(KEY, json.dumps(hello))

    # ------------------------------------------------------------------
    # Profiles and devices
    # ------------------------------------------------------------------

    def test_a_profile_is_saved_and_saved_again(self):
        first = self.bridge.save_profile(PROFILE, "anna")
        profile = self.env["iiot.device.profile"].search([("code", "=", "press")])
        rule = profile.telemetry_rule_ids
        self.assertIn("anna", profile.message_ids[0].body)

        second = self.bridge.save_profile(first)
        self.assertEqual(second, first)
        self.assertEqual(profile.telemetry_rule_ids, rule, "what is the same stays")

        more = {**first, "rules": [*first["rules"], {"path": "$.p", "field": "city"}], "name": "Press"}
        third = self.bridge.save_profile(more)
        self.assertEqual([one["path"] for one in third["rules"]], ["$.t", "$.p"])
        self.assertIn(rule, profile.telemetry_rule_ids)
        turned = self.bridge.save_profile({**third, "rules": third["rules"][::-1]})
        self.assertEqual([one["path"] for one in turned["rules"]], ["$.p", "$.t"])

    def test_a_document_that_cannot_be_is_refused(self):
        for document in (
            {"id": "press", "rules": [{"path": "$[", "field": "comment"}]},
            {"id": "press", "rules": [{"path": "$.t", "field": "x", "model": "no.model"}]},
            {"id": "press", "rules": [{"field": "x"}]},
            {"id": "press", "offline_after": "soon"},
            {"id": "press", "topics": {"telemetry": "t"}},
            {"id": "Press"},
            {},
            [],
        ):
            self.assert_code("invalid-record", {}, "save_profile", document)

    def test_a_profile_in_use_is_not_removed(self):
        facts = {"kind": "profile", "id": "test-boiler", "user_kind": "device", "user": "test-1"}
        self.assert_code("record-in-use", facts, "remove_profile", "test-boiler")
        self.assert_code("unknown-record", {"kind": "profile", "id": "no"}, "remove_profile", "no")

    def test_a_device_is_added_changed_and_removed(self):
        partner = self.env["res.partner"].create({"name": "Machine"})
        added = self.bridge.add_device(
            {
                "id": "test-2",
                "serial": "SN-2",
                "name": "Two",
                "profile": "test-boiler",
                "lifecycle": "active",
                "business": f"res.partner,{partner.id}",
                "hardware": "B",
                "firmware": "1.0",
                "groups": ["b", "a"],
            }
        )
        self.assertEqual(
            {name: value for name, value in added.items() if not name.endswith("_at")},
            {
                "id": "test-2",
                "serial": "SN-2",
                "name": "Two",
                "profile": "test-boiler",
                "lifecycle": "active",
                "business": f"res.partner,{partner.id}",
                "hardware": "B",
                "firmware": "1.0",
                "groups": ["a", "b"],
            },
        )
        changed = self.bridge.change_device("test-2", {"business": None, "groups": ["c"], "name": ""})
        self.assertEqual((changed["business"], changed["groups"], changed["name"]), (None, ["c"], ""))
        self.bridge.change_device("test-2", {"lifecycle": "suspended"})
        self.assertEqual(self.bridge.resume_device("test-2")["lifecycle"], "active")
        self.bridge.remove_device("test-2")
        self.assert_code("unknown-record", {"kind": "device", "id": "test-2"}, "change_device", "test-2", {})

    def test_what_devices_cannot_be_is_refused(self):
        new = {"id": "test-2", "profile": "test-boiler"}
        taken = {"kind": "device", "field": "id", "value": "test-1"}
        self.assert_code("duplicate-record", taken, "add_device", new | {"id": "test-1"})
        taken = {"kind": "device", "field": "serial", "value": "SN-T1"}
        self.assert_code("duplicate-record", taken, "add_device", new | {"serial": "SN-T1"})
        self.bridge.add_device(new)
        self.assert_code("duplicate-record", taken, "change_device", "test-2", {"serial": "SN-T1"})
        self.assert_code("bad-device-id", {"id": "a/b"}, "add_device", new | {"id": "a/b"})
        unknown = {"kind": "profile", "id": "no"}
        self.assert_code("unknown-record", unknown, "add_device", {"id": "test-3", "profile": "no"})
        self.assert_code("invalid-record", {}, "change_device", "test-2", {"business": "no.model,1"})
        self.bridge.change_device("test-2", {"lifecycle": "retired"})
        facts = {"device": "test-2", "is_now": "retired", "wanted": "active"}
        self.assert_code("lifecycle", facts, "change_device", "test-2", {"lifecycle": "active"})
        self.assert_code("not-suspended", {"device": "test-2", "is_now": "retired"}, "resume_device", "test-2")

    # ------------------------------------------------------------------
    # Tokens
    # ------------------------------------------------------------------

    def test_a_token_is_used_once_and_by_one_request(self):
        token = self.bridge.issue_token("SN-T1", 60)["token"]["id"]

        used = self.bridge.use_token(token, "SN-T1", "mark", "rev-b", "2.0", "mqtt")

        self.assertEqual((used["used"], used["request"]), (True, "mark"))
        self.assertEqual((used["device"]["lifecycle"], used["device"]["hardware"]), ("paired", "rev-b"))
        self.assertEqual(used["token"]["state"], "used")
        self.assertIn("has paired", self.device.message_ids[0].body)
        self.assertTrue(self.bridge.use_token(token, "SN-T1", "mark")["used"], "the same request again")
        other = self.bridge.use_token(token, "SN-T1", "other")
        self.assertEqual((other["used"], other["request"]), (False, "mark"))

    def test_a_token_is_not_used_where_it_may_not_be(self):
        issued = self.bridge.issue_token("SN-T1", 60)
        token = issued["token"]["id"]
        self.assertFalse(self.bridge.use_token(token, "SN-X", "mark")["used"])
        self.device.lifecycle = "suspended"
        self.assertFalse(self.bridge.use_token(token, "SN-T1", "mark")["used"])
        self.assert_code("not-pairable", {"device": "test-1", "lifecycle": "suspended"}, "issue_token", "SN-T1")
        self.device.action_resume()
        self.env["iiot.device.token"].search([("token_id", "=", token)]).sudo().expires_at = "2020-01-01"
        self.assertFalse(self.bridge.use_token(token, "SN-T1", "mark")["used"])
        self.assert_code("unknown-serial", {"serial": "SN-X"}, "issue_token", "SN-X")
        self.assert_code("unknown-record", {"kind": "token", "id": "x"}, "use_token", "x", "SN-T1", "mark")

    def test_a_token_that_is_guessed_with_is_void(self):
        token = self.bridge.issue_token("SN-T1", 60)["token"]["id"]
        states = [self.bridge.miss_token(token, "10.0.0.1")["state"] for _try in range(5)]
        self.assertEqual(states, ["open"] * 4 + ["void"])
        self.assertFalse(self.bridge.use_token(token, "SN-T1", "mark")["used"])
        self.assertIn("10.0.0.1", self.device.message_ids[0].body)

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def test_everything_is_told_in_pages(self):
        for number in range(5):
            self.bridge.add_device({"id": f"many-{number}", "profile": "test-boiler"})
        whole = self.changes()
        self.assertFalse(whole["more"])
        cursor, devices, pages = None, [], 0
        while True:
            page = self.changes(cursor, limit=3)
            self.assertTrue(page["full"])
            cursor = page["cursor"]
            devices += [device["id"] for device in page["devices"]]
            pages += 1
            if not page["more"]:
                break
        self.assertGreater(pages, 2)
        self.assertEqual(sorted(devices), sorted(device["id"] for device in whole["devices"]))

    def test_what_is_removed_or_archived_is_told(self):
        self.bridge.save_profile(PROFILE)
        cursor = self.changes()["cursor"]
        self.bridge.remove_profile("press")
        self.device.lifecycle = "retired"
        self.profile.active = False
        removed = self.changes(cursor)["removed"]
        self.assertIn({"kind": "profile", "id": "press"}, removed)
        self.assertIn({"kind": "profile", "id": "test-boiler"}, removed)
        self.assertEqual(self.changes()["removed"], [{"kind": "profile", "id": "test-boiler"}])

    def test_a_cursor_of_another_database_begins_anew(self):
        cursor = self.changes()["cursor"]
        for strange in ({**cursor, "database": 0}, {**cursor, "since": "999999999999:999999999999:"}, "x", {}):
            self.assertTrue(self.changes(strange)["full"], strange)

    def test_telemetry_is_no_change(self):
        self.env.cr.execute("DELETE FROM iiot_bridge_change")
        self.device.process_telemetry_data({"t": 1})
        self.env.cr.execute("SELECT count(*) FROM iiot_bridge_change")
        self.assertEqual(self.env.cr.fetchone(), (0,))


@tagged("post_install", "-at_install")
class TestChanges(CommittedCase):
    """Changes of transactions that overlap: none is missed, whenever they commit."""

    def devices(self, cursor):
        with self.transaction() as env:
            answer = env["iiot.bridge"].changes(cursor)
        return answer["cursor"], {device["id"]: device["name"] for device in answer["devices"]}

    def setUp(self):
        super().setUp()
        with self.transaction() as env:
            link = fields.Command.link(env.ref("industrial_iot.group_iiot_bridge").id)
            env.user.write({USER_GROUPS: [link]})

    def test_a_long_transaction_is_told_when_it_commits(self):
        with self.transaction() as env:
            name = env["iiot.device"].browse(self.device_id).device_id
        cursor, _devices = self.devices(None)

        with self.transaction() as slow:
            slow["iiot.device"].browse(self.device_id).name = "slow"
            slow.flush_all()
            other = f"other-{uuid.uuid4().hex[:8]}"
            with self.transaction() as quick:
                quick["iiot.device"].create({"serial_number": other, "profile_id": self.profile_id})
            cursor, seen = self.devices(cursor)
            self.assertEqual(list(seen), [other])
            # The slow one began before all this was read.
        cursor, seen = self.devices(cursor)
        self.assertEqual(seen, {name: "slow"})
        cursor, seen = self.devices(cursor)
        self.assertEqual(seen, {}, "each change is told once")
        with self.transaction() as env:
            env["iiot.device"].search([("serial_number", "=", other)]).unlink()

    def test_two_requests_at_once_use_a_token_once(self):
        with self.transaction() as env:
            bridge = env["iiot.bridge"]
            serial = env["iiot.device"].browse(self.device_id).serial_number
            token = bridge.issue_token(serial, 60)["token"]["id"]
        with self.registry.cursor() as first, self.registry.cursor() as second, mute_logger("odoo.sql_db"):
            one, two = (api.Environment(cr, SUPERUSER_ID, {})["iiot.bridge"] for cr in (first, second))
            # Both have begun before either has done anything.
            two.env.cr.execute("SELECT 1 FROM iiot_device LIMIT 1")
            self.assertTrue(one.use_token(token, serial, "one")["used"])
            first.commit()
            with self.assertRaises(OperationalError):
                two.use_token(token, serial, "two")
            second.rollback()
            # As Odoo does with every request that another transaction has got in the way of.
            self.assertFalse(two.use_token(token, serial, "two")["used"])
            second.rollback()
