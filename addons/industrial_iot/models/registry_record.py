from odoo import _, api, models
from odoo.exceptions import UserError


class IiotRegistryRecord(models.AbstractModel):
    """What the bridge keeps a copy of: each change is journalled, in the transaction that makes it.

    A model that inherits it says what kind it is, which of its fields the bridge is to hear of, and how a record looks
    as a document of the bridge.
    """

    _name = "iiot.registry.record"
    _description = "Record that the IIoT bridge knows"

    _registry_kind = ""
    _registry_code_field = "code"
    _registry_fields = frozenset()

    def _registry_document(self):
        """Return the record as the bridge has it, as plain JSON; None if it is not for the bridge."""
        raise NotImplementedError

    def _registry_changed(self):
        """Journal that records have changed."""
        if not self:
            return
        codes = {record[self._registry_code_field]: record.id for record in self.sudo()}
        self._registry_note(codes)

    def _registry_note(self, codes):
        self.env["iiot.bridge.change"]._note(self._registry_kind, codes)
        if not self.env.context.get("iiot_from_bridge"):
            self.env["iiot.bridge.event"]._hint_changed({self._registry_kind})

    def _tell_who(self, who):
        """Note in the history who at the bridge wanted a change."""
        if who and "message_ids" in self._fields:
            for record in self:
                record.message_post(body=_("Asked for at the bridge by %s.", who))

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._registry_changed()
        return records

    def write(self, vals):
        code = vals.get(self._registry_code_field)
        if code is not None and any(record[self._registry_code_field] != code for record in self):
            name = self._fields[self._registry_code_field].string
            raise UserError(
                _(
                    "The field “%s” stays as it is, because bridge and devices know the record by it. "
                    "Create a new record instead.",
                    name,
                )
            )
        result = super().write(vals)
        if not self._registry_fields.isdisjoint(vals):
            self._registry_changed()
        return result

    def unlink(self):
        codes = dict.fromkeys(self.mapped(self._registry_code_field))
        result = super().unlink()
        if codes:
            self._registry_note(codes)
        return result
