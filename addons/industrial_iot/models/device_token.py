import hmac
from datetime import timedelta

from odoo import _, fields, models

from ..telemetry.number import seconds_of
from ..versions import HAS_CONSTRAINT_OBJECTS, NOT_SUMMED
from .device import PAIRABLE

MOST_MISSES = 5
"""A token that was shown with so many wrong serial numbers has been stolen by somebody who guesses."""
REPEAT_WITHIN = timedelta(days=1)
"""How long the same request gets the same answer."""


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
    device_id = fields.Many2one("iiot.device", "Device", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    serial = fields.Char("Serial Number", required=True, readonly=True)
    digest = fields.Char("Digest", required=True, readonly=True, index=True, groups="industrial_iot.group_iiot_bridge")
    key = fields.Char("Key ID", required=True, readonly=True, groups="industrial_iot.group_iiot_bridge")
    state = fields.Selection(
        [("open", "Open"), ("used", "Used"), ("void", "Void")],
        "State",
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    misses = fields.Integer("Wrong Tries", readonly=True, default=0, **NOT_SUMMED)
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

    def _use(self, serial, request, hardware="", firmware="", source=""):
        """Use the token up, in one transaction with what that means for its device; the same request may come again.

        Args:
            serial: Serial number that the device shows.
            request: Mark of the request.
            hardware: Hardware revision as the device says; empty if it does not.
            firmware: Firmware version, likewise.
            source: Where the request came from, for the history.

        Returns:
            ``{"used", "request"}``: whether this request has used it, and the mark of the one that has, if any.
        """
        self.ensure_one()
        device = self.device_id
        self.env.flush_all()
        # Whoever changes the device meanwhile waits, or has been before us and is seen.
        self.env.cr.execute("SELECT id FROM iiot_device WHERE id = %s FOR UPDATE", (device.id,))
        self.invalidate_recordset(flush=False)
        device.invalidate_recordset(flush=False)
        if not (self.serial == device.serial_number == serial) or device.lifecycle not in PAIRABLE:
            return {"used": False, "request": self.request or ""}
        now = fields.Datetime.now()
        self.env.cr.execute(
            """
            UPDATE iiot_device_token SET state = 'used', used_at = %(now)s, request = %(request)s, source = %(source)s
             WHERE id = %(id)s AND state = 'open' AND expires_at > %(now)s
            """,
            {"id": self.id, "now": now, "request": request, "source": source},
        )
        is_burnt = self.env.cr.rowcount == 1
        self.invalidate_recordset(flush=False)
        if not is_burnt:
            is_same = self.state == "used" and hmac.compare_digest(self.request or "", request)
            return {"used": is_same and self.used_at + REPEAT_WITHIN > now, "request": self.request or ""}
        self._registry_changed()
        vals = {"lifecycle": "paired"}
        vals |= {"hardware_revision": hardware} if hardware else {}
        vals |= {"firmware_version": firmware} if firmware else {}
        device.write(vals)
        device.message_post(body=_("The device has paired, from %s.", source or "?"))
        return {"used": True, "request": request}

    def _miss(self, source=""):
        """Count that the token was shown with a wrong serial number; it is void after some."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE iiot_device_token SET misses = misses + 1 WHERE id = %s AND state = 'open' RETURNING misses",
            (self.id,),
        )
        counted = self.env.cr.fetchone()
        self.invalidate_recordset(flush=False)
        if counted and counted[0] >= MOST_MISSES:
            self.state = "void"
            self.device_id.message_post(
                body=_(
                    "The configuration token is void: it was shown with wrong serial numbers, last from %s.",
                    source or "?",
                )
            )
