import json
from contextlib import contextmanager

import psycopg2
from odoo import _, api, models, release
from odoo.exceptions import AccessError, UserError, ValidationError
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
                    "The key that Odoo shares with the bridge is missing or has fewer than %s characters. Set it in "
                    "the settings of Industrial IoT, and as IIOT_SECRET_KEY at the bridge.",
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
            Documents by kind; ``removed`` with what is gone, or of no concern to the bridge any more; and ``full``:
            whether the pages from a cursor None on, taken together, are all there is.
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

    # ------------------------------------------------------------------
    # Profiles
    # ------------------------------------------------------------------

    @api.model
    def save_profile(self, document, who=""):
        """Store a profile; return it as it is stored.

        Args:
            document: The profile, as the bridge has it.
            who: Who wants it, for the history.
        """
        self._check_caller()
        profiles = self._mine("iiot.device.profile")
        code = self._id_of(document)
        with self._telling_why():
            profile = profiles.search([("code", "=", code)])
            values = profiles._values_of(document)
            if profile:
                profile._keep_same(values)
                profile.write(values)
            else:
                profile = profiles.create(values | {"code": code})
            self.env.flush_all()
        profile._tell_who(who)
        # Rules may stand in another order than before.
        profile.invalidate_recordset(["telemetry_rule_ids", "command_template_ids"])
        return profile._registry_document()

    @api.model
    def remove_profile(self, id, who=""):
        """Remove a profile that no device has."""
        self._check_caller()
        profile = self._find("profile", id)
        device = profile.device_ids[:1]
        if device:
            self._refuse(
                "record-in-use",
                _(
                    "The profile “%(id)s” is in use, by the device “%(device)s” for one.",
                    id=id,
                    device=device.device_id,
                ),
                kind="profile",
                id=id,
                user_kind="device",
                user=device.device_id,
            )
        profile.unlink()
        return True

    # ------------------------------------------------------------------
    # Firmware and automation rules
    # ------------------------------------------------------------------

    @api.model
    def add_firmware(self, document, who=""):
        """Store a new firmware; return it as it is stored."""
        self._check_caller()
        code = self._id_of(document)
        firmware = self._mine("iiot.firmware")
        if firmware.sudo().search_count([("code", "=", code)]):
            self._refuse(
                "duplicate-record",
                _("There is already a firmware with the id “%s”.", code),
                kind="firmware",
                field="id",
                value=code,
            )
        with self._telling_why():
            firmware = firmware._from_document(document)
            self.env.flush_all()
        firmware._tell_who(who)
        return firmware._registry_document()

    @api.model
    def remove_firmware(self, id, who=""):
        """Remove a firmware; return what it was."""
        self._check_caller()
        firmware = self._find("firmware", id)
        document = firmware._registry_document()
        try:
            firmware.unlink()
        except UserError as error:
            self._refuse("record-in-use", str(error), kind="firmware", id=id)
        return document

    @api.model
    def save_rule(self, document, who=""):
        """Store an automation rule; return it as it is stored."""
        self._check_caller()
        self._id_of(document)
        with self._telling_why():
            rule = self._mine("iiot.automation.rule")._from_document(document)
            self.env.flush_all()
        rule._tell_who(who)
        return rule._registry_document()

    @api.model
    def remove_rule(self, id, who=""):
        """Remove an automation rule."""
        self._check_caller()
        self._find("rule", id).unlink()
        return True

    # ------------------------------------------------------------------
    # In common
    # ------------------------------------------------------------------

    @api.model
    def _mine(self, model):
        """Return a model as the bridge uses it: archived records are there, and changes are no news to it."""
        return self.env[model].with_context(active_test=False, iiot_from_bridge=True)

    @api.model
    def _find(self, kind, code):
        model, _name = KINDS[kind]
        records = self._mine(model)
        found = records.search([(records._registry_code_field, "=", code)])
        if not found:
            self._refuse("unknown-record", _("There is no %(kind)s “%(id)s”.", kind=kind, id=code), kind=kind, id=code)
        return found

    @api.model
    def _id_of(self, document):
        code = document.get("id") if isinstance(document, dict) else None
        if not isinstance(code, str) or not code:
            self._refuse("invalid-record", _("A document has an id."))
        return code

    @contextmanager
    def _telling_why(self, look_again=None):
        """Give what is wrong with a document the code that the bridge knows.

        Args:
            look_again: Finds out who was faster, where something has to be unique.
        """
        try:
            with self.env.cr.savepoint():
                yield
        except psycopg2.IntegrityError as error:
            if look_again is not None:
                look_again()
            self._refuse("invalid-record", str(error).strip())
        except ValidationError as error:
            self._refuse("invalid-record", str(error))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._refuse("invalid-record", _("The document is not as it must be: %s", repr(error)))
