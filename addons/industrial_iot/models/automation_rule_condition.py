import operator

from odoo import fields, models
from odoo.tools.safe_eval import datetime as safe_datetime
from odoo.tools.safe_eval import safe_eval

COMPARISONS = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class IiotAutomationRule(models.Model):
    """Which records a rule is about: its domain and its condition."""

    _inherit = "iiot.automation.rule"

    def _domain(self):
        # Nothing that leads to an environment: the rule reads as the superuser, its author may not.
        names = {
            "datetime": safe_datetime,
            "context_today": lambda: fields.Date.context_today(self),
            "uid": self.env.uid,
        }
        return safe_eval(self.domain or "[]", names)

    def _holds(self, record):
        domain = self._domain()
        if domain and not record.filtered_domain(domain):
            return False
        return not self.condition_field or self._compare(self._value(record, self.condition_field))

    def _held_before(self, record, before):
        """Tell whether domain and condition held before an update.

        Args:
            record: The record, as it is now.
            before: Values of its stored fields before, as far as they were written.
        """
        if not self._looks_at_stored(record):
            return False
        return self._holds(
            record.new({name: _old(record, name, value) for name, value in before.items()}, origin=record)
        )

    def _looks_at(self):
        """Return the names of the record's own fields that domain and condition look at."""
        names = {term[0].split(".")[0] for term in self._domain() if isinstance(term, list | tuple)}
        names |= {self.condition_field.split(".")[0]} if self.condition_field else set()
        # What terms such as (1, "=", 1) begin with.
        return {name for name in names if name in self.env[self.model_name]._fields}

    def _looks_at_stored(self, record):
        names = self._looks_at()
        return bool(names) and all(record._fields[name].store for name in names)

    def _value(self, record, path):
        *names, last = path.split(".")
        for name in names:
            record = record[name][:1]
        return record[last] if record else None

    def _compare(self, value):
        if isinstance(value, models.BaseModel):
            value = len(value)
        try:
            return COMPARISONS[self.condition_operator](float(value or 0), self.condition_value)
        except (TypeError, ValueError):
            return False


def _old(record, name, value):
    """Return a value from before an update as the ORM takes it. 17 has read it for the outside, 18 and 19 have not."""
    kind = record._fields[name].type
    if kind == "many2one" and isinstance(value, tuple):
        return value[0] if value else False
    if kind in {"one2many", "many2many"} and isinstance(value, list):
        return [fields.Command.set(value)]
    return value
