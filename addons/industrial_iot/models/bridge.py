import json

from odoo import _, api, models, release
from odoo.exceptions import AccessError, UserError
from odoo.modules.module import get_manifest

from .. import parameters
from ..pairing.secret_keys import SHORTEST, SecretKeys

API = 1
MOST_CHANGES = 1_000
KINDS = {
    "profile": ("iiot.device.profile", "profiles"),
    "device": ("iiot.device", "devices"),
    "token": ("iiot.device.token", "tokens"),
    "firmware": ("iiot.firmware", "firmware"),
    "rule": ("iiot.automation.rule", "rules"),
    "update": ("iiot.update", "updates"),
}
"""Kinds of records that the bridge keeps copies of: their models, and where they stand in an answer."""

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
    """What the bridge calls: Odoo is its registry.

    What is refused is a UserError whose text is ``<code>: <facts as JSON> <sentence>``.
    """

    _name = "iiot.bridge"
    _description = "IIoT Bridge"

    # ------------------------------------------------------------------
    # For all of the module
    # ------------------------------------------------------------------

    @api.model
    def _secret_keys(self):
        """Return the keys that are shared with the bridge."""
        try:
            return SecretKeys(parameters.text(self.env, "iiot.bridge_key"))
        except ValueError:
            raise UserError(
                _(
                    "The key that Odoo shares with the bridge is missing or has fewer than %s characters. Set it in the "
                    "settings of Industrial IoT, and as IIOT_SECRET_KEY at the bridge.",
                    SHORTEST,
                )
            ) from None

    @api.model
    def _refuse(self, code, sentence, **facts):
        """Raise what the bridge understands.

        Args:
            code: Word code.
            sentence: For people.
            facts: What the sentence is about, as JSON.
        """
        raise UserError(f"{code}: {json.dumps(facts, ensure_ascii=False)} {sentence}")

    @api.model
    def _check_caller(self):
        if not self.env.user.has_group("industrial_iot.group_iiot_bridge"):
            raise AccessError(_("Only users of the group “IIoT / Bridge” may do this."))

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def hello(self):
        """Return who is speaking."""
        self._check_caller()
        return {
            "api": API,
            "odoo": release.major_version,
            "addon": get_manifest("industrial_iot")["version"],
            "database": self.env["ir.config_parameter"].sudo().get_param("database.uuid"),
            "key_id": self._secret_keys().newest,
        }

    @api.model
    def changes(self, cursor=None, limit=MOST_CHANGES):
        """Return what has changed since a cursor: each record at least once after each change of it.

        Args:
            cursor: From the answer before; None for everything.
            limit: Records at most; where there are more, ``more`` is true, and the cursor goes on behind them.

        Returns:
            Documents by kind, ``removed`` with what is gone or of no concern to the bridge any more, and ``full``: whether
            the pages from a cursor None on, taken together, are all there is.
        """
        self._check_caller()
        self.env.flush_all()
        journal = self.env["iiot.bridge.change"]
        database, now = journal._database(), journal._snapshot()
        place = cursor if isinstance(cursor, dict) else {}
        if place.get("database") != database or not journal._is_past(place.get("until") or place.get("since"), now):
            place = {}
        since, until, after = place.get("since"), place.get("until") or now, place.get("after", 0)
        limit = max(1, min(int(limit), MOST_CHANGES))
        rows = journal._since(since, after, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        answer = self._documents(rows)
        # A record that changes while the pages are read is newer than `until`: it comes again in the next round.
        after = {"since": since, "until": until, "after": rows[-1][0]} if more else {"since": until}
        return {"cursor": {"database": database, **after}, "more": more, "full": since is None, **answer}

    @api.model
    def _documents(self, rows):
        answer = {name: [] for _model, name in KINDS.values()} | {"removed": []}
        for kind, (model, name) in KINDS.items():
            mine = [(code, res_id) for _id, row_kind, code, res_id in rows if row_kind == kind]
            # Whatever company they belong to, and archived ones: these are removed for the bridge.
            found = self.env[model].sudo().with_context(active_test=False)
            found = found.browse([res_id for _code, res_id in mine if res_id]).exists()
            documents = {record.id: record._registry_document() for record in found}
            for code, res_id in mine:
                document = documents.get(res_id)
                if document is None:
                    answer["removed"].append({"kind": kind, "id": code})
                else:
                    answer[name].append(document)
        return answer
