from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..pairing.token_text import read_token, sealed_by, token_digest
from .common import IiotCase

KEY = "a-test-key-that-is-long-enough"


@tagged("post_install", "-at_install")
class TestDevice(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("iiot.bridge_key", f"{KEY} an-older-key-of-the-bridge")

    def new_device(self, **values):
        return self.env["iiot.device"].create({"profile_id": self.profile.id, **values})

    def test_the_serial_number_is_the_id_where_there_is_none(self):
        self.assertEqual(self.new_device(serial_number="SN-9").device_id, "SN-9")

    def test_an_id_is_one_level_of_a_topic(self):
        for device_id in ("a/b", "a+", "#", " a", "$SYS", "x" * 129, "a\tb"):
            with self.refused(ValidationError, "cannot be the id"):
                self.new_device(serial_number="SN-9", device_id=device_id)
        with self.refused(UserError, "stays as it is"):
            self.device.device_id = "other"

    def test_ids_and_serial_numbers_are_unique(self):
        for values in ({"serial_number": "SN-T1", "device_id": "x"}, {"serial_number": "x", "device_id": "test-1"}):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
                self.new_device(**values)

    def test_life_goes_only_one_way(self):
        self.assertTrue(self.device.is_active)
        self.device.lifecycle = "active"
        self.device.action_suspend()
        self.assertFalse(self.device.is_active)
        with self.refused(UserError, "cannot become"):
            self.device.lifecycle = "active"
        self.device.action_resume()
        self.assertEqual(self.device.lifecycle, "active")
        with self.refused(UserError, "not suspended"):
            self.device.action_resume()
        self.device.action_retire()
        for lifecycle in ("draft", "paired", "active", "suspended"):
            with self.refused(UserError, "cannot become"):
                self.device.lifecycle = lifecycle

    def test_the_searches_of_the_specification_work(self):
        partner = self.env["res.partner"].create({"name": "Machine"})
        self.device.business_ref = f"res.partner,{partner.id}"
        devices = self.env["iiot.device"]
        self.assertEqual(devices.search([("business_ref", "=", f"res.partner,{partner.id}")]), self.device)
        self.assertIn(self.device, devices.search([("is_active", "=", True)]))

    def test_operators_use_devices_and_do_not_change_them(self):
        device = self.device.with_user(self.user)
        self.assertEqual(device.serial_number, "SN-T1")
        with self.assertRaises(AccessError):
            device.serial_number = "SN-X"
        device.message_post(body="It squeaks.")
        with self.assertRaises(AccessError):
            self.device.with_user(self.guest).serial_number  # noqa: B018 - reading is what is refused
        self.device.with_user(self.admin).serial_number = "SN-X"

    def test_people_see_the_devices_of_their_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.new_device(serial_number="SN-2", company_id=other.id)
        common = self.new_device(serial_number="SN-3", company_id=False)
        token = theirs._issue_token()[1]
        bridge = new_test_user(self.env, "iiot-bridge", groups="base.group_user,industrial_iot.group_iiot_bridge")

        mine = self.env["iiot.device"].with_user(self.user).search([])
        self.assertIn(self.device, mine)
        self.assertIn(common, mine)
        self.assertNotIn(theirs, mine)
        self.assertNotIn(token, self.env["iiot.device.token"].with_user(self.user).search([]))
        with self.assertRaises(AccessError):
            theirs.with_user(self.user).action_generate_config_token()
        self.assertIn(theirs, self.env["iiot.device"].with_user(bridge).search([]))

    # ------------------------------------------------------------------
    # Tokens
    # ------------------------------------------------------------------

    def test_a_token_is_shown_once_and_kept_as_a_keyed_hash(self):
        action = self.device.with_user(self.user).action_generate_config_token()

        text = action["context"]["default_token"]
        token = self.device.config_token_ids
        keys = self.env["iiot.bridge"]._secret_keys()
        symbols = read_token(text.lower().replace("-", " "))
        self.assertEqual(sealed_by(keys, symbols), keys.newest)
        self.assertEqual(token.digest, token_digest(keys, keys.newest, symbols))
        self.assertEqual((token.state, token.serial, token.key), ("open", "SN-T1", keys.newest))
        self.assertIn("configuration token", self.device.message_ids[0].body)
        self.env.flush_all()
        self.env.cr.execute("SELECT to_jsonb(t)::text FROM iiot_device_token t WHERE id = %s", (token.id,))
        self.assertNotIn(symbols, self.env.cr.fetchone()[0])

    def test_a_new_token_takes_the_place_of_the_old_one(self):
        first = self.device._issue_token()[1]
        self.device._issue_token()
        self.assertEqual(first.state, "void")
        self.assertEqual(len(self.device.config_token_ids), 2)

    def test_users_cannot_see_the_hash_of_a_token(self):
        token = self.device._issue_token()[1].with_user(self.user)
        self.assertEqual(token.state, "open")
        with self.assertRaises(AccessError):
            token.digest  # noqa: B018 - reading is what is refused

    def test_no_token_for_a_device_that_may_not_pair_or_without_a_key(self):
        with self.refused(AccessError, "Only IIoT users|not allowed"):
            self.device.with_user(self.guest).action_generate_config_token()
        self.env["ir.config_parameter"].set_param("iiot.bridge_key", "short")
        with self.refused(UserError, "fewer than 16"):
            self.device._issue_token()
        self.device.lifecycle = "suspended"
        with self.refused(UserError, "cannot be paired"):
            self.device._issue_token()

    def test_a_group_that_is_renamed_is_a_change_of_its_devices(self):
        group = self.env["iiot.device.group"].create({"name": "Hall 1"})
        self.device.group_ids = group
        self.env.cr.execute("DELETE FROM iiot_bridge_change")
        group.name = "Hall 2"
        self.assertEqual(self.device._registry_document()["groups"], ["Hall 2"])
        self.env.cr.execute("SELECT kind, code FROM iiot_bridge_change")
        self.assertEqual(self.env.cr.fetchall(), [("device", "test-1")])
