import uuid

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..news import NewsError, apply_each, moment
from ..versions import HAS_CONSTRAINT_OBJECTS

STATES = [
    ("draft", "Draft"),
    ("scheduled", "Scheduled"),
    ("notified", "Notified"),
    ("downloading", "Downloading"),
    ("downloaded", "Downloaded"),
    ("verified", "Verified"),
    ("installing", "Installing"),
    ("rebooting", "Rebooting"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("rolled_back", "Rolled Back"),
    ("timed_out", "Timed Out"),
    ("cancelled", "Cancelled"),
]
RANK = {state: rank for rank, (state, _label) in enumerate(STATES)}
ASKED = frozenset({"device_id", "firmware_id", "again"})
"""What people may say of an update."""
ENDS = frozenset({"succeeded", "failed", "rolled_back", "timed_out", "cancelled"})
RUNNING = tuple(state for state, _label in STATES if state not in ENDS and state != "draft")


class IiotUpdate(models.Model):
    """Update of one device to one firmware."""

    _name = "iiot.update"
    _description = "IIoT Update"
    _inherit = ["iiot.registry.record"]
    _order = "id desc"
    _registry_kind = "update"
    _registry_code_field = "uuid"
    _registry_fields = frozenset({"state", "bridge_id"})

    uuid = fields.Char("Update ID", required=True, readonly=True, copy=False, default=lambda _self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, copy=False, index=True)
    device_id = fields.Many2one("iiot.device", "Device", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    firmware_id = fields.Many2one(
        "iiot.firmware",
        "Firmware",
        required=True,
        ondelete="restrict",
        index=True,
        domain=[("state", "=", "released")],
    )
    version = fields.Char("Version", related="firmware_id.version", store=True)
    again = fields.Boolean("Even if Installed", help="Update the device even if it has the version already.")
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="draft", copy=False, index=True)
    is_running = fields.Boolean("Running", compute="_compute_is_running")
    attempt = fields.Integer("Attempt", readonly=True, copy=False)
    progress = fields.Integer("Progress (%)", readonly=True, copy=False, help="How much of the file the device has.")
    error_code = fields.Char("Error Code", readonly=True, copy=False)
    error = fields.Text("Error", readonly=True, copy=False)
    rollout_id = fields.Many2one("iiot.rollout", "Rollout", readonly=True, copy=False, ondelete="set null", index=True)
    rollout_ref = fields.Char("Rollout at the Bridge", readonly=True, copy=False, index=True)
    user_id = fields.Many2one("res.users", "User", readonly=True, copy=False)
    requested_by = fields.Char("Requested By", readonly=True, copy=False)
    requested_at = fields.Datetime("Requested At", readonly=True, copy=False)
    changed_at = fields.Datetime("In This Status Since", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended At", readonly=True, copy=False)

    if HAS_CONSTRAINT_OBJECTS:
        _uuid_unique = models.Constraint("unique (uuid)", "There is already an update with this id.")
    else:
        _sql_constraints = [("uuid_unique", "unique (uuid)", "There is already an update with this id.")]

    @api.depends("device_id", "version")
    def _compute_display_name(self):
        for update in self:
            update.display_name = f"{update.device_id.display_name or ''} → {update.version or ''}"

    @api.depends("state")
    def _compute_is_running(self):
        for update in self:
            update.is_running = update.state in RUNNING

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_written(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_written(vals)
        if not self.env.su and any(update.state != "draft" for update in self):
            raise UserError(_("An update that has begun stays what it is; create another one."))
        return super().write(vals)

    def _check_written(self, vals):
        if not self.env.su and vals.keys() - ASKED:
            raise AccessError(_("How an update stands is what its device says, and nobody else."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for update in self:
            if update.is_running:
                raise UserError(_("“%s” has not ended; cancel it first.", update.display_name))

    # ------------------------------------------------------------------
    # To the bridge
    # ------------------------------------------------------------------

    def action_start(self):
        """Ask the bridge to update the devices."""
        if not (self.env.su or self.env.user.has_group("industrial_iot.group_iiot_user")):
            raise AccessError(_("Only IIoT users may update devices."))
        for update in self:
            update._check_start()
        self.sudo().write(
            {
                "state": "scheduled",
                "attempt": 1,
                "user_id": self.env.uid,
                "requested_by": f"odoo:{self.env.user.login}",
                "requested_at": fields.Datetime.now(),
                "changed_at": fields.Datetime.now(),
            }
        )
        self.env["iiot.bridge.event"]._enqueue_all(
            "update", [(update._order_document(), update, False) for update in self]
        )
        return True

    def _check_start(self):
        if self.state != "draft":
            raise UserError(_("“%s” has begun already.", self.display_name))
        if not self.device_id.is_active:
            raise UserError(_("The device “%s” is suspended or retired.", self.device_id.display_name))
        if self.firmware_id.state != "released":
            raise UserError(_("The firmware “%s” is not released.", self.firmware_id.display_name))
        revisions = self.firmware_id._hardware_list()
        if revisions and self.device_id.hardware_revision not in revisions:
            raise UserError(
                _(
                    "The firmware “%(firmware)s” is for hardware %(revisions)s, and the device “%(device)s” has "
                    "%(revision)s.",
                    firmware=self.firmware_id.display_name,
                    revisions=", ".join(revisions),
                    device=self.device_id.display_name,
                    revision=self.device_id.hardware_revision or _("none that is known"),
                )
            )
        if not self.again and self.device_id.firmware_version == self.version:
            raise UserError(_("The device “%s” has this version already.", self.device_id.display_name))
        others = self.sudo().search([("device_id", "=", self.device_id.id), ("state", "in", RUNNING)], limit=1)
        if others:
            raise UserError(
                _(
                    "The device “%s” is being updated already; wait for the end, or cancel that.",
                    self.device_id.display_name,
                )
            )

    def _order_document(self):
        document = {
            "device": self.device_id.device_id,
            "firmware": self.firmware_id.code,
            "idempotency_key": self.uuid,
            "who": self.requested_by,
        }
        return {**document, "again": True} if self.again else document

    def action_cancel(self):
        """End updates, as far as their devices do not install yet."""
        for update in self:
            if update.state == "draft":
                update.sudo().write({"state": "cancelled", "ended_at": fields.Datetime.now()})
            elif update.is_running:
                data = {
                    "idempotency_key": update.uuid,
                    "update": update.bridge_id or None,
                    "who": f"odoo:{self.env.user.login}",
                }
                self.env["iiot.bridge.event"]._enqueue("update-cancel", data, record=update)
        return True

    def _event_refused(self, code, reason):
        self.filtered(lambda update: not update.bridge_id and update.is_running).write(
            {"state": "failed", "error_code": code, "error": reason, "ended_at": fields.Datetime.now()}
        )

    def _event_retried(self):
        self.filtered(lambda update: not update.bridge_id and update.state == "failed").write(
            {"state": "scheduled", "error_code": False, "error": False, "ended_at": False}
        )

    def _registry_note(self, codes):
        # The bridge is told of updates by events of their own.
        self.env["iiot.bridge.change"]._note(self._registry_kind, codes)

    def _registry_document(self):
        """Return what was asked for, as long as the bridge has not taken it."""
        self.ensure_one()
        return self._order_document() if self.state == "scheduled" and not self.bridge_id else None

    # ------------------------------------------------------------------
    # From the bridge
    # ------------------------------------------------------------------

    @api.model
    def _apply_update_news(self, items):
        """Apply what the bridge says of updates; it may say it twice, and in any order.

        An update that Odoo does not know, such as one of a rollout, becomes a record here. One that the bridge has
        refused is told of without a state, with `idempotency_key`, `code` and `message`.

        Args:
            items: Updates, or changes of updates, as the bridge describes them.

        Returns:
            For each of them None, or what was wrong: `{"code", "message", "retry"}`.
        """
        updates = self.sudo().with_context(iiot_from_bridge=True)
        found = updates.search(
            [
                "|",
                ("uuid", "in", [item["idempotency_key"] for item in items if item.get("idempotency_key")]),
                ("bridge_id", "in", [_id_of(item) for item in items if _id_of(item)]),
            ]
        )
        known = {update.uuid: update for update in found} | {
            update.bridge_id: update for update in found if update.bridge_id
        }
        return apply_each(self.env, items, lambda item: updates._apply_item(item, known))

    def _apply_item(self, item, known):
        update = (known.get(item.get("idempotency_key")) or known.get(_id_of(item)) or self.browse()).exists()
        state = item.get("state")
        if update and update.device_id.device_id != item.get("device", update.device_id.device_id):
            raise NewsError("wrong-device", _("The update %s is for another device.", update.uuid))
        if update and state is None and item.get("code"):
            update._event_refused(item["code"], item.get("message") or "")
            return
        if state not in RANK or state == "draft":
            raise NewsError("bad-news", _("“%s” is no status of an update.", state))
        if not update:
            update = self.create(self._new_values(item))
            known[update.bridge_id] = update
        was_running = update.state not in ENDS
        update.write(update._news_values(item, state))
        if was_running and update.state in ENDS:
            update._tell_device()

    def _new_values(self, item):
        device = self.env["iiot.device"].search([("device_id", "=", item.get("device"))])
        if not device:
            raise NewsError("unknown-device", _("Odoo does not know the device “%s”.", item.get("device")))
        firmware = self.env["iiot.firmware"].search([("code", "=", item.get("firmware"))])
        if not firmware:
            raise NewsError("unknown-firmware", _("Odoo does not know the firmware “%s”.", item.get("firmware")))
        if not _id_of(item):
            raise NewsError("bad-news", _("An update has an id."))
        rollout = item.get("rollout") or False
        return {
            "bridge_id": _id_of(item),
            "device_id": device.id,
            "firmware_id": firmware.id,
            "state": "scheduled",
            "attempt": 1,
            "rollout_ref": rollout,
            "rollout_id": rollout and self.env["iiot.rollout"].search([("bridge_id", "=", rollout)]).id,
            "requested_by": item.get("requested_by"),
            "requested_at": moment(item.get("created_at") or item.get("at")),
        }

    def _news_values(self, item, state):
        attempt = int(item.get("attempt") or 1)
        values = {}
        if _id_of(item) and not self.bridge_id:
            values["bridge_id"] = _id_of(item)
        if self._moves_to(state, attempt):
            error = item.get("error") or {}
            at = moment(item.get("at") or item.get("changed_at"))
            values |= {
                "state": state,
                "attempt": attempt,
                "error_code": error.get("code") or False,
                "error": error.get("message") or False,
                "changed_at": at,
            }
            is_same = (attempt, state) == (self.attempt, self.state)
            if item.get("progress") is not None:
                values["progress"] = max(int(item["progress"]), self.progress if is_same else 0)
            elif not is_same:
                values["progress"] = 100 if state == "succeeded" else 0
            if state in ENDS:
                values["ended_at"] = moment(item.get("ended_at")) or at
        return {name: value for name, value in values.items() if value != self[name]}

    def _moves_to(self, state, attempt):
        if not self.bridge_id:
            # Until now Odoo has only guessed.
            return True
        if self.state in ENDS:
            return False
        # A failed attempt is followed by the next one, which begins anew.
        return state in ENDS or (attempt, RANK[state]) >= (self.attempt, RANK[self.state])

    def _tell_device(self):
        if self.state == "succeeded":
            self.device_id.firmware_version = self.version
            text = _("Updated to firmware %s.", self.version)
        else:
            label = dict(self._fields["state"]._description_selection(self.env))[self.state]
            text = _(
                "The update to firmware %(version)s has ended: %(state)s. %(error)s",
                version=self.version,
                state=label,
                error=self.error or "",
            )
        self.device_id.message_post(body=text)


def _id_of(item):
    """Return the id of the update that an item is about: a change names it `update`, an update `id`."""
    return item.get("update") or item.get("id")
