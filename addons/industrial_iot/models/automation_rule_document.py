import json

from odoo import _, api, fields, models

from ..duration import format_duration, read_duration


class IiotAutomationRule(models.Model):
    """A rule as the bridge has it."""

    _inherit = "iiot.automation.rule"

    def _registry_document(self):
        """Return the rule as the bridge has it; None for one that runs in Odoo."""
        self.ensure_one()
        if self.trigger == "odoo":
            return None
        more = json.loads(self.document or "{}")
        devices = {"ids": [*self.device_ids.sorted("id").mapped("device_id"), *more.get("devices", {}).get("ids", ())]}
        if self.profile_id:
            devices["profile"] = self.profile_id.code
        if self.group_id:
            devices["group"] = self.group_id.name
        trigger = {**more.get("trigger", {}), "kind": self.trigger}
        if self.trigger == "event" and self.model_id:
            trigger["model"] = self.model_name
        command = {"action": self.command_action, "params": json.loads(self.command_params or "{}")}
        throttle = {"every": format_duration(self.throttle), "window": format_duration(self.window)}
        return {
            "id": self.code,
            "name": self.name if self.name != self.code else "",
            "description": self.description or "",
            "active": self.is_active,
            "devices": devices,
            "trigger": trigger,
            "command": {
                **more.get("command", {}),
                **command,
                **({"ttl": format_duration(self.command_ttl)} if self.command_ttl else {}),
            },
            "throttle": {**throttle, **({"most": self.most} if self.most else {})},
            "interlock": {**more.get("interlock", {}), **({"online": True} if self.only_online else {})},
        }

    @api.model
    def _from_document(self, document):
        """Create or change the rule that the bridge describes."""
        rule = self.search([("code", "=", document.get("id"))])
        values = self._values_of(document)
        if rule:
            if rule.trigger == "odoo":
                sentence = _("“%s” is a rule that runs in Odoo; change it there.", rule.code)
                self.env["iiot.bridge"]._refuse("duplicate-record", sentence, kind="rule", field="id", value=rule.code)
            rule.write(values)
            return rule
        return self.create({"code": document.get("id"), **values})

    def _values_of(self, document):
        devices, trigger = dict(document.get("devices") or {}), dict(document["trigger"])
        command, throttle = dict(document["command"]), dict(document.get("throttle") or {})
        interlock = {name: value for name, value in (document.get("interlock") or {}).items() if value is not None}
        kind = trigger.pop("kind")
        model = self.env["ir.model"].sudo().search([("model", "=", trigger.get("model") or "")])
        if kind == "event" and model:
            del trigger["model"]
        ids = list(devices.get("ids") or ())
        known = self.env["iiot.device"].search([("device_id", "in", ids)])
        unknown = [id for id in ids if id not in set(known.mapped("device_id"))]
        values = {
            "name": document.get("name") or document.get("id"),
            "description": document.get("description") or False,
            "is_active": document.get("active", True),
            "trigger": kind,
            "model_id": model.id if kind == "event" else False,
            "profile_id": self._profile_of(devices.get("profile")).id,
            "group_id": self._group_of(devices.get("group")).id,
            "device_ids": [fields.Command.set(known.ids)],
            "command_action": command.pop("action"),
            "command_params": json.dumps(command.pop("params", None) or {}, ensure_ascii=False, indent=2),
            "command_ttl": read_duration(command.pop("ttl", None) or 0),
            "throttle": read_duration(throttle.get("every", 60)),
            "most": throttle.get("most") or 0,
            "window": read_duration(throttle.get("window", 3600)),
            "only_online": interlock.get("online") is True,
        }
        if values["only_online"]:
            del interlock["online"]
        more = {
            "trigger": trigger,
            "command": {name: value for name, value in command.items() if value is not None},
            "interlock": interlock,
            "devices": {"ids": unknown} if unknown else {},
        }
        document = {name: value for name, value in more.items() if value}
        return {**values, "document": json.dumps(document, ensure_ascii=False, indent=2)}

    def _profile_of(self, code):
        profile = self.env["iiot.device.profile"].search([("code", "=", code or "")])
        if code and not profile:
            sentence = _("There is no device profile with the code “%s”.", code)
            self.env["iiot.bridge"]._refuse("unknown-record", sentence, kind="profile", id=code)
        return profile

    def _group_of(self, name):
        groups = self.env["iiot.device.group"]
        return groups.search([("name", "=", name)]) or groups.create({"name": name}) if name else groups
