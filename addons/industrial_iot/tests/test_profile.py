import json

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import IiotCase


@tagged("post_install", "-at_install")
class TestProfile(IiotCase):
    def assert_refused(self, sentence, **values):
        with self.refused(ValidationError, sentence):
            self.profile.write(values)

    def test_topics_are_those_of_the_specification(self):
        self.assertEqual(
            self.profile._topics_of("b7"),
            {
                "config_request": "iiot/config/request",
                "config_response": "iiot/config/b7",
                "telemetry": "telemetry/b7/data",
                "command": "command/b7/action",
                "command_response": "command/b7/response",
                "ota_notify": "ota/b7/notify",
                "ota_status": "ota/b7/status",
                "presence": "presence/b7",
            },
        )

    def test_a_topic_needs_the_device_in_it(self):
        self.assert_refused("needs {device}", topic_telemetry="telemetry/all")
        self.profile.topic_config_request = "factory/hello"

    def test_a_topic_is_one_that_can_be_published_to(self):
        for topic in ("telemetry/{device}/#", "+/{device}", "a/{device}\0", "a\n/{device}"):
            self.assert_refused("Telemetry Topic", topic_telemetry=topic)
        self.assert_refused("there is no {site}", topic_telemetry="{site}/{device}")

    def test_a_code_is_an_identifier_and_never_changes(self):
        for code in ("Boiler", "-a", "a b", "ä"):
            with self.refused(ValidationError, "cannot be a code"):
                self.env["iiot.device.profile"].create({"code": code})
        with self.refused(UserError, "stays as it is"):
            self.profile.code = "other"

    def test_the_template_of_the_specification_with_branches_is_taken(self):
        self.profile.command_template = """
            {%- if action == 'reset' -%}
            {"command": "device_reset", "delay": {{ params.delay | default(0) }}}
            {%- elif action == 'ota_update' -%}
            {"command": "firmware_update", "url": "{{ params.url }}", "version": "{{ params.version }}"}
            {%- else -%}
            {"command": "{{ action }}", "at": "{{ now() }}", "to": {{ device_id }}, "params": {{ params | tojson }}}
            {%- endif -%}"""

    def test_a_template_that_cannot_work_is_refused(self):
        for template, sentence in (
            ("{{ action", "line 1"),
            ('{"a": {{ params | nonsense }}}', "nonsense"),
            ('{"a": "{{ site }}"}', "there is no “site”"),
            ('{"a": {{ action }}', "gives no JSON"),
            ("{% if action == 'stop' %}nothing{% else %}{}{% endif %}", "action “stop”"),
            ('{"a": "{{ action.__class__.__mro__ }}"}', "gives no JSON"),
        ):
            self.assert_refused(sentence, command_template=template)

    def test_actions_and_readings_are_checked_json(self):
        self.assert_refused("no JSON", actions="{")
        self.assert_refused("“reset” must be an object", actions='{"reset": {"schema": {}}}')
        self.assert_refused("there is no “when”", reading_extra='{"when": "$.t"}')
        self.assert_refused("is one of auto, s, ms", reading_extra='{"time_unit": "h"}')
        self.assert_refused("no JSONPath", reading_extra='{"time": "$["}')

    def test_a_profile_in_use_is_neither_archived_nor_deleted(self):
        self.assert_refused("still take part", active=False)
        with self.refused(UserError, "devices of this profile"):
            self.profile.unlink()
        self.device.lifecycle = "retired"
        self.profile.active = False

    def test_a_copy_has_a_code_and_rules_of_its_own(self):
        self.env["iiot.telemetry.rule"].create(
            {"profile_id": self.profile.id, "json_path": "$.t", "field_name": "cost", "active": False}
        )
        self.env["iiot.telemetry.rule"].create(
            {"profile_id": self.profile.id, "json_path": "$.p", "field_name": "note"}
        )

        first, second = self.profile.copy(), self.profile.copy()

        self.assertEqual((first.code, second.code), ("test-boiler-2", "test-boiler-3"))
        self.assertEqual(first.telemetry_rule_ids.mapped("json_path"), ["$.p"])

    def test_changes_are_in_the_history(self):
        self.env.flush_all()
        self.profile.topic_telemetry = "t/{device}"
        self.flush_tracking()
        tracked = self.profile.message_ids.sudo().tracking_value_ids
        self.assertIn("t/{device}", tracked.mapped("new_value_char"))

    def flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def test_a_document_comes_back_as_it_went_in(self):
        document = {
            "id": "test-press",
            "name": "",
            "description": "Two lines\nof text",
            "topics": self.profile._registry_document()["topics"] | {"telemetry": "p/{device}/t"},
            "codec": "scalar",
            "reading": {
                "batch": "$.list",
                "time": "$.at",
                "time_unit": "ms",
                "on_missing_time": "refuse",
                "max_age": "2d",
                "on_too_old": "refuse",
                "max_ahead": "500ms",
                "on_future": "keep",
            },
            "command_template": '{"do": "{{ action }}"}',
            "command_templates": [{"code": "reset", "name": "Reset", "template": "{}", "active": False}],
            "command_id_field": "cid",
            "actions": {"reset": {"description": "", "params": {"type": "object", "examples": [{}]}}},
            "rules": [
                {
                    "name": "Level",
                    "path": "$.a..b[*]",
                    "pick": "max",
                    "transform": {
                        "map": {"0": 1.5},
                        "otherwise": 2,
                        "decimal_comma": True,
                        "type": "number",
                        "scale": 1e-07,
                        "offset": -0.25,
                        "unit": "°F",
                        "to_unit": "°C",
                        "round": 0,
                    },
                    "condition": {"deadband": 0.0, "deadband_percent": None, "min_interval": "1m30s"},
                    "model": "res.partner",
                    "field": "comment",
                    "domain": ["|", ["ref", "=", "{serial}"], ["name", "in", ["{device}", "x"]]],
                    "on_missing": "fail",
                    "active": False,
                },
            ],
            "offline_after": "1m500ms",
        }
        profiles = self.env["iiot.device.profile"]
        profile = profiles.create(profiles._values_of(document) | {"code": "test-press"})
        self.env.flush_all()
        self.env.invalidate_all()

        self.assertEqual(json.dumps(profile._registry_document(), sort_keys=True), json.dumps(document, sort_keys=True))
        self.assertEqual(profile.with_context(active_test=False).telemetry_rule_ids.field_id.model, "res.partner")
