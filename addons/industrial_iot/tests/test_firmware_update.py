import base64
import hashlib
import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
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


@tagged("post_install", "-at_install")
class TestRollout(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firmware = cls.new_firmware(cls)

    def new_rollout(self, **values):
        """Return a rollout that has not begun."""
        return self.env["iiot.rollout"].create(
            {"name": "July", "firmware_id": self.firmware.id, "profile_id": self.profile.id, **values}
        )

    def status(self, rollout, state, **values):
        """Return a rollout as the bridge would describe it."""
        return {
            "id": f"r-{rollout.id}",
            "name": rollout.name,
            "firmware": "2-1-0",
            "version": "2.1.0",
            "state": state,
            "reason": "",
            "group": "canary-5",
            "rolls_back": None,
            "requested_by": "odoo:__system__",
            "created_at": "2026-03-01T08:00:00.000Z",
            "changed_at": "2026-03-01T08:00:00.000Z",
            "ended_at": None,
            "idempotency_key": rollout.uuid,
            "plan": rollout.plan,
            "devices": {
                "waiting": 5,
                "left_out": 1,
                "running": 2,
                "succeeded": 2,
                "failed": 1,
                "cancelled": 0,
                "total": 10,
            },
            "groups": [{"name": "canary-5", "total": 10}],
            "left_out": {"has-version": 1},
            **values,
        }

    def tell(self, *items):
        """Apply news and check that all of it could be."""
        self.assertEqual(self.env["iiot.rollout"]._apply_rollout_news(list(items)), [None] * len(items))

    def test_rollout_that_begins_is_asked_of_the_bridge(self):
        self.env["iiot.device.group"].create({"name": "brave", "device_ids": self.device.ids})
        group = self.env["iiot.device.group"].search([("name", "=", "brave")])
        rollout = self.new_rollout(canary_sizes="5, 25%", canary_group_id=group.id, attempts=2)

        rollout.with_user(self.admin).action_start()

        self.assertEqual(rollout.state, "requested")
        self.assertEqual(
            self.events("rollout").data,
            {
                "name": "July",
                "firmware": "2-1-0",
                "devices": {"profile": "test-boiler"},
                "groups": [
                    {"name": "brave", "percent": 100, "device_group": "brave"},
                    {"name": "canary-5", "percent": 5.0},
                    {"name": "canary-25", "percent": 25.0},
                    {"name": "all", "percent": 100},
                ],
                "rate": 100.0,
                "success": 90.0,
                "error": 20.0,
                "error_minimum": 10,
                "policy": {"attempts": 2},
                "idempotency_key": rollout.uuid,
                "who": "odoo:iiot-admin",
            },
        )
        with self.assertRaisesRegex(UserError, "stays as it was planned"):
            rollout.with_user(self.admin).rate = 5

    def test_devices_of_other_companies_are_kept_out(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.device.copy({"serial_number": "SN-T2", "device_id": "test-2", "company_id": company.id})

        self.new_rollout().with_user(self.admin).action_start()

        self.assertEqual(self.events("rollout").data["devices"], {"profile": "test-boiler", "devices": ["test-1"]})

    def test_plan_that_cannot_be_is_refused(self):
        for values, message in (
            ({"canary_sizes": "many"}, "Canary sizes"),
            ({"canary_sizes": "0"}, "Canary sizes"),
            ({"canary_sizes": "100"}, "Canary sizes"),
            ({"rate": 0}, "devices per minute"),
            ({"success": 101}, "from 0 to 100"),
            ({"error": -1}, "from 0 to 100"),
            ({"error_minimum": 0}, "At least one device"),
            ({"attempts": 0}, "1 to 20 times"),
        ):
            with self.subTest(values=values), self.refused(ValidationError, message):
                self.new_rollout(**values)
        self.device.lifecycle = "retired"
        with self.assertRaisesRegex(UserError, "No device is as the rollout wants them"):
            self.new_rollout().action_start()

    def test_nobody_writes_how_a_rollout_stands(self):
        rollout = self.new_rollout().with_user(self.admin)
        with self.assertRaises(AccessError):
            rollout.write({"state": "finished"})
        with self.assertRaises(AccessError):
            rollout.copy({"plan": {}})

    def test_only_administrators_roll_out(self):
        rollout = self.new_rollout()
        with self.assertRaises(AccessError):
            rollout.with_user(self.user).action_start()

    def test_news_tells_how_it_stands(self):
        rollout = self.new_rollout()
        rollout.action_start()

        self.tell(self.status(rollout, "running"))
        self.assertEqual((rollout.state, rollout.group, rollout.bridge_id), ("running", "canary-5", f"r-{rollout.id}"))
        self.assertEqual((rollout.total_count, rollout.failed_count, rollout.left_out_count), (10, 1, 1))
        self.assertEqual(rollout.progress, 30)
        self.tell(
            self.status(rollout, "paused", reason="error-threshold", changed_at="2026-03-01T08:05:00Z"),
            self.status(rollout, "running"),
        )
        self.assertEqual((rollout.state, rollout.reason), ("paused", "error-threshold"))
        self.tell(self.status(rollout, "running", changed_at="2026-03-01T08:06:00Z"))
        self.assertEqual((rollout.state, rollout.reason), ("running", False))
        end = {"changed_at": "2026-03-01T09:00:00Z", "ended_at": "2026-03-01T09:00:00Z"}
        self.tell(
            self.status(rollout, "finished", **end), self.status(rollout, "running", changed_at="2026-03-01T09:10:00Z")
        )
        self.assertEqual(
            (rollout.state, rollout.ended_at), ("finished", fields.Datetime.to_datetime("2026-03-01 09:00:00"))
        )

    def test_actions_name_the_rollout_as_the_bridge_knows_it(self):
        rollout = self.new_rollout()
        rollout.action_start()
        rollout.action_pause()
        self.tell(self.status(rollout, "running"))
        rollout.action_pause()
        self.tell(self.status(rollout, "paused", changed_at="2026-03-01T08:05:00Z"))
        rollout.action_resume()
        rollout.action_cancel()

        told = [(event.data["action"], event.data["rollout"]) for event in self.events("rollout-action")]
        self.assertEqual(
            told,
            [
                ("pause", rollout.uuid),
                ("pause", f"r-{rollout.id}"),
                ("resume", f"r-{rollout.id}"),
                ("cancel", f"r-{rollout.id}"),
            ],
        )
        with self.assertRaisesRegex(UserError, "is Paused"):
            rollout.action_pause()
        draft = self.new_rollout()
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")

    def test_rollout_that_the_bridge_refuses_can_be_asked_for_again(self):
        rollout = self.new_rollout()
        rollout.action_start()
        key = rollout.uuid

        self.tell({"idempotency_key": key, "code": "no-devices", "message": "none"})
        self.assertEqual((rollout.state, rollout.reason), ("refused", "no-devices: none"))
        rollout.action_start()

        self.assertEqual(rollout.state, "requested")
        self.assertNotEqual(rollout.uuid, key)

    def test_rollback_becomes_a_record(self):
        rollout = self.new_rollout()
        rollout.action_start()
        self.tell(self.status(rollout, "running"))
        back = self.status(rollout, "running") | {
            "id": "r-back",
            "idempotency_key": None,
            "name": "Back",
            "rolls_back": f"r-{rollout.id}",
        }

        self.tell(self.status(rollout, "rolled_back", changed_at="2026-03-01T09:00:00Z"), back, back)

        made = self.env["iiot.rollout"].search([("bridge_id", "=", "r-back")])
        self.assertEqual((made.name, made.state, made.rolls_back_id), ("Back", "running", rollout))
        self.assertEqual(rollout.state, "rolled_back")

    def test_wizard_begins_a_rollout(self):
        wizard = (
            self.env["iiot.rollout.wizard"]
            .with_user(self.admin)
            .create({"firmware_id": self.firmware.id, "profile_id": self.profile.id, "canary_sizes": "10"})
        )
        self.assertEqual((wizard.name, wizard.device_count), ("Boiler → 2.1.0", 1))

        action = wizard.action_start()

        rollout = self.env["iiot.rollout"].browse(action["res_id"])
        self.assertEqual((rollout.state, rollout.name), ("requested", "Boiler → 2.1.0"))
        self.assertEqual(rollout.plan["groups"][0], {"name": "canary-10", "percent": 10.0})
        json.dumps(rollout.plan)
