import base64
import hashlib
import re

from odoo import _, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..versions import HAS_CONSTRAINT_OBJECTS

VERSION_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
"""A version is one level of a topic and one part of a URL's path as it stands; the bridge's rule."""
SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")
SIGNATURE_BYTES = 64
"""Length of an Ed25519 signature (RFC 8032)."""


class IiotFirmware(models.Model):
    """One version of firmware that devices can be updated to. Once released it never changes."""

    _name = "iiot.firmware"
    _description = "IIoT Firmware"
    _inherit = ["iiot.registry.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _registry_kind = "firmware"
    _registry_fields = frozenset({"state", "signature", "key_id", "notes"})

    code = fields.Char(
        "Code",
        required=True,
        copy=False,
        help="Lower-case letters, digits and hyphens; made of the version, if empty. It never changes.",
    )
    version = fields.Char("Version", required=True, tracking=True, help="What a device reports once it runs it.")
    name = fields.Char("Name", copy=False)
    file = fields.Binary("File", attachment=True, copy=False)
    filename = fields.Char("File Name", copy=False)
    url = fields.Char("Download URL", copy=False, help="Where devices get it, if not from the bridge.")
    size = fields.Float(
        "Size (bytes)", digits=(16, 0), compute="_compute_digest", store=True, readonly=False, copy=False
    )
    sha256 = fields.Char("SHA-256", compute="_compute_digest", store=True, readonly=False, copy=False, index=True)
    signature = fields.Char(
        "Ed25519 Signature",
        copy=False,
        help="Signature of the release statement, in Base64. Devices that know the key refuse firmware without it.",
    )
    statement = fields.Text(
        "Release Statement",
        compute="_compute_statement",
        help="What is signed: these six lines, without a line break at the end.",
    )
    key_id = fields.Char("Key ID", copy=False, help="Which key signed it.")
    hardware = fields.Char("Hardware Revisions", help="Those that it fits, with commas between them; empty for all.")
    min_version = fields.Char("Oldest Version", help="Older ones must be updated to another version first.")
    notes = fields.Text("Release Notes")
    state = fields.Selection(
        [("draft", "Draft"), ("released", "Released"), ("withdrawn", "Withdrawn")],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        tracking=True,
        index=True,
    )
    at_bridge = fields.Boolean("Stored at the Bridge", readonly=True, copy=False)
    update_ids = fields.One2many("iiot.update", "firmware_id", "Updates")
    update_count = fields.Integer("Update Count", compute="_compute_update_count")

    if HAS_CONSTRAINT_OBJECTS:
        _code_unique = models.Constraint("unique (code)", "There is already a firmware with this code.")
    else:
        _sql_constraints = [("code_unique", "unique (code)", "There is already a firmware with this code.")]

    @api.depends("name", "version")
    def _compute_display_name(self):
        for firmware in self:
            firmware.display_name = f"{firmware.name} {firmware.version}" if firmware.name else firmware.version or ""

    @api.depends("file")
    def _compute_digest(self):
        for firmware in self:
            # Without the context in which a binary field reads as its size.
            content = firmware.with_context(bin_size=False).file
            if content:
                data = base64.b64decode(content)
                firmware.size, firmware.sha256 = len(data), hashlib.sha256(data).hexdigest()
            else:
                firmware.size, firmware.sha256 = firmware.size, firmware.sha256

    @api.depends("version", "size", "sha256", "hardware", "min_version")
    def _compute_statement(self):
        for firmware in self:
            lines = (
                "flowengine firmware 1",
                firmware.version or "",
                str(int(firmware.size)),
                firmware.sha256 or "",
                ",".join(firmware._hardware_list()),
                firmware.min_version or "",
            )
            firmware.statement = "\n".join(lines) if firmware.sha256 else False

    @api.depends("update_ids")
    def _compute_update_count(self):
        counts = dict(
            self.env["iiot.update"]._read_group([("firmware_id", "in", self.ids)], ["firmware_id"], ["__count"])
        )
        for firmware in self:
            firmware.update_count = counts.get(firmware._origin, 0)

    @api.constrains("code")
    def _check_code(self):
        for firmware in self:
            if not VERSION_PATTERN.fullmatch(firmware.code or ""):
                raise ValidationError(
                    _(
                        "“%s” cannot be the code of a firmware: it is up to 64 letters, digits and “.”, “_”, “+”, “-”, "
                        "and starts with a letter or digit.",
                        firmware.code or "",
                    )
                )

    @api.constrains("version", "min_version")
    def _check_versions(self):
        for firmware in self:
            for version in filter(None, (firmware.version, firmware.min_version)):
                if not VERSION_PATTERN.fullmatch(version):
                    raise ValidationError(
                        _(
                            "“%s” cannot be a version: it is up to 64 letters, digits and “.”, “_”, “+”, “-”, and "
                            "starts with a letter or digit.",
                            version,
                        )
                    )

    @api.constrains("sha256", "signature", "url")
    def _check_file(self):
        for firmware in self:
            if firmware.sha256 and not SHA256_PATTERN.fullmatch(firmware.sha256):
                raise ValidationError(_("A SHA-256 digest is 64 hexadecimal digits, in lower case."))
            if firmware.url and not re.match(r"https?://\S+$", firmware.url):
                raise ValidationError(_("A download URL begins with http:// or https://."))
            if firmware.signature:
                try:
                    signature = base64.b64decode(firmware.signature, validate=True)
                except ValueError:
                    signature = b""
                if len(signature) != SIGNATURE_BYTES:
                    raise ValidationError(_("An Ed25519 signature is 64 bytes, written in Base64."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            vals["code"] = vals.get("code") or self._free_code(vals.get("version") or "")
        return super().create(vals_list)

    def write(self, vals):
        fixed = {"version", "file", "url", "size", "sha256", "hardware", "min_version"} & vals.keys()
        if fixed and any(firmware.state != "draft" for firmware in self):
            raise UserError(
                _("A firmware that was released never changes: devices may have it already. Create another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for firmware in self:
            if firmware.update_ids:
                raise UserError(
                    _("“%s” cannot be deleted: updates refer to it. Withdraw it instead.", firmware.display_name)
                )

    def _free_code(self, version):
        base = re.sub(r"[^a-z0-9]+", "-", version.lower()).strip("-") or "firmware"
        taken = set(self.sudo().search([("code", "=like", f"{base}%")]).mapped("code"))
        code, number = base, 2
        while code in taken:
            code, number = f"{base}-{number}", number + 1
        return code

    # ------------------------------------------------------------------
    # Its life
    # ------------------------------------------------------------------

    def action_release(self):
        """Let devices be updated to it; from then on it never changes."""
        for firmware in self:
            if not (firmware.file or firmware.url or firmware.at_bridge):
                raise UserError(_("“%s” has neither a file nor a download URL.", firmware.display_name))
            if not firmware.sha256 or firmware.size < 1:
                raise UserError(_("“%s” needs the size and the SHA-256 of the file at its URL.", firmware.display_name))
        self.write({"state": "released"})
        return True

    def action_withdraw(self):
        """Let no further device be updated to it."""
        running = self.update_ids.filtered("is_running")
        if running:
            raise UserError(
                _(
                    "%(count)s updates to “%(firmware)s” have not ended; cancel them first.",
                    count=len(running),
                    firmware=running[0].firmware_id.display_name,
                )
            )
        self.write({"state": "withdrawn"})
        return True

    def action_roll_out(self):
        """Ask which devices are to get it, and how."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": _("Roll Out"),
            "res_model": "iiot.rollout.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_firmware_id": self.id},
        }

    def action_open_updates(self):
        """Show the updates to it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_update")
        return {**action, "domain": [("firmware_id", "=", self.id)], "context": {"default_firmware_id": self.id}}

    # ------------------------------------------------------------------
    # Bridge
    # ------------------------------------------------------------------

    def _hardware_list(self):
        return [revision.strip() for revision in (self.hardware or "").split(",") if revision.strip()]

    def _attachment(self):
        """Return the attachment that holds the file; an empty one where there is none."""
        self.ensure_one()
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_field", "=", "file"), ("res_id", "=", self.id)], limit=1)
        )

    def _registry_document(self):
        self.ensure_one()
        if self.state != "released":
            return None
        return {
            "id": self.code,
            "version": self.version,
            "size": int(self.size),
            "sha256": self.sha256,
            "url": self.url or "",
            "signature": self.signature or "",
            "key_id": self.key_id or "",
            "hardware": self._hardware_list(),
            "min_version": self.min_version or "",
            "notes": self.notes or "",
            "created_at": self.create_date.timestamp(),
            "file": bool(self._attachment()),
        }

    @api.model
    def _from_document(self, document):
        """Create a firmware that the bridge has; its file stays there."""
        code = document.get("id")
        if self.sudo().search_count([("code", "=", code)]):
            sentence = _("There is already a firmware with the code “%s”.", code)
            self.env["iiot.bridge"]._refuse("duplicate-record", sentence, kind="firmware", field="id", value=code)
        return self.create(
            {
                "code": code,
                "version": document.get("version"),
                "size": document.get("size") or 0,
                "sha256": document.get("sha256"),
                "url": document.get("url") or False,
                "signature": document.get("signature") or False,
                "key_id": document.get("key_id") or False,
                "hardware": ", ".join(document.get("hardware") or ()),
                "min_version": document.get("min_version") or False,
                "notes": document.get("notes") or False,
                "at_bridge": not document.get("url"),
                "state": "released",
            }
        )
