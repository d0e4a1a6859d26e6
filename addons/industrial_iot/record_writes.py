"""Write values to records of any models: as few transactions' steps as can be, and an answer for each who asked."""

import logging
from collections import defaultdict
from typing import Any, NamedTuple

import psycopg2

from odoo.exceptions import AccessError, MissingError, UserError

from .versions import may_write

_logger = logging.getLogger(__name__)

# No line in the history of a record for each value that it measures; rules of automation run all the same.
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}


class Refusal(Exception):
    """Why something is not written.

    Args:
        code: Stable word code.
        message: A sentence.
        retry: Whether it may go well another time.
    """

    def __init__(self, code, message, retry=False):  # noqa: FBT002 - as it stands in the answer
        super().__init__(message)
        self.code = code
        self.retry = retry

    @classmethod
    def of(cls, error):
        """Return what an error means for whoever asked."""
        if isinstance(error, cls):
            return error
        if isinstance(error, AccessError):
            return cls("access", str(error))
        if isinstance(error, MissingError):
            return cls("unknown-record", str(error))
        if isinstance(error, UserError):
            return cls("refused", str(error))
        if isinstance(error, ValueError | TypeError | KeyError | psycopg2.DataError | psycopg2.IntegrityError):
            return cls("bad-value", str(error).strip() or type(error).__name__)
        _logger.error("Something that the bridge sent cannot be worked on", exc_info=error)
        return cls("failed", f"{type(error).__name__}: {error}", retry=True)

    def as_json(self):
        """Return it as it stands in an answer."""
        return {"status": "error", "code": self.code, "message": str(self), "retry": self.retry}


class _Item(NamedTuple):
    """What one who asked wants to have written: values by record, and when they were measured."""

    index: int
    at: float
    values: dict[tuple[str, int], dict[str, Any]]


class RecordWrites:
    """Values to be written in one request.

    Args:
        env: The environment of the user whose rights count.
    """

    def __init__(self, env):
        self._env = env(context=dict(env.context, **QUIET))
        self._items = []
        self._found = {}
        self._rights = {}

    def add(self, index, at, writes):
        """Take what one wants to have written.

        Args:
            index: Who it is.
            at: When it was measured, in seconds since 1970.
            writes: ``[{"model", "id" | "domain", "values"}]``.

        Raises:
            Refusal: It cannot be done; nothing of it is taken.
        """
        if not isinstance(writes, list):
            raise Refusal("bad-request", "writes is a list")
        values = {}
        for write in writes:
            model, ids, fields = self._read(write)
            for res_id in ids:
                values.setdefault((model, res_id), {}).update(fields)
        if values:
            self._items.append(_Item(index, at, values))

    def apply(self):
        """Write all, each record once; what fails does not keep the rest from it.

        Returns:
            Refusals, by who asked.
        """
        # A newer value comes after an older one, in whatever order they were sent.
        self._items.sort(key=lambda item: item.at)
        refusals = {}
        self._leave_out_missing(refusals)
        self._try(self._items, refusals)
        return refusals

    def _read(self, write):
        if not isinstance(write, dict) or not isinstance(write.get("values"), dict) or not write["values"]:
            raise Refusal("bad-request", "a write is an object with model, id or domain, and values")
        name, values = write.get("model"), write["values"]
        model = self._env.get(name) if isinstance(name, str) else None
        if model is None or model._abstract or model._transient:
            raise Refusal("unknown-model", f"there is no model {name!r} that can be written to")
        for field in values:
            if field not in model._fields:
                raise Refusal("unknown-field", f"the model {name} has no field {field!r}")
        if name not in self._rights:
            self._rights[name] = may_write(model)
        if not self._rights[name]:
            raise Refusal("access", f"the user {self._env.user.login} may not write to the model {name}")
        res_id = write.get("id")
        if isinstance(res_id, int) and not isinstance(res_id, bool):
            return name, [res_id], values
        return name, self._search(model, write.get("domain")), values

    def _search(self, model, domain):
        """Return the ids of the records that a domain chooses, looked up once a request."""
        if not isinstance(domain, list) or not domain:
            raise Refusal("bad-request", "a write names an id, or a domain that is not empty")
        key = model._name, repr(domain)
        if key not in self._found:
            try:
                terms = [tuple(term) if isinstance(term, list) else term for term in domain]
                self._found[key] = model.search(terms).ids
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                raise Refusal("bad-domain", str(error)) from error
        if not self._found[key]:
            raise Refusal("no-record", f"no record of {model._name} fits the domain {domain}")
        return self._found[key]

    def _leave_out_missing(self, refusals):
        """Refuse what is for records that are gone: one look for each model."""
        wanted = defaultdict(set)
        for item in self._items:
            for name, res_id in item.values:
                wanted[name].add(res_id)
        missing = {
            (name, res_id)
            for name, ids in wanted.items()
            for res_id in ids.difference(self._env[name].browse(ids).exists().ids)
        }
        if not missing:
            return
        kept = []
        for item in self._items:
            gone = next((key for key in item.values if key in missing), None)
            if gone is None:
                kept.append(item)
            else:
                refusals[item.index] = Refusal("unknown-record", f"there is no record {gone[0]},{gone[1]}")
        self._items = kept

    def _try(self, items, refusals):
        """Write what some want, in one savepoint; where that fails, each half of them, down to those whose fault it is."""
        if not items:
            return
        try:
            with self._env.cr.savepoint():
                self._write(items)
        except psycopg2.OperationalError:
            # Another transaction was at the same records: Odoo tries the whole request again.
            raise
        except Exception as error:  # noqa: BLE001 - whatever a model's own code raises is an answer to who asked
            if len(items) == 1:
                refusals[items[0].index] = Refusal.of(error)
                return
            middle = len(items) // 2
            self._try(items[:middle], refusals)
            self._try(items[middle:], refusals)

    def _write(self, items):
        newest = {}
        for item in items:
            for key, values in item.values.items():
                newest.setdefault(key, {}).update(values)
        alike = defaultdict(list)
        for (name, res_id), values in newest.items():
            alike[name, repr(sorted(values.items()))].append((res_id, values))
        for (name, _values), records in alike.items():
            self._env[name].browse([res_id for res_id, _same in records]).write(dict(records[0][1]))
