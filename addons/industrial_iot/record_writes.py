"""Write values to records of any models: in one savepoint while all goes well, with an answer for each who asked."""

import logging
from collections import defaultdict
from typing import Any, NamedTuple

import psycopg2
from odoo.exceptions import AccessError, MissingError, UserError

from .versions import may_write

_logger = logging.getLogger(__name__)

# No line in the history of a record for each value that it measures; rules of automation run all the same.
QUIET = {"tracking_disable": True, "mail_notrack": True, "mail_create_nolog": True}


class RefusedError(Exception):
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
    """What one who asked wants to have written, when it was measured, and (once they are found) to which records."""

    index: int
    at: float
    writes: list[dict[str, Any]]
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
            RefusedError: It cannot be done; nothing of it is taken.
        """
        if not isinstance(writes, list):
            raise RefusedError("bad-request", "writes is a list")
        for write in writes:
            self._check(write)
        if writes:
            self._items.append(_Item(index, at, writes, {}))

    def apply(self):
        """Write all, each record once; what fails does not keep the rest from it.

        Returns:
            Refusals, by who asked.
        """
        # A newer value comes after an older one, in whatever order they were sent.
        self._items.sort(key=lambda item: item.at)
        refusals = {}
        self._search_alike()
        for item in self._items:
            try:
                self._choose(item)
            except RefusedError as refusal:
                refusals.setdefault(item.index, refusal)
        self._leave_out_missing(refusals)
        self._try([item for item in self._items if item.index not in refusals], refusals)
        return refusals

    def _check(self, write):
        if not isinstance(write, dict) or not isinstance(write.get("values"), dict) or not write["values"]:
            raise RefusedError("bad-request", "a write is an object with model, id or domain, and values")
        name = write.get("model")
        model = self._env.get(name) if isinstance(name, str) else None
        if model is None or model._abstract or model._transient:
            raise RefusedError("unknown-model", f"there is no model {name!r} that can be written to")
        for field in write["values"]:
            if field not in model._fields:
                raise RefusedError("unknown-field", f"the model {name} has no field {field!r}")
        if name not in self._rights:
            self._rights[name] = may_write(model)
        if not self._rights[name]:
            raise RefusedError("access", f"the user {self._env.user.login} may not write to the model {name}")
        domain = write.get("domain")
        if not _is_id(write.get("id")) and (not isinstance(domain, list) or not domain):
            raise RefusedError("bad-request", "a write names an id, or a domain that is not empty")

    def _choose(self, item):
        """Find the records of an item."""
        for write in item.writes:
            name = write["model"]
            for res_id in [write["id"]] if _is_id(write.get("id")) else self._search(name, write["domain"]):
                item.values.setdefault((name, res_id), {}).update(write["values"])

    def _search(self, name, domain):
        """Return the ids of the records that a domain chooses, looked up once a request."""
        key = name, repr(domain)
        if key not in self._found:
            try:
                terms = [tuple(term) if isinstance(term, list) else term for term in domain]
                with self._env.cr.savepoint(flush=False):
                    self._found[key] = self._env[name].search(terms).ids
            except psycopg2.OperationalError:
                raise
            except Exception as error:
                raise RefusedError("bad-domain", str(error)) from error
        if not self._found[key]:
            raise RefusedError("no-record", f"no record of {name} fits the domain {domain}")
        return self._found[key]

    def _search_alike(self):
        """Look up at once what differs in a value only, such as the serial number of each device."""
        values = defaultdict(set)
        for item in self._items:
            for write in item.writes:
                if not _is_id(write.get("id")) and len(write["domain"]) == 1:
                    field = self._field_of(write["model"], write["domain"][0])
                    if field is not None:
                        values[write["model"], field].add(write["domain"][0][2])
        for (name, field), wanted in values.items():
            ids = {value: [] for value in wanted}
            for record in self._env[name].search([(field, "in", list(wanted))]):
                ids[record[field]].append(record.id)
            for value, found in ids.items():
                self._found[name, repr([[field, "=", value]])] = found

    def _field_of(self, name, term):
        """Return the field that a term compares with a text, if the database finds exactly that text."""
        if not (isinstance(term, list) and len(term) == 3 and term[1] == "=" and isinstance(term[2], str) and term[2]):
            return None
        field = self._env[name]._fields.get(term[0])
        is_plain = field is not None and field.type == "char" and field.store and not field.translate
        return field.name if is_plain and not field.company_dependent else None

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
        for item in self._items:
            gone = next((key for key in item.values if key in missing), None)
            if gone is not None:
                refusals.setdefault(
                    item.index, RefusedError("unknown-record", f"there is no record {gone[0]},{gone[1]}")
                )

    def _try(self, items, refusals):
        """Write what some want, in one savepoint; where that fails, each half of them, down to who is at fault."""
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
                refusals[items[0].index] = RefusedError.of(error)
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
        every = defaultdict(list)
        for (name, res_id), values in newest.items():
            alike[name, repr(sorted(values.items()))].append((res_id, values))
            every[name].append(res_id)
        for (name, _values), records in alike.items():
            found = self._env[name].browse([res_id for res_id, _same in records])
            # What the first of them reads, such as its company for the rules of access, is read for all.
            found.with_prefetch(every[name]).write(dict(records[0][1]))


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool)
