import json
import logging
import random
import time
from datetime import timedelta
from functools import partial

from odoo import _, api, fields, models

from .. import parameters
from .bridge_event_call import ANSWER_TIMEOUT, LONGEST_ERROR, BridgeAwayError, EventsRefusedError

_logger = logging.getLogger(__name__)

LOCK = 0x49496F54
"""Key of the advisory lock that whoever sends the queue holds: "IIoT" in ASCII."""
MOST_EVENTS = 200
MOST_BYTES = 1_000_000
SHORTEST_WAIT, LONGEST_WAIT = 5, 300
"""Seconds between two attempts: at first, and at most."""
AFTER_COMMIT = 2.0
"""Seconds that sending may hold up whoever has caused it."""
IN_CRON = 50.0
"""Seconds that the scheduled action sends for."""
SHORTEST_TIMEOUT = 0.5


class IiotBridgeEvent(models.Model):
    """How the queue comes to the bridge: in its order, by one worker at a time, again until it is there."""

    _inherit = "iiot.bridge.event"

    @api.model
    def _send_after_commit(self):
        callbacks = self.env.cr.postcommit
        if not callbacks.data.get("iiot.bridge.event"):
            callbacks.data["iiot.bridge.event"] = True
            callbacks.add(partial(_send_committed, self.pool))

    @api.model
    def _set_up_cron(self):
        """Let the scheduled action run for ever: 17 knows actions that end after some runs, later versions do not."""
        cron = self.env.ref("industrial_iot.iiot_cron_send_events")
        if "numbercall" in cron._fields:
            cron.numbercall = -1

    @api.model
    def _cron_send(self):
        """Send what could not be sent after its commit."""
        _send_queue(self.pool, IN_CRON, ANSWER_TIMEOUT)

    def _is_due(self):
        """Tell whether something can be sent now."""
        head = self._head()
        return bool(head) and not (head.next_try and head.next_try > fields.Datetime.now())

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
