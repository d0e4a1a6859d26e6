import json
import uuid
from datetime import timedelta

from odoo import _, api, fields, models

from .. import parameters
from ..versions import HAS_CONSTRAINT_OBJECTS


class IiotBridgeEvent(models.Model):
    """Queue of what the bridge is to be told.

    An event is made in the transaction of the change that it tells of, so both are there or neither is. It is sent
    after the commit and, where that fails, by a scheduled action, until the bridge has it; in the order of the queue,
    by one worker at a time. The bridge knows an event by its id and carries none out twice.
    """

    _name = "iiot.bridge.event"
    _description = "Event for the IIoT Bridge"
    _order = "id"
    _rec_name = "uuid"

    uuid = fields.Char("Event ID", required=True, readonly=True, default=lambda _self: str(uuid.uuid4()))
    type = fields.Selection(
        [
            ("command", "Command"),
            ("update", "Update"),
            ("update-cancel", "Cancellation of an update"),
            ("rollout", "Rollout"),
            ("rollout-action", "Action on a rollout"),
            ("changed", "Change of configuration"),
            ("record", "Change of a record"),
        ],
        "Type",
        required=True,
        readonly=True,
    )
    data = fields.Json("Content", readonly=True)
    data_text = fields.Text("Content (text)", compute="_compute_data_text")
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "Sent"),
            ("failed", "Refused"),
            ("expired", "Too Late"),
            ("dropped", "Dropped"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    attempts = fields.Integer("Attempts", readonly=True)
    next_try = fields.Datetime("Next Attempt", readonly=True)
    sent_at = fields.Datetime("Sent At", readonly=True)
    expires_at = fields.Datetime("Expires At", readonly=True, help="After this time nobody wants it any more.")
    error = fields.Text("Error", readonly=True)
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record ID", model_field="res_model", readonly=True)

    if HAS_CONSTRAINT_OBJECTS:
        _uuid_unique = models.Constraint("unique (uuid)", "There is already an event with this id.")
    else:
        _sql_constraints = [("uuid_unique", "unique (uuid)", "There is already an event with this id.")]

    def init(self):
        # Most rows have been sent; the queue is the few that have not.
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS iiot_bridge_event_pending_index ON iiot_bridge_event (id) "
            "WHERE state = 'pending'"
        )

    @api.depends("data")
    def _compute_data_text(self):
        for event in self:
            event.data_text = json.dumps(event.data, ensure_ascii=False, indent=2)

    # ------------------------------------------------------------------
    # Into the queue
    # ------------------------------------------------------------------

    @api.model
    def _enqueue(self, event_type, data, record=None, expires_at=None):
        """Put an event into the queue, and see to it that it is sent after the commit.

        Args:
            event_type: One of the types.
            data: What there is to tell, as plain JSON.
            record: Record that hears what becomes of it, by `_event_refused` or `_event_expired`.
            expires_at: After this time it is not sent any more.
        """
        return self._enqueue_all(event_type, [(data, record, expires_at)])

    @api.model
    def _enqueue_all(self, event_type, told):
        """Put events into the queue, as `_enqueue` does.

        Args:
            event_type: One of the types.
            told: For each event what there is to tell, the record that it is about, and when it expires.
        """
        events = self.sudo().create(
            [
                {
                    "type": event_type,
                    "data": data,
                    "expires_at": expires_at,
                    "res_model": record._name if record else False,
                    "res_id": record.id if record else False,
                }
                for data, record, expires_at in told
            ]
        )
        events._send_after_commit()
        return events

    @api.model
    def _hint_changed(self, kinds):
        """Tell the bridge that records which it copies have changed: once for each kind and transaction.

        It is a hint: the bridge also asks by itself from time to time.

        Args:
            kinds: Such as `{"profile", "device"}`.
        """
        told = self.env.cr.postcommit.data.setdefault("iiot.bridge.hint", set())
        new = set(kinds) - told
        if new and parameters.text(self.env, "iiot.bridge_url"):
            told |= new
            self._enqueue("changed", {"kinds": sorted(new)})

    def _head(self):
        return self.search([("state", "=", "pending")], limit=1)

    # ------------------------------------------------------------------
    # For administrators
    # ------------------------------------------------------------------

    def action_retry(self):
        """Send events again that were refused or came too late."""
        again = self.filtered(lambda event: event.state in {"failed", "expired", "dropped"})
        again.write({"state": "pending", "next_try": False, "error": False, "expires_at": False})
        again.sudo()._tell("_event_retried")
        return self.action_send_now()

    def action_drop(self):
        """Take events out of the queue."""
        dropped = self.filtered(lambda event: event.state == "pending")
        dropped.write({"state": "dropped", "next_try": False})
        dropped.sudo()._tell("_event_refused", "dropped", _("%s has taken it out of the queue.", self.env.user.name))
        return True

    @api.model
    def action_send_now(self):
        """Send the queue as soon as this is stored, however long the next attempt was to wait."""
        self._head().sudo().write({"next_try": False})
        self._send_after_commit()
        return True

    @api.model
    def _status(self):
        """Return how the queue stands, as a sentence."""
        head = self.sudo()._head()
        if not head:
            return _("Nothing waits for the bridge.")
        waiting = self.sudo().search_count([("state", "=", "pending")])
        since = fields.Datetime.context_timestamp(self, head.create_date).strftime("%Y-%m-%d %H:%M:%S")
        if head.error:
            return _("%(count)s events wait since %(since)s. %(error)s", count=waiting, since=since, error=head.error)
        return _("%(count)s events wait since %(since)s.", count=waiting, since=since)

    @api.autovacuum
    def _gc_old(self):
        now = fields.Datetime.now()
        sent = now - timedelta(days=parameters.number(self.env, "iiot.event_keep_days"))
        others = now - timedelta(days=parameters.number(self.env, "iiot.history_keep_days"))
        self.search(
            [
                "|",
                "&",
                ("state", "=", "sent"),
                ("create_date", "<", sent),
                "&",
                ("state", "in", ("failed", "expired", "dropped")),
                ("create_date", "<", others),
            ],
            limit=10_000,
        ).unlink()
