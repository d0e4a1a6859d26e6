import re

from odoo import _, api, fields, models

from ..text_rules import DEVICE_ID_PATTERN
from .device import MOVES, PAIRABLE

DEVICE_FIELDS = {
    "serial": "serial_number",
    "name": "name",
    "profile": "profile_id",
    "lifecycle": "lifecycle",
    "business": "business_ref",
    "hardware": "hardware_revision",
    "firmware": "firmware_version",
    "groups": "group_ids",
}
"""Fields of devices by their names at the bridge."""


class IiotBridge(models.AbstractModel):
    """What the bridge may do with devices, and with the tokens that they pair with."""

    _inherit = "iiot.bridge"

    # ------------------------------------------------------------------
    # Devices
    # ------------------------------------------------------------------

    @api.model
    def add_device(self, document, who=""):
        """Store a new device; return it as it is stored.

        Args:
            document: ``id`` and ``profile``, and if you like the other fields that ``changes`` tells of devices.
            who: Who wants it, for the history.
        """
        self._check_caller()
        device_id = self._id_of(document)
        if not re.match(DEVICE_ID_PATTERN, device_id):
            self._refuse("bad-device-id", _("“%s” cannot be the id of a device.", device_id), id=device_id)
        serial = document.get("serial") or device_id
        self._check_free(device_id, serial)
        with self._telling_why(lambda: self._check_free(device_id, serial)):
            values = self._device_values(document)
            device = self._mine("iiot.device").create(values | {"device_id": device_id, "serial_number": serial})
            self.env.flush_all()
        device._tell_who(who)
        return device._registry_document()

    @api.model
    def change_device(self, id, values, who=""):
        """Change fields of a device; return it as it is then.

        Args:
            id: Its id.
            values: Values by the bridge's names of fields.
            who: Who wants it, for the history.
        """
        self._check_caller()
        device = self._find("device", id)
        wanted = values.get("lifecycle")
        if wanted and wanted != device.lifecycle and wanted not in MOVES[device.lifecycle]:
            self._refuse(
                "lifecycle",
                _(
                    "The device “%(id)s” is %(now)s and cannot become %(wanted)s.",
                    id=id,
                    now=device.lifecycle,
                    wanted=wanted,
                ),
                device=id,
                is_now=device.lifecycle,
                wanted=wanted,
            )
        serial = values.get("serial")
        if serial is not None and serial != device.serial_number:
            self._check_free(None, serial)
        with self._telling_why(lambda: self._check_free(None, serial)):
            device.write(self._device_values(values))
            self.env.flush_all()
        device._tell_who(who)
        return device._registry_document()

    @api.model
    def resume_device(self, id, who=""):
        """End the suspension of a device; return it as it is then."""
        self._check_caller()
        device = self._find("device", id)
        if device.lifecycle != "suspended":
            self._refuse(
                "not-suspended",
                _("The device “%s” is not suspended.", id),
                device=id,
                is_now=device.lifecycle,
            )
        device.action_resume()
        device._tell_who(who)
        return device._registry_document()

    @api.model
    def remove_device(self, id, who=""):
        """Remove a device and all that is known of it."""
        self._check_caller()
        self._find("device", id).unlink()
        return True

    @api.model
    def _device_values(self, document):
        values = {DEVICE_FIELDS[name]: value for name, value in document.items() if name in DEVICE_FIELDS}
        if "profile_id" in values:
            values["profile_id"] = self._find("profile", values["profile_id"]).id
        for name in ("name", "hardware_revision", "firmware_version", "business_ref"):
            if name in values:
                values[name] = values[name] or False
        if values.get("business_ref"):
            model, _comma, res_id = values["business_ref"].partition(",")
            if model not in self.env or not res_id.isdecimal():
                self._refuse("invalid-record", _("There is no model “%s” in this Odoo.", model))
        if "group_ids" in values:
            groups = self._mine("iiot.device.group")
            names = list(dict.fromkeys(values["group_ids"]))
            known = {group.name: group for group in groups.search([("name", "in", names)])}
            new = groups.create([{"name": name} for name in names if name not in known])
            found = new.concat(*(known.values()))
            values["group_ids"] = [fields.Command.set(found.ids)]
        if not values.get("serial_number", True):
            del values["serial_number"]
        return values

    @api.model
    def _check_free(self, device_id, serial):
        """Refuse an id or a serial number that another device has."""
        devices = self._mine("iiot.device").sudo()
        for field, name, value in (("device_id", "id", device_id), ("serial_number", "serial", serial)):
            if value and devices.search_count([(field, "=", value)]):
                self._refuse(
                    "duplicate-record",
                    _("There is already a device with the %(field)s “%(value)s”.", field=name, value=value),
                    kind="device",
                    field=name,
                    value=value,
                )

    # ------------------------------------------------------------------
    # Tokens
    # ------------------------------------------------------------------

    @api.model
    def use_token(self, token, serial, request, hardware="", firmware="", source=""):
        """Use a token up, atomically; the same request again has used it, too.

        Args:
            token: Id of the token.
            serial: Serial number that the device shows.
            request: Mark of the request.
            hardware: Hardware revision as the device says; empty if it does not.
            firmware: Firmware version, likewise.
            source: Where the request came from.

        Returns:
            ``{"used", "request", "device"}``: the mark of the request that has used it, and the device as it is then.
        """
        self._check_caller()
        found = self._token(token)
        answer = found._use(serial, request, hardware, firmware, source)
        return {**answer, "device": found.device_id._registry_document(), "token": found._registry_document()}

    @api.model
    def miss_token(self, token, source=""):
        """Count that a token was shown with a wrong serial number; return it as it is then."""
        self._check_caller()
        found = self._token(token)
        found._miss(source)
        return found._registry_document()

    @api.model
    def issue_token(self, serial, expires_in=None, symbols=""):
        """Make a token for a device; older ones are void from then on.

        Args:
            serial: The device's serial number.
            expires_in: Seconds for which it may be used; None for Odoo's setting.
            symbols: The token, where the bridge has chosen it.

        Returns:
            ``{"text", "device", "serial", "expires_at", "token"}``.
        """
        self._check_caller()
        device = self._mine("iiot.device").search([("serial_number", "=", serial)])
        if not device:
            self._refuse("unknown-serial", _("No device has the serial number “%s”.", serial), serial=serial)
        if device.lifecycle not in PAIRABLE:
            self._refuse(
                "not-pairable",
                _("The device “%s” cannot be paired where it is in its life.", device.device_id),
                device=device.device_id,
                lifecycle=device.lifecycle,
            )
        text, token = device._issue_token(expires_in, symbols or "")
        document = token._registry_document()
        return {
            "text": text,
            "device": device.device_id,
            "serial": serial,
            "expires_at": document["expires_at"],
            "token": document,
        }

    @api.model
    def _token(self, token_id):
        found = self._mine("iiot.device.token").sudo().search([("token_id", "=", token_id)])
        if not found:
            self._refuse("unknown-record", _("There is no token “%s”.", token_id), kind="token", id=token_id)
        return found
