import re
import secrets
from datetime import timedelta

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import parameters
from ..pairing.token_text import grouped, new_token, token_digest
from ..telemetry.number import seconds_of
from ..text_rules import DEVICE_ID_PATTERN
from ..versions import HAS_CONSTRAINT_OBJECTS, check_access

TAKES_PART = frozenset({"draft", "paired", "active"})
PAIRABLE = TAKES_PART
"""Where in its life a device may pair, or pair anew."""
MOVES = {
    "draft": {"paired", "active", "suspended", "retired"},
    # Back to draft when its credentials are withdrawn.
    "paired": {"draft", "active", "suspended", "retired"},
    "active": {"draft", "paired", "suspended", "retired"},
    # Back only by resuming: whoever pairs or reports meanwhile must not end a suspension by that.
    "suspended": {"retired"},
    "retired": set(),
}
"""Where a device may go from where it is in its life; the bridge's rules."""


class IiotDevice(models.Model):
    _name = "iiot.device"
    _description = "IIoT Device"
    _inherit = ["iiot.registry.record", "mail.thread", "mail.activity.mixin"]
    _order = "device_id"
    # Operators may note what they see, though they do not set devices up.
    _mail_post_access = "read"
    _registry_kind = "device"
    _registry_code_field = "device_id"
    _registry_fields = frozenset(
        {
            "name",
            "serial_number",
            "profile_id",
            "lifecycle",
            "business_ref",
            "hardware_revision",
            "firmware_version",
            "group_ids",
        }
    )

    name = fields.Char("Name", tracking=True, help="The device's id, if empty.")
    device_id = fields.Char(
        "Device ID",
        required=True,
        index=True,
        copy=False,
        help="One level of a topic, without /, + and #; the serial number, if empty. It never changes.",
    )
    serial_number = fields.Char("Serial Number", required=True, index=True, copy=False, tracking=True)
    profile_id = fields.Many2one(
        "iiot.device.profile", "Device Profile", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", "Company", index=True, default=lambda self: self.env.company, tracking=True
    )
    business_ref = fields.Reference(
        selection="_selection_business_models",
        string="Business Object",
        index=True,
        copy=False,
        # No tracking: Odoo cannot tell of changes of references.
        help="The record that the device stands for: telemetry is written to it.",
    )
    lifecycle = fields.Selection(
        [
            ("draft", "Draft"),
            ("paired", "Paired"),
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("retired", "Retired"),
        ],
        "Lifecycle",
        required=True,
        default="draft",
        index=True,
        copy=False,
        tracking=True,
    )
    lifecycle_before = fields.Char("Lifecycle Before the Suspension", readonly=True, copy=False)
    is_active = fields.Boolean(
        "Takes Part",
        compute="_compute_is_active",
        store=True,
        help="Telemetry and commands of suspended and retired devices are left alone.",
    )
    connection_status = fields.Selection(
        [("unknown", "Unknown"), ("online", "Online"), ("offline", "Offline")],
        "Connection",
        required=True,
        readonly=True,
        default="unknown",
        index=True,
        copy=False,
    )
    connection_since = fields.Datetime("Connection Since", readonly=True, copy=False)
    last_seen = fields.Datetime("Last Seen", readonly=True, copy=False, index=True)
    last_telemetry = fields.Datetime("Last Telemetry", readonly=True, copy=False, index=True)
    last_telemetry_data = fields.Text("Last Telemetry Data", readonly=True, copy=False)
    telemetry_state = fields.Text(
        "Values Written Last", readonly=True, copy=False, help="For rules that hold back small or frequent changes."
    )
    firmware_version = fields.Char("Firmware Version", copy=False, tracking=True)
    hardware_revision = fields.Char("Hardware Revision", copy=False, tracking=True)
    group_ids = fields.Many2many(
        "iiot.device.group", "iiot_device_group_rel", "device_id", "group_id", string="Device Groups"
    )
    config_token_ids = fields.One2many("iiot.device.token", "device_id", "Configuration Tokens")
    token_expires_at = fields.Datetime("Open Token Expires At", compute="_compute_token_expires_at")
    note = fields.Html("Notes")

    if HAS_CONSTRAINT_OBJECTS:
        _device_id_unique = models.Constraint("unique (device_id)", "There is already a device with this device ID.")
        _serial_number_unique = models.Constraint(
            "unique (serial_number)", "There is already a device with this serial number."
        )
    else:
        _sql_constraints = [
            ("device_id_unique", "unique (device_id)", "There is already a device with this device ID."),
            ("serial_number_unique", "unique (serial_number)", "There is already a device with this serial number."),
        ]

    @api.model
    def _selection_business_models(self):
        found = self.env["ir.model"].sudo().search([("transient", "=", False)])
        # An abstract model has no records.
        return [(model.model, model.name) for model in found if not self.env[model.model]._abstract]

    @api.depends("lifecycle")
    def _compute_is_active(self):
        for device in self:
            device.is_active = device.lifecycle in TAKES_PART

    @api.depends("config_token_ids.state", "config_token_ids.expires_at")
    def _compute_token_expires_at(self):
        now = fields.Datetime.now()
        for device in self:
            open_ones = device.config_token_ids.filtered(lambda token: token.state == "open" and token.expires_at > now)
            device.token_expires_at = open_ones[:1].expires_at

    @api.depends("name", "device_id")
    def _compute_display_name(self):
        for device in self:
            device.display_name = device.name or device.device_id or ""

    @api.constrains("device_id", "serial_number", "name", "hardware_revision")
    def _check_texts(self):
        for device in self:
            if not re.match(DEVICE_ID_PATTERN, device.device_id or ""):
                raise ValidationError(
                    _(
                        "“%s” cannot be the id of a device: it is one level of a topic, of 1 to 128 characters without "
                        "“/”, “+” and “#”.",
                        device.device_id or "",
                    )
                )
            for field in ("serial_number", "name", "hardware_revision"):
                text = device[field] or ""
                if len(text) > 200 or not text.isprintable():
                    raise ValidationError(
                        _(
                            "“%s” must be one line of at most 200 characters.",
                            self._fields[field]._description_string(self.env),
                        )
                    )
            if not device.serial_number.strip():
                raise ValidationError(_("A device needs a serial number: it shows it when it pairs."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("device_id"):
                vals["device_id"] = vals.get("serial_number")
        return super().create(vals_list)

    def write(self, vals):
        wanted = vals.get("lifecycle")
        if wanted and not self.env.context.get("iiot_resume"):
            self._check_move(wanted)
            if wanted == "suspended":
                for device in self:
                    if device.lifecycle != "suspended":
                        device.lifecycle_before = device.lifecycle
        return super().write(vals)

    def _check_move(self, wanted):
        labels = dict(self._fields["lifecycle"]._description_selection(self.env))
        for device in self:
            if wanted != device.lifecycle and wanted not in MOVES[device.lifecycle]:
                raise UserError(
                    _(
                        "The device “%(device)s” is %(now)s and cannot become %(wanted)s.",
                        device=device.display_name,
                        now=labels[device.lifecycle],
                        wanted=labels.get(wanted, wanted),
                    )
                )

    # ------------------------------------------------------------------
    # Lifecycle
    # ------------------------------------------------------------------

    def action_suspend(self):
        """Let the devices take no part for now."""
        self.lifecycle = "suspended"

    def action_resume(self):
        """End the suspension of the devices: they are again what they were before."""
        for device in self:
            if device.lifecycle != "suspended":
                raise UserError(_("The device “%s” is not suspended.", device.display_name))
            device.with_context(iiot_resume=True).lifecycle = device.lifecycle_before or "draft"

    def action_retire(self):
        """Let the devices take no part any more."""
        self.lifecycle = "retired"

    # ------------------------------------------------------------------
    # Pairing
    # ------------------------------------------------------------------

    def action_generate_config_token(self):
        """Make a one-time token and show it, this once."""
        self.ensure_one()
        if not (self.env.su or self.env.user.has_group("industrial_iot.group_iiot_user")):
            raise AccessError(_("Only IIoT users may make configuration tokens."))
        text, token = self._issue_token()
        return {
            "type": "ir.actions.act_window",
            "name": _("Configuration Token"),
            "res_model": "iiot.config.token.wizard",
            "view_mode": "form",
            "target": "new",
            # Not in a record: the text of the token is nowhere in the database.
            "context": {
                "default_device_id": self.id,
                "default_token": text,
                "default_expires_at": fields.Datetime.to_string(token.expires_at),
            },
        }

    def _issue_token(self, expires_in=None, symbols=""):
        """Make a token, after which older ones of the device are void.

        Args:
            expires_in: Seconds for which it may be used; None for the time of the settings.
            symbols: The token, where the bridge has chosen it.

        Returns:
            Its text, for people to type, and its record.
        """
        self.ensure_one()
        check_access(self, "read")
        if self.lifecycle not in PAIRABLE:
            labels = dict(self._fields["lifecycle"]._description_selection(self.env))
            raise UserError(
                _(
                    "The device “%(device)s” is %(now)s, so it cannot be paired.",
                    device=self.display_name,
                    now=labels[self.lifecycle],
                )
            )
        keys = self.env["iiot.bridge"]._secret_keys()
        symbols = symbols or new_token(keys)
        device = self.sudo()
        device._void_tokens()
        expires_in = parameters.number(self.env, "iiot.token_lifetime") if expires_in is None else expires_in
        token = device.config_token_ids.create(
            {
                "token_id": secrets.token_hex(12),
                "device_id": self.id,
                "serial": self.serial_number,
                "digest": token_digest(keys, keys.newest, symbols),
                "key": keys.newest,
                "expires_at": fields.Datetime.now() + timedelta(seconds=expires_in),
            }
        )
        device.message_post(body=_("%s made a configuration token.", self.env.user.name))
        return grouped(symbols), token

    def _note_refused_pairing(self, code, source):
        """Note in the history that somebody claimed to be the device."""
        self.message_post(
            body=_("A pairing was refused (%(code)s), asked for from %(place)s.", code=code, place=source)
        )

    def _void_tokens(self):
        """Let no token count any more."""
        self.config_token_ids.filtered(lambda token: token.state != "void").state = "void"

    # ------------------------------------------------------------------
    # Bridge
    # ------------------------------------------------------------------

    def _registry_document(self):
        self.ensure_one()
        return {
            "id": self.device_id,
            "serial": self.serial_number,
            "name": self.name or "",
            "profile": self.profile_id.code,
            "lifecycle": self.lifecycle,
            "business": self._fields["business_ref"].convert_to_read(self.business_ref, self) or None,
            "hardware": self.hardware_revision or "",
            "firmware": self.firmware_version or "",
            "groups": sorted(self.group_ids.mapped("name")),
            "created_at": seconds_of(self.create_date),
            "updated_at": seconds_of(self.write_date),
        }
