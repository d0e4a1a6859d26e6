"""The ways of triggering commands automatically that the user's guide describes, as it describes them."""

from odoo import api, fields
from odoo.tests import tagged

from .common import IiotCase

OPTION_B = """
for record in records:
    # Find associated IIoT device
    iiot_device = env['iiot.device'].search([('business_ref', '=', f'maintenance.equipment,{record.id}')])
    if iiot_device:
        iiot_device.send_command('enter_maintenance_mode', equipment_id=record.id)
"""
OPTION_C = """
# Send periodic status check commands
for device in records:
    if device.is_active and device.connection_status == 'online':
        device.send_command('status_check', interval=300)
"""
OPTION_D = """
# Trigger when a specific field reaches a threshold
for record in records:
    if record.field_name > record.threshold_value:
        # Find associated IIoT device
        iiot_device = env['iiot.device'].search([('business_ref', '=', f'{record._name},{record.id}')])
        if iiot_device:
            iiot_device.send_command('alert_threshold_reached',
                                   field=record.field_name,
                                   value=record.field_name,
                                   threshold=record.threshold_value)
"""


@tagged("post_install", "-at_install")
class TestAutomationOptions(IiotCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.env["base.automation"]._unregister_hook)
        # The guide's examples are about maintenance, which need not be installed.
        cls.model = "maintenance.equipment" if "maintenance.equipment" in cls.env else "res.partner"
        cls.equipment = cls.env[cls.model].create({"name": "Press"})
        cls.device.business_ref = cls.equipment

    def commands(self):
        """Return the commands of the device, oldest first."""
        return self.env["iiot.command"].search([("device_id", "=", self.device.id)], order="id")

    def new_automation(self, model, code, **values):
        """Make an automated action as an administrator does on its form."""
        model_id = self.env["ir.model"]._get(model).id
        automation = self.env["base.automation"].create({"name": "Test", "model_id": model_id, **values})
        self.env["ir.actions.server"].create(
            {
                "name": "Test",
                "model_id": model_id,
                "base_automation_id": automation.id,
                "usage": "base_automation",
                "state": "code",
                "code": code.strip(),
            }
        )
        return automation

    def test_option_a_create_method_sends_a_command(self):
        origin = type(self.env[self.model]).create
        is_maintained = {"name": "Lathe in maintenance"}

        @api.model_create_multi
        def create(self, vals_list):
            records = origin(self, vals_list)
            for record, vals in zip(records, vals_list, strict=True):
                if "name" in vals and vals["name"] == "Lathe in maintenance":
                    devices = self.env["iiot.device"]
                    devices.search([("business_ref", "=", False)], limit=1).business_ref = record
                    iiot_device = devices.search([("business_ref", "=", f"{record._name},{record.id}")])
                    if iiot_device:
                        iiot_device.send_command("enter_maintenance_mode", equipment_id=record.id)
            return records

        self.device.business_ref = False
        self.patch(type(self.env[self.model]), "create", create)
        record = self.env[self.model].create(is_maintained)
        self.env[self.model].create({"name": "Lathe"})

        self.assertEqual(self.commands().action, "enter_maintenance_mode")
        self.assertEqual(self.commands().params, {"equipment_id": record.id})

    def test_option_b_automated_action_runs_the_code_of_the_guide(self):
        self.new_automation(
            self.model,
            OPTION_B.replace("maintenance.equipment", self.model),
            trigger="on_create_or_write",
            filter_domain="[('name', '=', 'maintenance')]",
        )

        self.equipment.name = "in use"
        self.assertFalse(self.commands())
        self.equipment.name = "maintenance"

        self.assertEqual(self.commands().action, "enter_maintenance_mode")
        self.assertEqual(self.commands().params, {"equipment_id": self.equipment.id})

    def test_option_c_scheduled_automated_action_checks_devices(self):
        offline = self.device.copy({"serial_number": "SN-T2", "device_id": "test-2"})
        offline.connection_status = "offline"
        self.device.connection_status = "online"
        automation = self.new_automation(
            "iiot.device",
            OPTION_C,
            trigger="on_time",
            trg_date_id=self.env["ir.model.fields"]._get("iiot.device", "create_date").id,
            trg_date_range=0,
            trg_date_range_type="hour",
        )
        automation.last_run = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.env.flush_all()
        self.env.cr.execute("UPDATE iiot_device SET create_date = create_date - interval '1 hour'")
        self.env.invalidate_all()

        if hasattr(self.env["ir.cron"], "_commit_progress"):
            # From 19 on it commits after each automated action.
            self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_named: 60.0)
            automation._cron_process_time_based_actions()
        else:
            automation._check()

        command = self.env["iiot.command"].search([("action", "=", "status_check")])
        self.assertEqual(command.device_id, self.device)
        self.assertEqual(command.params, {"interval": 300})

    def test_option_c_scheduled_action_checks_devices(self):
        self.device.connection_status = "online"
        cron = self.env["ir.cron"].create(
            {
                "name": "Status check",
                "model_id": self.env["ir.model"]._get("iiot.device").id,
                "state": "code",
                "code": "records = model.search([('is_active', '=', True)])" + OPTION_C,
                "interval_number": 5,
                "interval_type": "minutes",
            }
        )

        cron.ir_actions_server_id.run()

        self.assertEqual(self.commands().action, "status_check")

    def test_option_d_field_that_reaches_a_threshold_sends_a_command(self):
        field, limit = "color", "10"
        code = OPTION_D.replace("record.field_name >", f"record.{field} >").replace("record.threshold_value", limit)
        code = code.replace("field=record.field_name", f"field='{field}'").replace(
            "record.field_name", f"record.{field}"
        )
        self.new_automation(
            self.model,
            code,
            trigger="on_write",
            trigger_field_ids=[fields.Command.set(self.env["ir.model.fields"]._get(self.model, field).ids)],
        )

        self.equipment.color = 9
        self.equipment.name = "Another name"
        self.assertFalse(self.commands())
        self.equipment.color = 11

        command = self.commands()
        self.assertEqual(command.action, "alert_threshold_reached")
        self.assertEqual(command.params, {"field": "color", "value": 11, "threshold": 10})

    def test_telemetry_that_is_processed_can_send_commands(self):
        model = type(self.device)
        origin = model.process_telemetry_data

        def process_telemetry_data(self, telemetry_data):
            # Process telemetry data first
            origin(self, telemetry_data)

            # Then check if any commands should be triggered based on the data
            for key, value in telemetry_data.items():
                if key == "temperature" and value > 80:
                    # Send cooling command
                    self.send_command("activate_cooling", target_temp=70)
                elif key == "vibration" and value > 5.0:
                    # Send inspection command
                    self.send_command("enter_inspection_mode")

        self.patch(model, "process_telemetry_data", process_telemetry_data)
        self.device.process_telemetry_data({"temperature": 81, "vibration": 4})
        self.device.process_telemetry_data({"temperature": 20, "vibration": 6})

        self.assertEqual(self.commands().mapped("action"), ["activate_cooling", "enter_inspection_mode"])
