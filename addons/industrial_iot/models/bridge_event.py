import json
import logging
import random
import time
import uuid
from datetime import timedelta
from functools import partial

import requests
from odoo import _, api, fields, models

from .. import parameters
from ..bridge_signature import signed_headers

_logger = logging.getLogger(__name__)

LOCK = 0x49496F54
"""Key of the advisory lock that whoever sends the queue holds: "IIoT" in ASCII."""
MOST_EVENTS = 200
MOST_BYTES = 1_000_000
LONGEST_WAIT = 300
"""Seconds between two attempts, at most."""


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

    uuid = fields.Char("Event ID", required=True, readonly=True, index=True, default=lambda self: str(uuid.uuid4()))
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
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("sent", "Sent"),
            ("failed", "Refused"),
            ("expired", "Too late"),
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
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)

    def init(self):
        # Most rows have been sent; the queue is the few that have not.
        self.env.cr.execute(
            "CREATE INDEX IF NOT EXISTS iiot_bridge_event_pending_index ON iiot_bridge_event (id) "
            "WHERE state = 'pending'"
        )

    @api.model
    def _enqueue(self, event_type, data, record=None, expires_at=None):
        """Put an event into the queue, and see to it that it is sent after the commit.

        Args:
            event_type: One of the types.
            data: What there is to tell, as plain JSON.
            record: Record that hears what becomes of it.
            expires_at: After this time it is not sent any more.
        """
        event = self.sudo().create(
            {
                "type": event_type,
                "data": data,
                "expires_at": expires_at,
                "res_model": record._name if record else False,
                "res_id": record.id if record else False,
            }
        )
        callbacks = self.env.cr.postcommit
        if not callbacks.data.get("iiot.bridge.event"):
            callbacks.data["iiot.bridge.event"] = True
            callbacks.add(partial(_send_committed, self.pool))
        return event

    @api.model
    def _hint_changed(self, kinds):
        """Tell the bridge that records which it copies have changed: once for each kind and transaction.

        It is a hint: the bridge also asks by itself from time to time.
        """
        told = self.env.cr.postcommit.data.setdefault("iiot.bridge.hint", set())
        new = set(kinds) - told
        if new and parameters.text(self.env, "iiot.bridge_url"):
            told |= new
            self._enqueue("changed", {"kinds": sorted(new)})
