from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .. import parameters
from .common import IiotCase


@tagged("post_install", "-at_install")
class TestSettings(IiotCase):
    def new_settings(self, **values):
        """Return the settings page, filled in."""
        return self.env["res.config.settings"].create(values)

    def test_defaults_are_those_of_the_guide(self):
        store = self.env["ir.config_parameter"]
        self.assertEqual(store.get_param("iiot.mqtt_port"), "8883")
        self.assertEqual(store.get_param("iiot.mqtt_use_tls"), "True")
        settings = self.new_settings()
        self.assertEqual((settings.iiot_mqtt_port, settings.iiot_mqtt_use_tls), (8883, True))
        self.assertEqual((settings.iiot_token_lifetime, settings.iiot_command_ttl), (900, 3600))

    def test_settings_are_system_parameters(self):
        self.new_settings(
            iiot_mqtt_host=" broker.example.com ",
            iiot_mqtt_port=1883,
            iiot_mqtt_use_tls=False,
            iiot_command_response_timeout=0,
            iiot_bridge_url="http://bridge:8000",
        ).set_values()

        store = self.env["ir.config_parameter"]
        self.assertEqual(store.get_param("iiot.mqtt_host"), "broker.example.com")
        self.assertEqual(store.get_param("iiot.mqtt_port"), "1883")
        self.assertEqual(store.get_param("iiot.mqtt_use_tls"), "False")
        self.assertFalse(parameters.flag(self.env, "iiot.mqtt_use_tls"))
        self.assertEqual(parameters.number(self.env, "iiot.command_response_timeout"), 0)
        settings = self.new_settings()
        self.assertEqual((settings.iiot_mqtt_port, settings.iiot_mqtt_use_tls), (1883, False))

    def test_parameter_that_is_no_number_counts_as_its_default(self):
        self.env["ir.config_parameter"].set_param("iiot.mqtt_port", "none")
        self.assertEqual(parameters.number(self.env, "iiot.mqtt_port"), 8883)

    def test_settings_that_cannot_be_are_refused(self):
        for values, message in (
            ({"iiot_bridge_url": "bridge:8000"}, "begins with http://"),
            ({"iiot_bridge_key": "short"}, "at least 16 characters"),
            ({"iiot_mqtt_port": 0}, "from 1 to 65535"),
            ({"iiot_command_ttl": 0}, "at least one second"),
            ({"iiot_command_response_timeout": -1}, "not negative"),
            ({"iiot_event_keep_days": 0}, "at least one day"),
        ):
            with self.subTest(values=values), self.refused(ValidationError, message):
                self.new_settings(**values).set_values()

    def test_new_key_keeps_the_old_one_behind_it(self):
        self.new_settings().action_iiot_generate_key()
        first = parameters.text(self.env, "iiot.bridge_key")
        self.assertEqual(len(first), 64)

        self.new_settings().action_iiot_generate_key()

        newest, old = parameters.text(self.env, "iiot.bridge_key").split()
        self.assertEqual(old, first)
        self.assertNotEqual(newest, first)

    def test_token_of_the_wizard_is_in_no_column(self):
        context = {"default_device_id": self.device.id, "default_token": "ABCD-EFGH", "default_expires_at": False}
        wizards = self.env["iiot.config.token.wizard"].with_context(**context)

        self.assertEqual(wizards.default_get(["token"])["token"], "ABCD-EFGH")
        self.assertEqual(wizards.create({}).serial_number, "SN-T1")

        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'iiot_config_token_wizard'"
        )
        self.assertNotIn("token", [row[0] for row in self.env.cr.fetchall()])
