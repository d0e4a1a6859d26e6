from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import IiotCase


@tagged("post_install", "-at_install")
class TestUpdate(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firmware = cls.new_firmware(cls)

    def new_update(self, *, start=True, **values):
        """Return an update of the device, begun or not."""
        update = (
            self.env["iiot.update"]
            .with_user(self.user)
            .create({"device_id": self.device.id, "firmware_id": self.firmware.id, **values})
        )
        if start:
            update.action_start()
        return update

    def change(self, update, state, **values):
        """Return a change of an update as the bridge would describe it."""
        return {
            "update": f"b-{update.id}",
            "device": update.device_id.device_id,
            "firmware": update.firmware_id.code,
            "version": update.version,
            "rollout": None,
            "before": None,
            "state": state,
            "attempt": 1,
            "at": "2026-03-01T08:00:00.000Z",
            "error": None,
            "idempotency_key": update.uuid,
            **values,
        }

    def tell(self, *items):
        """Apply news and check that all of it could be."""
        self.assertEqual(self.env["iiot.update"]._apply_update_news(list(items)), [None] * len(items))

    def test_update_that_begins_is_asked_of_the_bridge(self):
        update = self.new_update(start=False)
        self.assertEqual(update.state, "draft")
        self.assertFalse(self.events("update"))

        update.action_start()

        self.assertEqual((update.state, update.requested_by), ("scheduled", "odoo:iiot-user"))
        data = {"device": "test-1", "firmware": "2-1-0", "idempotency_key": update.uuid, "who": "odoo:iiot-user"}
        self.assertEqual(self.events("update").data, data)
        self.assertEqual(update.sudo()._registry_document(), data)
        with self.assertRaisesRegex(UserError, "begun already"):
            update.action_start()

    def test_update_that_cannot_be_is_refused(self):
        self.device.firmware_version = "2.1.0"
        with self.assertRaisesRegex(UserError, "has this version already"):
            self.new_update()
        self.new_update(again=True)
        self.assertTrue(self.events("update").data["again"])
        with self.assertRaisesRegex(UserError, "is being updated already"):
            self.new_update(again=True)

        other = self.device.copy({"serial_number": "SN-T2", "device_id": "test-2", "hardware_revision": "C"})
        firmware = self.new_firmware("2.2.0", hardware="A, B")
        with self.assertRaisesRegex(UserError, "is for hardware A, B"):
            self.new_update(device_id=other.id, firmware_id=firmware.id)
        draft = self.env["iiot.firmware"].create({"version": "9"})
        with self.assertRaisesRegex(UserError, "is not released"):
            self.new_update(device_id=other.id, firmware_id=draft.id)
        other.lifecycle = "retired"
        with self.assertRaisesRegex(UserError, "suspended or retired"):
            self.new_update(device_id=other.id)

    def test_news_carries_an_update_to_its_end(self):
        update = self.new_update()

        for state in ("notified", "downloading", "downloaded", "verified", "installing", "rebooting"):
            self.tell(self.change(update, state))
            self.assertEqual(update.state, state)
            self.assertTrue(update.is_running)
        self.assertIsNone(update.sudo()._registry_document())
        self.tell(self.change(update, "succeeded", at="2026-03-01T08:10:00.500Z"))

        self.assertEqual((update.state, update.progress), ("succeeded", 100))
        self.assertEqual(update.ended_at, fields.Datetime.to_datetime("2026-03-01 08:10:00"))
        self.assertEqual(self.device.firmware_version, "2.1.0")
        self.assertIn("Updated to firmware 2.1.0", " ".join(self.device.message_ids.mapped("body")))

    def test_news_that_comes_late_or_twice_moves_nothing_back(self):
        update = self.new_update()
        installing, succeeded = self.change(update, "installing"), self.change(update, "succeeded")

        self.tell(installing, self.change(update, "downloading"), installing)
        self.assertEqual(update.state, "installing")
        self.tell(succeeded, installing, succeeded, self.change(update, "failed"))

        self.assertEqual(update.state, "succeeded")
        self.assertEqual(len(self.device.message_ids.filtered(lambda post: "Updated to" in post.body)), 1)

    def test_next_attempt_begins_anew(self):
        update = self.new_update()
        error = {"code": "no-space", "message": "the memory is full"}
        self.tell(
            self.change(update, "installing"),
            self.change(update, "scheduled", attempt=2, error=error),
            self.change(update, "rebooting", attempt=1),
        )
        self.assertEqual((update.state, update.attempt), ("scheduled", 2))
        self.assertEqual((update.error_code, update.error), ("no-space", "the memory is full"))

        self.tell(self.change(update, "failed", attempt=2, error=error))
        self.assertEqual(update.state, "failed")
        self.assertIn("the memory is full", " ".join(self.device.message_ids.mapped("body")))

    def test_progress_only_grows(self):
        update = self.new_update()
        for progress, expected in ((10, 10), (50, 50), (20, 50)):
            self.tell(self.change(update, "downloading", progress=progress))
            self.assertEqual(update.progress, expected)

    def test_update_that_the_bridge_refuses_has_failed(self):
        update = self.new_update()

        self.tell({"device": "test-1", "idempotency_key": update.uuid, "code": "has-version", "message": "has it"})

        self.assertEqual((update.state, update.error_code, update.error), ("failed", "has-version", "has it"))

    def test_update_of_a_rollout_becomes_a_record(self):
        item = {
            **self.change(self.new_update(), "notified"),
            "update": "u-1",
            "idempotency_key": None,
            "rollout": "r-1",
        }

        self.tell(item, item, item | {"state": "succeeded"})

        update = self.device.update_ids.filtered(lambda update: update.bridge_id == "u-1")
        self.assertEqual((update.state, update.rollout_ref), ("succeeded", "r-1"))
        self.assertFalse(update.rollout_id)
        rollout = {"id": "r-1", "state": "running", "name": "All", "firmware": "2-1-0"}
        self.env["iiot.rollout"]._apply_rollout_news([rollout])
        self.assertEqual(update.rollout_id.name, "All")
        self.tell(item | {"update": "u-2"})
        self.assertEqual(len(update.rollout_id.update_ids), 2)

    def test_news_of_what_odoo_does_not_know_is_reported(self):
        item = {**self.change(self.new_update(), "notified"), "update": "u-1", "idempotency_key": None}

        results = self.env["iiot.update"]._apply_update_news(
            [item | {"device": "nobody"}, item | {"firmware": "nothing"}, item | {"state": "draft"}, item]
        )

        codes = [result and result["code"] for result in results]
        self.assertEqual(codes, ["unknown-device", "unknown-firmware", "bad-news", None])

    def test_cancelling(self):
        draft = self.new_update(start=False)
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")

        update = self.new_update()
        update.action_cancel()
        self.assertEqual(update.state, "scheduled", "it ends when the bridge says so")
        data = {"idempotency_key": update.uuid, "update": None, "who": "odoo:iiot-user"}
        self.assertEqual(self.events("update-cancel").data, data)
        self.tell(self.change(update, "cancelled"))
        self.assertEqual(update.state, "cancelled")

    def test_nobody_writes_how_an_update_stands(self):
        update = self.new_update(start=False)
        with self.assertRaises(AccessError):
            update.write({"state": "succeeded"})
        with self.assertRaises(AccessError):
            self.new_update(state="succeeded")

    def test_update_that_has_begun_is_not_changed_nor_deleted(self):
        update = self.new_update()

        with self.assertRaisesRegex(UserError, "stays what it is"):
            update.write({"firmware_id": self.new_firmware("3.0").id})
        with self.assertRaisesRegex(UserError, "cancel it first"):
            update.sudo().unlink()

    def test_wizard_updates_devices(self):
        other = self.device.copy({"serial_number": "SN-T2", "device_id": "test-2"})
        devices = (self.device | other).with_user(self.user)
        context = devices.action_ota_update()["context"]
        wizard = (
            self.env["iiot.update.wizard"]
            .with_user(self.user)
            .with_context(**context)
            .create({"firmware_id": self.firmware.id})
        )

        with patch.object(type(self.env["ir.actions.act_window"]), "_for_xml_id", return_value={}):
            wizard.action_update()

        self.assertEqual((self.device | other).update_ids.mapped("state"), ["scheduled", "scheduled"])
        self.assertEqual(self.device.update_count, 1)
