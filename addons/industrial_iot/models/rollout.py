import uuid

from odoo import _, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..news import NewsError, apply_each, moment
from ..versions import HAS_CONSTRAINT_OBJECTS

STATES = [
    ("draft", "Draft"),
    ("requested", "Requested"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("finished", "Finished"),
    ("cancelled", "Cancelled"),
    ("rolled_back", "Rolled Back"),
    ("refused", "Refused"),
]
TOLD = frozenset({"running", "paused", "finished", "cancelled", "rolled_back"})
BEGUN = TOLD | {"requested"}
PLANNED = frozenset({"firmware_id", "profile_id", "group_id", "device_ids", "canary_group_id", "canary_sizes"}) | {
    "rate",
    "success",
    "error",
    "error_minimum",
    "attempts",
}
TOLD_FIELDS = frozenset({"uuid", "bridge_id", "state", "plan", "counts", "requested_by", "rolls_back_id"})
ENDS = frozenset({"finished", "cancelled", "rolled_back"})


class IiotRollout(models.Model):
    """One firmware for many devices, group by group."""

    _name = "iiot.rollout"
    _description = "IIoT Rollout"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    uuid = fields.Char("Rollout ID", required=True, readonly=True, copy=False, default=lambda _self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, copy=False, index=True)
    name = fields.Char("Name", required=True, tracking=True)
    company_id = fields.Many2one("res.company", "Company", index=True, default=lambda self: self.env.company)
    firmware_id = fields.Many2one(
        "iiot.firmware", "Firmware", ondelete="restrict", index=True, domain=[("state", "=", "released")], tracking=True
    )
    version = fields.Char("Version", related="firmware_id.version")
    profile_id = fields.Many2one(
        "iiot.device.profile", "Device Profile", help="Devices of this profile; empty for any."
    )
    group_id = fields.Many2one("iiot.device.group", "Device Group", help="Devices in this group; empty for any.")
    device_ids = fields.Many2many("iiot.device", string="Devices", help="Only these devices; empty for all.")
    canary_group_id = fields.Many2one(
        "iiot.device.group", "Canary Group", help="Devices that are updated before all others."
    )
    canary_sizes = fields.Char(
        "Canary Sizes (%)",
        default="5",
        help="Percent of the devices that are updated before the rest, one number for each group, such as “5, 25”. A "
        "group begins when the one before it has gone well.",
    )
    rate = fields.Float("Devices per Minute", default=100, help="So many begin in a minute, at most.")
    success = fields.Float(
        "Success Threshold (%)",
        default=90,
        help="Percent of a group that must have succeeded before the next group begins.",
    )
    error = fields.Float(
        "Error Threshold (%)",
        default=20,
        help="The rollout pauses when more than so many percent of the devices that ended have failed.",
    )
    error_minimum = fields.Integer(
        "Devices Before Errors Count",
        default=10,
        help="So many devices must have ended before the error threshold counts.",
    )
    attempts = fields.Integer("Attempts per Device", default=3)
    plan = fields.Json("Plan", readonly=True, copy=False)
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="draft", copy=False, tracking=True, index=True
    )
    reason = fields.Char("Reason", readonly=True, copy=False, help="Why it is paused, or was refused.")
    group = fields.Char("Current Group", readonly=True, copy=False)
    counts = fields.Json("Counts", readonly=True, copy=False)
    total_count = fields.Integer("Devices in All", readonly=True, copy=False)
    waiting_count = fields.Integer("Waiting", readonly=True, copy=False)
    running_count = fields.Integer("Running", readonly=True, copy=False)
    succeeded_count = fields.Integer("Succeeded", readonly=True, copy=False)
    failed_count = fields.Integer("Failed", readonly=True, copy=False)
    left_out_count = fields.Integer(
        "Left Out", readonly=True, copy=False, help="It does not fit them, or they have it already."
    )
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    rolls_back_id = fields.Many2one("iiot.rollout", "Rolls Back", readonly=True, copy=False)
    requested_by = fields.Char("Requested By", readonly=True, copy=False)
    told_at = fields.Datetime("Last Heard of", readonly=True, copy=False)
    changed_at = fields.Datetime("In This Status Since", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended At", readonly=True, copy=False)
    update_ids = fields.One2many("iiot.update", "rollout_id", "Updates", readonly=True)

    if HAS_CONSTRAINT_OBJECTS:
        _uuid_unique = models.Constraint("unique (uuid)", "There is already a rollout with this id.")
    else:
        _sql_constraints = [("uuid_unique", "unique (uuid)", "There is already a rollout with this id.")]

    @api.depends("total_count", "waiting_count", "running_count")
    def _compute_progress(self):
        for rollout in self:
            ended = rollout.total_count - rollout.waiting_count - rollout.running_count
            rollout.progress = 100 * ended / rollout.total_count if rollout.total_count else 0

    @api.constrains("canary_sizes", "rate", "success", "error", "error_minimum", "attempts")
    def _check_plan(self):
        for rollout in self:
            rollout._canary_sizes()
            if not 0 < rollout.rate <= 1_000_000:
                raise ValidationError(_("The number of devices per minute is above 0, and at most 1,000,000."))
            if not (0 <= rollout.success <= 100 and 0 <= rollout.error <= 100):
                raise ValidationError(_("A threshold is a number of percent, from 0 to 100."))
            if rollout.error_minimum < 1:
                raise ValidationError(_("At least one device must have ended before the error threshold counts."))
            if not 1 <= rollout.attempts <= 20:
                raise ValidationError(_("A device may try 1 to 20 times."))

    def _canary_sizes(self):
        try:
            sizes = [float(size) for size in (self.canary_sizes or "").replace("%", "").split(",") if size.strip()]
        except ValueError:
            sizes = [0]
        if any(not 0 < size < 100 for size in sizes):
            raise ValidationError(
                _("Canary sizes are numbers of percent between 0 and 100, with commas between them, such as “5, 25”.")
            )
        return sizes

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_written(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_written(vals)
        if not self.env.su and vals.keys() & PLANNED and any(rollout.state in BEGUN for rollout in self):
            raise UserError(_("A rollout that has begun stays as it was planned."))
        return super().write(vals)

    def _check_written(self, vals):
        if not self.env.su and vals.keys() & TOLD_FIELDS:
            raise AccessError(_("How a rollout stands is what the bridge says, and nobody else."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for rollout in self:
            if rollout.state in {"requested", "running", "paused"}:
                raise UserError(_("“%s” has not ended; cancel it first.", rollout.display_name))

    # ------------------------------------------------------------------
    # To the bridge
    # ------------------------------------------------------------------

    def action_start(self):
        """Ask the bridge to begin."""
        self._check_admin()
        for rollout in self:
            if rollout.state not in {"draft", "refused"}:
                raise UserError(_("“%s” has begun already.", rollout.display_name))
            if rollout.firmware_id.state != "released":
                raise UserError(_("A rollout needs a firmware that is released."))
            plan = rollout._plan()
            rollout.sudo().write(
                {
                    "state": "requested",
                    # What was refused is over: it is another request now.
                    "uuid": str(uuid.uuid4()) if rollout.state == "refused" else rollout.uuid,
                    "plan": plan,
                    "reason": False,
                    "requested_by": f"odoo:{self.env.user.login}",
                    "changed_at": fields.Datetime.now(),
                }
            )
            data = {**plan, "idempotency_key": rollout.uuid, "who": rollout.requested_by}
            self.env["iiot.bridge.event"]._enqueue("rollout", data, record=rollout)
        return True

    def _devices_domain(self):
        domain = [("is_active", "=", True)]
        if self.profile_id:
            domain.append(("profile_id", "=", self.profile_id.id))
        if self.group_id:
            domain.append(("group_ids", "in", self.group_id.ids))
        if self.device_ids:
            domain.append(("id", "in", self.device_ids.ids))
        return domain

    def _plan(self):
        """Return the plan as the bridge takes it.

        Raises:
            UserError: It is for no device that the user may see.
        """
        domain, devices = self._devices_domain(), self.env["iiot.device"]
        count = devices.search_count(domain)
        if not count:
            raise UserError(_("No device is as the rollout wants them; look at its choice of devices."))
        chosen = {}
        if self.profile_id:
            chosen["profile"] = self.profile_id.code
        if self.group_id:
            chosen["group"] = self.group_id.name
        # The bridge knows no companies: devices of others than the user's are kept out by naming the rest.
        if self.device_ids or count != devices.sudo().search_count(domain):
            chosen["devices"] = devices.search(domain).mapped("device_id")
        groups = [{"name": f"canary-{size:g}", "percent": size} for size in self._canary_sizes()]
        if self.canary_group_id:
            name = self.canary_group_id.name
            groups.insert(0, {"name": name[:100], "percent": 100, "device_group": name})
        return {
            "name": self.name[:200],
            "firmware": self.firmware_id.code,
            "devices": chosen,
            "groups": [*groups, {"name": "all", "percent": 100}],
            "rate": self.rate,
            "success": self.success,
            "error": self.error,
            "error_minimum": self.error_minimum,
            "policy": {"attempts": self.attempts},
        }

    def action_pause(self):
        """Let no further device begin for now."""
        return self._act("pause", {"requested", "running"})

    def action_resume(self):
        """Let devices begin again."""
        return self._act("resume", {"paused"})

    def action_cancel(self):
        """Let no further device begin, and end the updates that can be ended."""
        drafts = self.filtered(lambda rollout: rollout.state in {"draft", "refused"})
        drafts.sudo().write({"state": "cancelled", "ended_at": fields.Datetime.now()})
        return (self - drafts)._act("cancel", {"requested", "running", "paused"})

    def action_rollback(self):
        """Give each device that has begun the version that it had before."""
        return self._act("rollback", {"running", "paused", "finished", "cancelled"})

    def _act(self, action, states):
        self._check_admin()
        for rollout in self:
            if rollout.state not in states:
                label = dict(self._fields["state"]._description_selection(self.env))[rollout.state]
                raise UserError(_("“%(rollout)s” is %(state)s.", rollout=rollout.display_name, state=label))
            data = {
                # Before the bridge has said how it calls it, it knows it by the key of the request.
                "rollout": rollout.bridge_id or rollout.uuid,
                "idempotency_key": rollout.uuid,
                "action": action,
                "who": f"odoo:{self.env.user.login}",
            }
            self.env["iiot.bridge.event"]._enqueue("rollout-action", data)
        return True

    def _check_admin(self):
        if not (self.env.su or self.env.user.has_group("industrial_iot.group_iiot_admin")):
            raise AccessError(_("Only IIoT administrators may roll out firmware."))

    def _event_refused(self, code, reason):
        self.filtered(lambda rollout: rollout.state == "requested").write(
            {"state": "refused", "reason": f"{code}: {reason}" if reason else code}
        )

    def _event_retried(self):
        self.filtered(lambda rollout: rollout.state == "refused").write({"state": "requested", "reason": False})

    def action_open_updates(self):
        """Show the updates that belong to it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("industrial_iot.action_iiot_update")
        return {**action, "domain": [("rollout_id", "=", self.id)], "context": {"create": False}}

    # ------------------------------------------------------------------
    # From the bridge
    # ------------------------------------------------------------------

    @api.model
    def _apply_rollout_news(self, items):
        """Apply what the bridge says of rollouts; it may say it twice, and in any order.

        A rollout that Odoo does not know, such as one that takes another one back, becomes a record here. One that the
        bridge has refused is told of without a state, with `idempotency_key`, `code` and `message`.

        Args:
            items: Rollouts as the bridge describes them, with `idempotency_key`.

        Returns:
            For each of them None, or what was wrong: `{"code", "message", "retry"}`.
        """
        rollouts = self.sudo()
        return apply_each(self.env, items, rollouts._apply_item)

    def _apply_item(self, item):
        rollout = self.browse()
        if item.get("idempotency_key"):
            rollout = self.search([("uuid", "=", item["idempotency_key"])])
        if not rollout and item.get("id"):
            rollout = self.search([("bridge_id", "=", item["id"])], limit=1)
        state = item.get("state")
        if rollout and state is None and item.get("code"):
            rollout._event_refused(item["code"], item.get("message") or "")
            return
        if state not in TOLD or not item.get("id"):
            raise NewsError("bad-news", _("“%s” is no status of a rollout.", state))
        if not rollout:
            rollout = self.create(self._new_values(item))
        rollout.write(rollout._news_values(item, state))
        self.env["iiot.update"].search([("rollout_ref", "=", item["id"]), ("rollout_id", "=", False)]).write(
            {"rollout_id": rollout.id}
        )

    def _new_values(self, item):
        plan = item.get("plan") or {}
        rolled_back = self.browse()
        if item.get("rolls_back"):
            rolled_back = self.search([("bridge_id", "=", item["rolls_back"])], limit=1)
        code = item.get("firmware") or plan.get("firmware")
        return {
            "bridge_id": item["id"],
            "name": item.get("name") or item["id"],
            "company_id": rolled_back.company_id.id,
            "firmware_id": self.env["iiot.firmware"].search([("code", "=", code)]).id,
            "rolls_back_id": rolled_back.id,
            "plan": plan,
            "state": "requested",
            **{name: plan[name] for name in ("rate", "success", "error", "error_minimum") if name in plan},
        }

    def _news_values(self, item, state):
        at = moment(item.get("at")) or moment(item.get("changed_at")) or fields.Datetime.now()
        values = {} if self.bridge_id else {"bridge_id": item["id"]}
        changed_at = moment(item.get("changed_at")) or at
        is_new = not self.bridge_id or not self.changed_at or changed_at >= self.changed_at
        if self.state not in ENDS and (is_new or state in ENDS):
            values |= {
                "state": state,
                "reason": item.get("reason") or False,
                "changed_at": changed_at,
                "ended_at": moment(item.get("ended_at")),
                "requested_by": item.get("requested_by") or self.requested_by,
            }
        if not self.told_at or at >= self.told_at:
            values["told_at"] = at
            values["group"] = item.get("group") or self.group
            devices = item.get("devices")
            if isinstance(devices, dict):
                values["counts"] = {"groups": item.get("groups") or [], "left_out": item.get("left_out") or {}}
                values["left_out_count"] = devices.get("left_out", 0)
                for name in ("total", "waiting", "running", "succeeded", "failed"):
                    values[f"{name}_count"] = devices.get(name, 0)
        return {name: value for name, value in values.items() if value != self[name]}
