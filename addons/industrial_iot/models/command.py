import json
import uuid
from datetime import timedelta

from odoo import _, api, fields, models

from .. import parameters
from ..news import NewsError, apply_each, moment
from ..versions import HAS_CONSTRAINT_OBJECTS

STATES = [
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("acknowledged", "Acknowledged"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("timed_out", "Timed Out"),
    ("expired", "Expired"),
    ("superseded", "Superseded"),
    ("unknown", "Unknown"),
]
RANK = {"queued": 0, "sent": 1, "delivered": 2, "acknowledged": 3}
GUESSED = frozenset({"timed_out", "superseded", "unknown"})
"""Ends that what the device says in the end still corrects."""
ANSWERED = frozenset({"succeeded", "failed"})
ENDS = GUESSED | ANSWERED | {"expired"}
TIMES = ("sent_at", "delivered_at", "acknowledged_at", "ended_at")


class IiotCommand(models.Model):
    """Command to a device: what was asked for, by whom, and what became of it."""

    _name = "iiot.command"
    _description = "IIoT Command"
    _order = "id desc"
    _rec_name = "action"

    uuid = fields.Char("Command ID", required=True, readonly=True, copy=False, default=lambda _self: str(uuid.uuid4()))
    bridge_id = fields.Char("ID at the Bridge", readonly=True, copy=False, index=True)
    device_id = fields.Many2one("iiot.device", "Device", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    action = fields.Char("Action", required=True, readonly=True)
    params = fields.Json("Parameters", readonly=True)
    params_text = fields.Text("Parameters (text)", compute="_compute_texts")
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="queued", copy=False, index=True)
    is_waiting = fields.Boolean(
        "Not at the Bridge Yet", compute="_compute_is_waiting", help="The bridge was away, and gets it when it is back."
    )
    user_id = fields.Many2one("res.users", "Requested By", readonly=True, index=True)
    who = fields.Char("Requester", readonly=True, help="Who asked for it, as the bridge knows them.")
    source = fields.Char("Source", readonly=True)
    rule_id = fields.Many2one("iiot.automation.rule", "Automation Rule", readonly=True, ondelete="set null", index=True)
    result = fields.Json("Answer", readonly=True, copy=False)
    result_text = fields.Text("Answer (text)", compute="_compute_texts")
    error_code = fields.Char("Error Code", readonly=True, copy=False)
    error = fields.Text("Error", readonly=True, copy=False)
    message = fields.Json("Message", readonly=True, copy=False, help="What the device was sent.")
    message_text = fields.Text("Message (text)", compute="_compute_texts")
    attempts = fields.Integer("Attempts", readonly=True, copy=False)
    ttl = fields.Integer("Time to Live (s)", readonly=True, help="After this time nobody wants it any more.")
    response_timeout = fields.Integer(
        "Response Timeout (s)", readonly=True, help="Time that the device has to answer; 0 if no answer is expected."
    )
    supersede = fields.Char(
        "Supersedes",
        readonly=True,
        help="Of the commands of a device with the same word here, those that still wait give way to the newest.",
    )
    expires_at = fields.Datetime("Expires At", readonly=True, copy=False)
    sent_at = fields.Datetime("Sent At", readonly=True, copy=False)
    delivered_at = fields.Datetime("Delivered At", readonly=True, copy=False)
    acknowledged_at = fields.Datetime("Acknowledged At", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended At", readonly=True, copy=False)

    if HAS_CONSTRAINT_OBJECTS:
        _uuid_unique = models.Constraint("unique (uuid)", "There is already a command with this id.")
    else:
        _sql_constraints = [("uuid_unique", "unique (uuid)", "There is already a command with this id.")]

    @api.depends("params", "result", "message")
    def _compute_texts(self):
        for command in self:
            for name in ("params", "result", "message"):
                value = command[name]
                nothing = value is None or value is False
                command[f"{name}_text"] = "" if nothing else json.dumps(value, ensure_ascii=False, indent=2)

    def _compute_is_waiting(self):
        waiting = (
            self.env["iiot.bridge.event"]
            .sudo()
            .search([("state", "=", "pending"), ("res_model", "=", self._name), ("res_id", "in", self.ids)])
        )
        ids = set(waiting.mapped("res_id"))
        for command in self:
            command.is_waiting = command.id in ids

    # ------------------------------------------------------------------
    # To the bridge
    # ------------------------------------------------------------------

    def _hand_over(self):
        """Put the commands into the queue for the bridge."""
        told = [(command._order_document(), command, command.expires_at) for command in self]
        self.env["iiot.bridge.event"]._enqueue_all("command", told)

    def _order_document(self):
        document = {
            "device": self.device_id.device_id,
            "action": self.action,
            "params": self.params or {},
            "idempotency_key": self.uuid,
            "ttl": self.ttl,
            "response_timeout": self.response_timeout,
            "who": self.who,
        }
        return {**document, "supersede": self.supersede} if self.supersede else document

    def _event_refused(self, code, reason):
        self.filtered(lambda command: not command.bridge_id).write(
            {"state": "failed", "error_code": code, "error": reason, "ended_at": fields.Datetime.now()}
        )

    def _event_expired(self):
        self.filtered(lambda command: not command.bridge_id).write(
            {"state": "expired", "error_code": "bridge-away", "ended_at": fields.Datetime.now()}
        )

    def _event_retried(self):
        self.filtered(lambda command: not command.bridge_id).write(
            {"state": "queued", "error_code": False, "error": False, "ended_at": False}
        )

    def action_send_again(self):
        """Send new commands that ask for the same."""
        for command in self:
            command.device_id._send_command(
                command.action,
                command.params or {},
                ttl=command.ttl,
                response_timeout=command.response_timeout,
                supersede=command.supersede,
            )
        return True

    def _describe(self):
        """Return the command as the bridge would describe it."""
        self.ensure_one()
        return {
            "id": self.bridge_id or self.uuid,
            "device": self.device_id.device_id,
            "action": self.action,
            "params": self.params or {},
            "message": self.message or None,
            "state": self.state,
            "attempts": self.attempts,
            "who": self.who,
            "source": self.source,
            "idempotency_key": self.uuid,
            "supersede": self.supersede or None,
            "response_timeout": self.response_timeout,
            "created_at": _written(self.create_date),
            "expires_at": _written(self.expires_at),
            **{name: _written(self[name]) for name in TIMES},
            "code": self.error_code or "",
            "result": self.result,
        }

    # ------------------------------------------------------------------
    # From the bridge
    # ------------------------------------------------------------------

    @api.model
    def _apply_command_news(self, items):
        """Apply what the bridge says of commands; it may say it twice, and in any order.

        A command that Odoo does not know, because somebody else has asked the bridge for it, is added to the history.
        One that the bridge has refused is told of without a state, with `idempotency_key`, `code` and `message`.

        Args:
            items: Commands as the bridge describes them.

        Returns:
            For each of them None, or what was wrong: `{"code", "message", "retry"}`.
        """
        commands = self.sudo()
        found = commands.search(
            [
                "|",
                ("uuid", "in", [item["idempotency_key"] for item in items if item.get("idempotency_key")]),
                ("bridge_id", "in", [item["id"] for item in items if item.get("id")]),
            ]
        )
        known = {command.uuid: command for command in found} | {
            command.bridge_id: command for command in found if command.bridge_id
        }
        return apply_each(self.env, items, lambda item: commands._apply_item(item, known))

    def _apply_item(self, item, known):
        command = known.get(item.get("idempotency_key")) or known.get(item.get("id")) or self.browse()
        command = command.exists()
        state = item.get("state")
        if command and command.device_id.device_id != item.get("device", command.device_id.device_id):
            raise NewsError("wrong-device", _("The command %s is for another device.", command.uuid))
        if command and state is None and item.get("code"):
            command._event_refused(item["code"], item.get("message") or "")
            return
        if state not in RANK and state not in ENDS:
            raise NewsError("bad-news", _("“%s” is no status of a command.", state))
        if not command:
            command = self.create(self._new_values(item))
            known[command.bridge_id] = command
        command.write(command._news_values(item, state))

    def _new_values(self, item):
        device = self.env["iiot.device"].search([("device_id", "=", item.get("device"))])
        if not device:
            raise NewsError("unknown-device", _("Odoo does not know the device “%s”.", item.get("device")))
        if not item.get("id") or not item.get("action"):
            raise NewsError("bad-news", _("A command has an id and an action."))
        return {
            "bridge_id": item["id"],
            "device_id": device.id,
            "action": item["action"],
            "params": item.get("params") or {},
            "who": item.get("who"),
            "source": item.get("source"),
            "supersede": item.get("supersede"),
            "response_timeout": int(item.get("response_timeout") or 0),
            "expires_at": moment(item.get("expires_at")),
        }

    def _news_values(self, item, state):
        attempts = int(item.get("attempts") or 0)
        values = {}
        if item.get("id") and not self.bridge_id:
            values["bridge_id"] = item["id"]
        if item.get("message") is not None and not self.message:
            values["message"] = item["message"]
        if self._moves_to(state, attempts):
            values |= {"state": state, "error_code": item.get("code") or False, "error": False}
            if item.get("result") is not None:
                values["result"] = item["result"]
        values["attempts"] = max(self.attempts, attempts)
        for name in TIMES:
            at = moment(item.get(name))
            if at and (not self[name] or at > self[name]):
                values[name] = at
        return {name: value for name, value in values.items() if value != self[name]}

    def _moves_to(self, state, attempts):
        if not self.bridge_id:
            # Until now Odoo has only guessed.
            return True
        if self.state in GUESSED:
            return state in ANSWERED
        if self.state in ENDS:
            return False
        # Within an attempt a command only goes on; and again and again, while the device reports progress.
        return state in ENDS or (attempts, RANK[state]) >= (self.attempts, RANK[self.state])

    @api.autovacuum
    def _gc_old(self):
        before = fields.Datetime.now() - timedelta(days=parameters.number(self.env, "iiot.history_keep_days"))
        self.search([("create_date", "<", before), ("state", "in", list(ENDS))], limit=10_000).unlink()


def _written(at):
    return at.isoformat(timespec="milliseconds") + "Z" if at else None
