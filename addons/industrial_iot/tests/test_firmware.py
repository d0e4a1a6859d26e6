import base64
import hashlib

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import IiotCase


@tagged("post_install", "-at_install")
class TestFirmware(IiotCase):
    def test_digest_is_computed_from_the_file(self):
        content = b"firmware" * 1000
        firmware = self.env["iiot.firmware"].create(
            {"version": "2.1.0-rc.1", "file": base64.b64encode(content), "hardware": "A, B ,"}
        )
        self.assertEqual(firmware.code, "2-1-0-rc-1")
        self.assertEqual((firmware.size, firmware.sha256), (8000, hashlib.sha256(content).hexdigest()))
        self.assertIsNone(firmware._registry_document(), "a draft is of no concern to the bridge")
        self.assertEqual(firmware._attachment().raw, content)

        firmware.action_release()

        document = firmware._registry_document()
        self.assertEqual(
            document | {"created_at": 0},
            {
                "id": "2-1-0-rc-1",
                "version": "2.1.0-rc.1",
                "size": 8000,
                "sha256": hashlib.sha256(content).hexdigest(),
                "url": "",
                "signature": "",
                "key_id": "",
                "hardware": ["A", "B"],
                "min_version": "",
                "notes": "",
                "created_at": 0,
                "file": True,
            },
        )

    def test_statement_is_what_devices_check_the_signature_of(self):
        firmware = self.new_firmware(hardware="rev-b, rev-c", min_version="1.4.0", size=3_000_000)

        self.assertEqual(firmware.statement, f"flowengine firmware 1\n2.1.0\n3000000\n{'0' * 64}\nrev-b,rev-c\n1.4.0")

    def test_released_firmware_never_changes(self):
        firmware = self.new_firmware()

        for values in ({"version": "3"}, {"sha256": "1" * 64}, {"url": "https://example.com/other"}, {"file": "AAAA"}):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "never changes"):
                firmware.write(values)
        firmware.write({"notes": "Better"})

    def test_firmware_that_is_incomplete_is_not_released(self):
        for values, message in (
            ({}, "neither a file nor a download URL"),
            ({"url": "https://example.com/f"}, "needs the size and the SHA-256"),
        ):
            firmware = self.env["iiot.firmware"].create({"version": "1", **values})
            with self.assertRaisesRegex(UserError, message):
                firmware.action_release()

    def test_values_that_devices_cannot_use_are_refused(self):
        for values, message in (
            ({"version": "a b"}, "cannot be a version"),
            ({"min_version": "/"}, "cannot be a version"),
            ({"sha256": "ABC"}, "64 hexadecimal digits"),
            ({"url": "ftp://x"}, "http:// or https://"),
            ({"signature": "AAAA"}, "64 bytes"),
            ({"signature": "§"}, "64 bytes"),
            ({"code": "A B"}, "cannot be the code"),
        ):
            with self.subTest(values=values), self.refused(ValidationError, message):
                self.env["iiot.firmware"].create({"version": "1", **values})
        self.env["iiot.firmware"].create({"version": "1", "signature": base64.b64encode(b"x" * 64).decode()})

    def test_firmware_of_the_bridge_goes_there_and_back(self):
        document = {
            "id": "2-1-0",
            "version": "2.1.0",
            "size": 5_000_000_000,
            "sha256": "a" * 64,
            "url": "",
            "signature": base64.b64encode(b"s" * 64).decode(),
            "key_id": "0011223344556677",
            "hardware": ["A", "B"],
            "min_version": "2.0.0",
            "notes": "Faster",
        }

        firmware = self.env["iiot.firmware"]._from_document(document | {"created_at": 5.0})

        self.assertEqual({name: firmware._registry_document()[name] for name in document}, document)
        self.assertFalse(firmware._registry_document()["file"])
        with self.assertRaisesRegex(UserError, "^duplicate-record: "):
            self.env["iiot.firmware"]._from_document(document)

    def test_firmware_in_use_is_neither_deleted_nor_withdrawn(self):
        firmware = self.new_firmware()
        update = self.env["iiot.update"].create({"device_id": self.device.id, "firmware_id": firmware.id})
        update.action_start()

        with self.assertRaisesRegex(UserError, "updates refer to it"):
            firmware.unlink()
        with self.assertRaisesRegex(UserError, "have not ended"):
            firmware.action_withdraw()
        update.sudo().state = "cancelled"
        firmware.action_withdraw()
        self.assertIsNone(firmware._registry_document())
