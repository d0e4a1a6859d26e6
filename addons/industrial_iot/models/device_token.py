from odoo import fields, models

from ..telemetry.number import seconds_of
from ..versions import HAS_CONSTRAINT_OBJECTS, NOT_SUMMED


class IiotDeviceToken(models.Model):
    """A one-time token with which a device gets its configuration: a keyed hash of it, never the token itself."""

    _name = "iiot.device.token"
    _description = "IIoT Configuration Token"
    _inherit = ["iiot.registry.record"]
    _order = "id desc"
    _rec_name = "token_id"
    _registry_kind = "token"
    _registry_code_field = "token_id"
    _registry_fields = frozenset({"state", "expires_at", "used_at", "request"})

    token_id = fields.Char("Token ID", required=True, readonly=True)
    device_id = fields.Many2one(
        "iiot.device", "Device", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    serial = fields.Char("Serial Number", required=True, readonly=True)
    digest = fields.Char(
        "Digest", required=True, readonly=True, index=True, groups="industrial_iot.group_iiot_bridge"
    )
    key = fields.Char("Key ID", required=True, readonly=True, groups="industrial_iot.group_iiot_bridge")
    state = fields.Selection(
        [("open", "Open"), ("used", "Used"), ("void", "Void")],
        "State",
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    misses = fields.Integer("Wrong Tries", readonly=True, **NOT_SUMMED)
    expires_at = fields.Datetime("Expires At", required=True, readonly=True)
    used_at = fields.Datetime("Used At", readonly=True)
    request = fields.Char("Request", readonly=True, groups="industrial_iot.group_iiot_bridge")
    source = fields.Char("Used From", readonly=True)

    if HAS_CONSTRAINT_OBJECTS:
        _token_id_unique = models.Constraint("unique (token_id)", "There is already a token with this id.")
    else:
        _sql_constraints = [("token_id_unique", "unique (token_id)", "There is already a token with this id.")]

    def _registry_document(self):
        self.ensure_one()
        return {
            "id": self.token_id,
            "digest": self.digest,
            "key": self.key,
            "device": self.device_id.device_id,
            "serial": self.serial,
            "state": self.state,
            "misses": self.misses,
            "created_at": seconds_of(self.create_date),
            "expires_at": seconds_of(self.expires_at),
            "used_at": seconds_of(self.used_at) if self.used_at else None,
            "request": self.request or "",
        }
