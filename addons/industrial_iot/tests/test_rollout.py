import json

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import IiotCase


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
