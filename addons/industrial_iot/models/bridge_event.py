import json
import logging
import random
import time
import uuid
from datetime import timedelta
from functools import partial

import requests
from odoo import _, api, fields, models
from odoo.exceptions import UserError

from .. import parameters
from ..bridge_signature import signed_headers
from ..versions import HAS_CONSTRAINT_OBJECTS

_logger = logging.getLogger(__name__)

LOCK = 0x49496F54
"""Key of the advisory lock that whoever sends the queue holds: "IIoT" in ASCII."""
MOST_EVENTS = 200
MOST_BYTES = 1_000_000
SHORTEST_WAIT, LONGEST_WAIT = 5, 300
"""Seconds between two attempts: at first, and at most."""
AFTER_COMMIT = 2.0
"""Seconds that sending may hold up whoever has caused it."""
IN_CRON, CRON_TIMEOUT = 50.0, 10.0
"""Seconds that the scheduled action sends for, and that it waits for one answer."""
SHORTEST_TIMEOUT = 0.5
LONGEST_ERROR = 1000


class BridgeAwayError(Exception):
    """The bridge cannot take events now.

    Args:
        reason: Why, as a sentence for an administrator.
    """


class EventsRefusedError(Exception):
    """The bridge will never take these events as they are.

    Args:
        reason: Why, as a sentence for an administrator.
    """


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

    @api.model
    def _send_after_commit(self):
        callbacks = self.env.cr.postcommit
        if not callbacks.data.get("iiot.bridge.event"):
            callbacks.data["iiot.bridge.event"] = True
            callbacks.add(partial(_send_committed, self.pool))

    # ------------------------------------------------------------------
    # To the bridge
    # ------------------------------------------------------------------

    @api.model
    def _set_up_cron(self):
        """Let the scheduled action run for ever: 17 knows actions that end after some runs, later versions do not."""
        cron = self.env.ref("industrial_iot.iiot_cron_send_events")
        if "numbercall" in cron._fields:
            cron.numbercall = -1

    @api.model
    def _cron_send(self):
        """Send what could not be sent after its commit."""
        _send_queue(self.pool, IN_CRON, CRON_TIMEOUT)

    def _is_due(self):
        """Tell whether something can be sent now."""
        head = self._head()
        return bool(head) and not (head.next_try and head.next_try > fields.Datetime.now())

    def _head(self):
        return self.search([("state", "=", "pending")], limit=1)

    @api.model
    def _send_batch(self, most, timeout):
        """Send the events at the head of the queue, in one call.

        Args:
            most: How many at most.
            timeout: Seconds that the bridge has to answer.

        Returns:
            How many may be sent in the next call; 0 if there is nothing more to be done now.
        """
        events = self._first(most) if self._is_due() else None
        if not events:
            return 0 if events is None else most
        url, key = parameters.text(self.env, "iiot.bridge_url"), parameters.text(self.env, "iiot.bridge_key")
        try:
            left = events._take(self._post(url, key, events._body(self.env.cr.dbname), timeout))
        except BridgeAwayError as error:
            events._retry_later(str(error))
            return 0
        except EventsRefusedError as error:
            if len(events) > 1:
                # Most likely it is one of them: it is found by halves, and the others go on.
                return len(events) // 2
            events._refuse("bridge-refused", str(error))
            return MOST_EVENTS
        if left:
            left._retry_later(_("The bridge has not said what became of the event."))
        return 0 if left else most

    def _first(self, most):
        """Return the events that go into the next call; those whose time is over are taken out of the queue."""
        self.env.cr.execute(
            "SELECT id FROM iiot_bridge_event WHERE state = 'pending' ORDER BY id LIMIT %s FOR UPDATE", [most]
        )
        events = self.browse(row[0] for row in self.env.cr.fetchall())
        now = fields.Datetime.now()
        late = events.filtered(lambda event: event.expires_at and event.expires_at <= now)
        if late:
            late.write({"state": "expired", "error": _("It could not be sent in time.")})
            late._tell("_event_expired")
        size = 0
        first = self.browse()
        for event in events - late:
            size += len(json.dumps(event.data))
            if first and size > MOST_BYTES:
                break
            first |= event
        return first

    def _body(self, database):
        told = [
            {
                "id": event.uuid,
                "type": event.type,
                "at": event.create_date.isoformat(timespec="milliseconds") + "Z",
                "data": event.data,
            }
            for event in self
        ]
        return json.dumps({"database": database, "events": told}).encode()

    @api.model
    def _post(self, url, key, body, timeout):
        """Call the bridge and return its results.

        Raises:
            BridgeAwayError: It cannot take events now.
            EventsRefusedError: It will never take these.
        """
        if not url:
            raise BridgeAwayError(_("The address of the bridge is not set; it is in the settings of Industrial IoT."))
        # Of several keys the newest comes first; the others are for what was made with them.
        keys = key.replace(",", " ").split()
        if not keys:
            raise BridgeAwayError(_("The key of the bridge is not set; it is in the settings of Industrial IoT."))
        headers = {"Content-Type": "application/json", **signed_headers(keys[0], body, time.time())}
        try:
            response = requests.post(
                f"{url.rstrip('/')}/api/v1/odoo/events",
                data=body,
                headers=headers,
                # To connect, and then to answer: together no longer than was said.
                timeout=timeout / 2,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise BridgeAwayError(_("The bridge cannot be reached: %s", error)) from error
        if response.status_code != 200:
            raise self._refusal(response.status_code, _said(response))
        return self._results(response)

    def _refusal(self, status, said):
        """Return the error that an answer stands for.

        Args:
            status: Its HTTP status.
            said: What it says.
        """
        if status == 401:
            text = _(
                "The bridge refuses the signature: its key is another one than in the settings here, or the clocks of "
                "Odoo and the bridge differ by more than five minutes. It says: %s",
                said,
            )
        elif status in {400, 413, 422}:
            return EventsRefusedError(_("The bridge refuses the event. It says: %s", said))
        elif status in {429, 502, 503, 504}:
            text = _("The bridge is not ready now (HTTP %(status)s). It says: %(said)s", status=status, said=said)
        else:
            text = _(
                "Something else than the bridge answers at its address (HTTP %(status)s). It says: %(said)s",
                status=status,
                said=said,
            )
        return BridgeAwayError(text)

    def _results(self, response):
        try:
            results = response.json()["results"]
            return {result["id"]: result for result in results}
        except (ValueError, KeyError, TypeError) as error:
            raise BridgeAwayError(
                _("Something else than the bridge answers at its address: it has sent no results.")
            ) from error

    def _take(self, results):
        """Note what became of events, and return those of which nothing is known."""
        accepted = self.filtered(lambda event: results.get(event.uuid, {}).get("status") == "accepted")
        accepted.write({"state": "sent", "sent_at": fields.Datetime.now(), "error": False, "next_try": False})
        accepted._count_attempt()
        left = self.browse()
        for event in self - accepted:
            result = results.get(event.uuid)
            if result is None or result.get("retry"):
                left |= event
            else:
                event._refuse(str(result.get("code") or "bridge-refused"), str(result.get("message") or ""))
        return left

    def _retry_later(self, reason):
        head = self[:1]
        self._count_attempt()
        wait = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(head.attempts - 1, 10))
        # Several databases that lost the same bridge need not come back at the same moment.
        next_try = fields.Datetime.now() + timedelta(seconds=wait * random.uniform(0.8, 1.0))  # noqa: S311 - no secret
        head.write({"next_try": next_try, "error": reason[:LONGEST_ERROR]})
        _logger.warning("%s events wait for the IIoT bridge: %s", len(self), reason)
        self._wake_cron(next_try)

    @api.model
    def _wake_cron(self, at=None):
        cron = self.env.ref("industrial_iot.iiot_cron_send_events", raise_if_not_found=False)
        if cron:
            cron.sudo()._trigger(at=at)

    def _refuse(self, code, reason):
        self._count_attempt()
        self.write({"state": "failed", "error": reason[:LONGEST_ERROR], "next_try": False})
        _logger.warning("the IIoT bridge refuses the event %s (%s): %s", self.uuid, self.type, reason)
        self._tell("_event_refused", code, reason)

    def _count_attempt(self):
        for attempts in set(self.mapped("attempts")):
            self.filtered(lambda event, attempts=attempts: event.attempts == attempts).write({"attempts": attempts + 1})

    def _tell(self, method, *args):
        """Tell the records that the events are about what became of them."""
        for model in set(self.mapped("res_model")) - {False}:
            ids = [event.res_id for event in self if event.res_model == model]
            records = self.env[model].browse(ids).exists()
            if records and hasattr(records, method):
                getattr(records, method)(*args)

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
    def _check_bridge(self):
        """Call the bridge without any event.

        Raises:
            UserError: It does not answer as it should.
        """
        url, key = parameters.text(self.env, "iiot.bridge_url"), parameters.text(self.env, "iiot.bridge_key")
        body = self.browse()._body(self.env.cr.dbname)
        try:
            self._post(url, key, body, CRON_TIMEOUT)
        except (BridgeAwayError, EventsRefusedError) as error:
            raise UserError(str(error)) from error

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


def _send_committed(registry):
    """Send the queue after a commit; whatever goes wrong, what was committed stays so, and the queue is kept."""
    try:
        _send_queue(registry, AFTER_COMMIT, AFTER_COMMIT)
    except Exception:
        _logger.exception("the queue for the IIoT bridge could not be sent after a commit; the scheduled action will")


def _send_queue(registry, seconds, timeout):
    """Send what waits, one worker at a time.

    The lock is held by a transaction of its own, so that the transactions of the batches begin after it was taken and
    see all that was stored by then. Whoever does not get the lock leaves: its holder looks again after it has let go.

    Args:
        registry: Registry of the database.
        seconds: After this time no more calls are made.
        timeout: Seconds that the bridge has for each answer.
    """
    end = time.monotonic() + seconds
    while True:
        with registry.cursor() as lock:
            lock.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not lock.fetchone()[0]:
                return
            most = MOST_EVENTS
            while most and (left := end - time.monotonic()) > 0:
                with registry.cursor() as cr:
                    queue = _queue(cr)
                    most = queue._send_batch(most, min(timeout, max(left, SHORTEST_TIMEOUT)))
                    # Odoo 17 commits only what is known to an environment that somebody still holds.
                    queue.env.flush_all()
        with registry.cursor() as cr:
            queue = _queue(cr)
            if not queue._is_due():
                return
            if time.monotonic() >= end:
                queue._wake_cron()
                queue.env.flush_all()
                return


def _queue(cr):
    env = api.Environment(cr, api.SUPERUSER_ID, {})
    # Errors are stored in the language of the one who looks after it all.
    return env(context=env["res.users"].context_get())["iiot.bridge.event"]


def _said(response):
    """Return the sentence of the bridge's answer."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        for name in ("detail", "message", "title", "error"):
            if isinstance(answer.get(name), str):
                return answer[name][:LONGEST_ERROR]
    return response.text[:200] or response.reason
