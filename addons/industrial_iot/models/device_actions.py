import json
from datetime import timedelta

from odoo import _, fields, models
from odoo.exceptions import AccessError, UserError

from .. import parameters
from ..versions import LIST_VIEW, check_access


class IiotDevice(models.Model):
    """What people and rules ask of devices: commands and updates."""

    _inherit = "iiot.device"

    command_ids = fields.One2many("iiot.command", "device_id", "Commands")
    command_count = fields.Integer("Command Count", compute="_compute_command_count")
    update_ids = fields.One2many("iiot.update", "device_id", "Updates")
    update_count = fields.Integer("Update Count", compute="_compute_update_count")

    def _compute_command_count(self):
        self._count("iiot.command", "command_count")

    def _compute_update_count(self):
        self._count("iiot.update", "update_count")

    def _count(self, model, field):
        counts = dict(self.env[model]._read_group([("device_id", "in", self.ids)], ["device_id"], ["__count"]))
        for device in self:
            device[field] = counts.get(device._origin, 0)

    # ------------------------------------------------------------------
    # Commands
    # ------------------------------------------------------------------

    def send_command(self, action, **params):
        """Send a command to each of the devices.

        It goes to the bridge when the transaction is committed; a transaction that is rolled back sends nothing. A
        device that is offline gets it when it is back, within the command's time to live.

        Args:
            action: What the devices are to do, such as "reset".
            **params: The action's parameters, which must be JSON: `send_command("reset", delay=5)`.

        Returns:
            The commands, which tell what becomes of them.
        """
        return self._send_command(action, params)

    def _send_command(self, action, params, ttl=None, response_timeout=None, supersede=None, source="odoo", rule=None):
        """Send a command to each of the devices, with more to say about it than `send_command` takes.

        Args:
            action: What the devices are to do.
            params: The action's parameters.
            ttl: Seconds after which nobody wants it any more.
            response_timeout: Seconds that a device has to answer; 0 if no answer is expected.
            supersede: Of the commands of a device with the same word here, those that still wait give way to this one.
            source: How it came about.
            rule: Automation rule that sends it.
        """
        if not (self.env.su or self.env.user.has_group("industrial_iot.group_iiot_user")):
            raise AccessError(_("Only IIoT users may send commands to devices."))
        if not self.env.su:
            check_access(self, "read")
        self._check_command(action, params)
        ttl = ttl or parameters.number(self.env, "iiot.command_ttl")
        if response_timeout is None:
            response_timeout = parameters.number(self.env, "iiot.command_response_timeout")
        # Nobody may write into the history by hand.
        commands = (
            self.env["iiot.command"]
            .sudo()
            .create(
                [
                    {
                        "device_id": device.id,
                        "action": action,
                        "params": params,
                        "user_id": self.env.uid,
                        "who": f"odoo:{self.env.user.login}",
                        "source": source,
                        "rule_id": rule.id if rule else False,
                        "ttl": ttl,
                        "response_timeout": response_timeout,
                        "supersede": supersede,
                        "expires_at": fields.Datetime.now() + timedelta(seconds=ttl),
                    }
                    for device in self
                ]
            )
        )
        commands._hand_over()
        return commands.with_env(self.env)

    def _check_command(self, action, params):
        """Raise unless the devices can be sent a command; the bridge checks parameters against the action's schema."""
        if not isinstance(action, str) or not 0 < len(action) <= 100 or not action.isprintable():
            raise UserError(_("The action of a command is a text of 1 to 100 characters, on one line."))
        try:
            json.dumps(params, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise UserError(
                _("The parameters of “%(action)s” cannot be written as JSON: %(why)s", action=action, why=error)
            ) from error
        for device in self:
            if not device.is_active:
                raise UserError(
                    _("The device “%s” is suspended or retired, and gets no commands.", device.display_name)
                )
            actions = device.profile_id._known_actions()
            if actions and action not in actions:
                raise UserError(
                    _(
                        "The devices of “%(profile)s” do not know the action “%(action)s”; they know %(known)s.",
                        profile=device.profile_id.display_name,
                        action=action,
                        known=", ".join(sorted(actions)),
                    )
                )

    def action_send_reset(self):
        """Tell the devices to restart."""
        commands = self.send_command("reset")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": _("%s commands are on their way.", len(commands))},
        }

    def action_send_command(self):
        """Ask which command the devices are to get."""
        return {
            "type": "ir.actions.act_window",
            "name": _("Send Command"),
            "res_model": "iiot.command.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_ids": [fields.Command.set(self.ids)]},
        }

    def action_open_commands(self):
        """Show the commands of the device."""
        return self._open_history("iiot.command", _("Commands"))

    # ------------------------------------------------------------------
    # Updates
    # ------------------------------------------------------------------

    def action_ota_update(self):
        """Ask which firmware the devices are to get."""
        return {
            "type": "ir.actions.act_window",
            "name": _("OTA Update"),
            "res_model": "iiot.update.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_ids": [fields.Command.set(self.ids)]},
        }

    def action_open_updates(self):
        """Show the updates of the device."""
        return self._open_history("iiot.update", _("Updates"))

    def _open_history(self, model, name):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": f"{LIST_VIEW},form",
            "domain": [("device_id", "=", self.id)],
            "context": {"default_device_id": self.id, "create": False},
        }


class IiotDeviceProfile(models.Model):
    _inherit = "iiot.device.profile"

    def _known_actions(self):
        """Return the actions that devices of the profile know, with what is known of them; empty if any will do."""
        self.ensure_one()
        return json.loads(self.sudo().actions or "{}")
