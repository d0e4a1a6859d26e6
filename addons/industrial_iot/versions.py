"""Where Odoo 17, 18 and 19 differ, as far as this module is concerned: the one place that knows."""

from odoo.release import version_info

VERSION = version_info[0]

HAS_CONSTRAINT_OBJECTS = VERSION >= 19
"""From 19 on, constraints of a table are objects (``models.Constraint``); before, a list ``_sql_constraints``."""

NOT_SUMMED = {"aggregator": None} if VERSION >= 18 else {"group_operator": None}
"""Arguments for fields of numbers that make no sense when they are added up in a grouped list."""

USER_GROUPS = "group_ids" if VERSION >= 19 else "groups_id"
"""Name of the field of ``res.users`` that has the user's groups."""

LIST_VIEW = "list" if VERSION >= 18 else "tree"
"""What the views of lists are called."""

# From 19 on, a model's record says whether it is abstract, and has no records.
MODELS_WITH_RECORDS = [("transient", "=", False), *([("abstract", "=", False)] if VERSION >= 19 else [])]
"""Domain of the models, of ``ir.model``, that people can choose."""


def check_access(records, operation):
    """Raise AccessError unless the user may do this with the records."""
    if VERSION >= 18:
        records.check_access(operation)
    else:
        records.check_access_rights(operation)
        records.check_access_rule(operation)


def may_write(model):
    """Tell whether the user may write to a model at all; rules may still keep single records from him."""
    if VERSION >= 18:
        return model.has_access("write")
    return model.check_access_rights("write", raise_exception=False)
