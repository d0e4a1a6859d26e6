from contextlib import contextmanager

from odoo.tests import TransactionCase, new_test_user


class IiotCase(TransactionCase):
    """Tests with a profile, a device, a firmware, and people; nothing is committed, so nothing is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever languages the database has: sentences are compared with the English ones.
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.profile = cls.env["iiot.device.profile"].create({"name": "Boiler", "code": "test-boiler"})
        cls.device = cls.env["iiot.device"].create(
            {
                "name": "Boiler 1",
                "serial_number": "SN-T1",
                "device_id": "test-1",
                "profile_id": cls.profile.id,
                "hardware_revision": "A",
            }
        )
        cls.user = new_test_user(cls.env, "iiot-user", groups="base.group_user,industrial_iot.group_iiot_user")
        cls.admin = new_test_user(cls.env, "iiot-admin", groups="base.group_user,industrial_iot.group_iiot_admin")
        cls.guest = new_test_user(cls.env, "iiot-guest", groups="base.group_user")

    @contextmanager
    def refused(self, error, sentence):
        """Check that something is refused, and leave everything as it was before."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), sentence)

    def events(self, event_type=None):
        """Return what waits for the bridge, in order."""
        domain = [("state", "=", "pending")] + ([("type", "=", event_type)] if event_type else [])
        return self.env["iiot.bridge.event"].search(domain)

    def new_firmware(self, version="2.1.0", **values):
        """Return a firmware that is released."""
        firmware = self.env["iiot.firmware"].create(
            {"version": version, "url": "https://example.com/f.bin", "size": 10, "sha256": "0" * 64, **values}
        )
        firmware.action_release()
        return firmware
