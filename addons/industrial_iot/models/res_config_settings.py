import secrets

from odoo import _, api, fields, models
from odoo.exceptions import ValidationError

from .. import parameters
from ..bridge_signature import SHORTEST_KEY

TEXTS = ("mqtt_host", "bridge_url", "bridge_key")
NUMBERS = (
    "mqtt_port",
    "token_lifetime",
    "command_ttl",
    "command_response_timeout",
    "event_keep_days",
    "history_keep_days",
)
FLAGS = ("mqtt_use_tls",)


class ResConfigSettings(models.TransientModel):
    """Settings of Industrial IoT.

    They are system parameters, read and written here rather than by `config_parameter`, which takes a "no" for a
    parameter that is not set: then the default would count, which is "yes" for TLS.
    """

    _inherit = "res.config.settings"

    iiot_mqtt_host = fields.Char("MQTT Broker", help="Where devices reach the broker: a name or an address.")
    iiot_mqtt_port = fields.Integer("MQTT Port")
    iiot_mqtt_use_tls = fields.Boolean("Use TLS", help="Whether devices speak to the broker by TLS.")
    iiot_bridge_url = fields.Char("Bridge URL", help="Where Odoo reaches the bridge, such as http://bridge:8000.")
    iiot_bridge_key = fields.Char(
        "Bridge Key",
        help="The secret that Odoo shares with the bridge, where it is IIOT_SECRET_KEY. While it is changed, the new "
        "one comes first, and the old one after it.",
    )
    iiot_token_lifetime = fields.Integer("Token Lifetime (s)", help="How long a configuration token may be used.")
    iiot_command_ttl = fields.Integer("Command Time to Live (s)", help="After this time nobody wants a command.")
    iiot_command_response_timeout = fields.Integer(
        "Response Timeout (s)", help="Time that a device has to answer a command; 0 if no answers are expected."
    )
    iiot_event_keep_days = fields.Integer("Keep Sent Events (days)")
    iiot_history_keep_days = fields.Integer("Keep History (days)", help="Commands that have ended, and logs of rules.")
    iiot_bridge_status = fields.Char("Queue for the Bridge", compute="_compute_iiot_bridge_status")

    def _compute_iiot_bridge_status(self):
        status = self.env["iiot.bridge.event"]._status()
        for settings in self:
            settings.iiot_bridge_status = status

    @api.model
    def get_values(self):
        """Add the settings of this module to all others."""
        values = super().get_values()
        for names, read in ((TEXTS, parameters.text), (NUMBERS, parameters.number), (FLAGS, parameters.flag)):
            values |= {f"iiot_{name}": read(self.env, f"iiot.{name}") for name in names}
        return values

    def set_values(self):
        """Store the settings of this module with all others."""
        result = super().set_values()
        self._check_iiot()
        store = self.env["ir.config_parameter"].sudo()
        before = parameters.text(self.env, "iiot.bridge_url"), parameters.text(self.env, "iiot.bridge_key")
        for name in TEXTS:
            store.set_param(f"iiot.{name}", (self[f"iiot_{name}"] or "").strip() or False)
        for name in (*NUMBERS, *FLAGS):
            store.set_param(f"iiot.{name}", str(self[f"iiot_{name}"]))
        after = parameters.text(self.env, "iiot.bridge_url"), parameters.text(self.env, "iiot.bridge_key")
        if after != before:
            # What waits need not wait any longer.
            self.env["iiot.bridge.event"].sudo().action_send_now()
        return result

    def _check_iiot(self):
        for settings in self:
            url, key = settings.iiot_bridge_url or "", settings.iiot_bridge_key or ""
            if url and not url.startswith(("http://", "https://")):
                raise ValidationError(_("The URL of the bridge begins with http:// or https://."))
            if any(len(one) < SHORTEST_KEY for one in key.replace(",", " ").split()):
                raise ValidationError(_("The key of the bridge has at least %s characters.", SHORTEST_KEY))
            if not 0 < settings.iiot_mqtt_port < 65_536:
                raise ValidationError(_("The MQTT port is a number from 1 to 65535."))
            if min(settings.iiot_token_lifetime, settings.iiot_command_ttl) < 1:
                raise ValidationError(_("A configuration token and a command live at least one second."))
            if settings.iiot_command_response_timeout < 0:
                raise ValidationError(_("A response timeout is not negative."))
            if min(settings.iiot_event_keep_days, settings.iiot_history_keep_days) < 1:
                raise ValidationError(_("Events and history are kept for at least one day."))

    def action_iiot_generate_key(self):
        """Make a new key; the old one stays behind it until it is taken out."""
        self.ensure_one()
        self.iiot_bridge_key = " ".join(filter(None, (secrets.token_hex(32), self.iiot_bridge_key)))
        self.set_values()
        return {"type": "ir.actions.client", "tag": "reload"}

    def action_iiot_check_bridge(self):
        """Ask the bridge whether it knows Odoo's signature."""
        self.env["iiot.bridge.event"].sudo()._check_bridge()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": _("The bridge answers, and knows the signature.")},
        }

    def action_iiot_open_queue(self):
        """Show what was told to the bridge, and what waits."""
        return self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_bridge_event")
