from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    iiot_mqtt_host = fields.Char("MQTT Broker", config_parameter="iiot.mqtt_host")
    iiot_mqtt_port = fields.Integer("MQTT Port", config_parameter="iiot.mqtt_port", default=8883)
    iiot_mqtt_use_tls = fields.Boolean("Use TLS")
    iiot_bridge_url = fields.Char("Bridge URL", config_parameter="iiot.bridge_url")
    iiot_bridge_key = fields.Char("Bridge Key", config_parameter="iiot.bridge_key")
    iiot_token_lifetime = fields.Integer("Token Lifetime (s)", config_parameter="iiot.token_lifetime", default=900)
    iiot_command_ttl = fields.Integer("Command Time to Live (s)", config_parameter="iiot.command_ttl", default=3600)
    iiot_command_response_timeout = fields.Integer(
        "Command Response Timeout (s)", config_parameter="iiot.command_response_timeout", default=30
    )
    iiot_event_keep_days = fields.Integer("Keep Sent Events (days)", config_parameter="iiot.event_keep_days", default=30)
    iiot_history_keep_days = fields.Integer(
        "Keep Commands (days)", config_parameter="iiot.history_keep_days", default=365
    )
    iiot_bridge_status = fields.Char("Bridge Status", compute="_compute_iiot_bridge_status")

    def _compute_iiot_bridge_status(self):
        self.iiot_bridge_status = False
