"""What goes wrong between us and Odoo, and whether to try again.

Odoo's answers name a Python exception, a sentence for people and a traceback. Only name and sentence leave this module:
the traceback tells of the server's inside, and may hold what somebody has written to it.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from flowengine.node import NodeError, TransientError

LONGEST_SENTENCE: Final = 1_000

_FINAL: Final = {
    "odoo.exceptions.AccessError": "odoo-access",
    "odoo.exceptions.MissingError": "odoo-missing-record",
    "odoo.exceptions.ValidationError": "odoo-validation",
    "odoo.exceptions.UserError": "odoo-refused",
    "odoo.exceptions.RedirectWarning": "odoo-refused",
    "werkzeug.exceptions.Forbidden": "odoo-access",
    "werkzeug.exceptions.NotFound": "odoo-not-found",
}
_TRANSIENT: Final = {
    "odoo.exceptions.AccessDenied": "odoo-login",
    "odoo.http.SessionExpiredException": "odoo-login",
    "werkzeug.exceptions.Unauthorized": "odoo-login",
    "odoo.exceptions.LockError": "odoo-conflict",
    "odoo.exceptions.ConcurrencyError": "odoo-conflict",
    "psycopg2.errors.SerializationFailure": "odoo-conflict",
    "psycopg2.errors.DeadlockDetected": "odoo-conflict",
    "psycopg2.errors.LockNotAvailable": "odoo-conflict",
    "psycopg2.errors.TransactionRollback": "odoo-conflict",
    "psycopg2.extensions.TransactionRollbackError": "odoo-conflict",
    "psycopg2.OperationalError": "odoo-database",
    "psycopg2.InterfaceError": "odoo-database",
    "psycopg2.errors.AdminShutdown": "odoo-database",
    "psycopg2.errors.CannotConnectNow": "odoo-database",
    "psycopg2.errors.CrashShutdown": "odoo-database",
    "psycopg2.errors.DiskFull": "odoo-database",
    "psycopg2.errors.OutOfMemory": "odoo-database",
    "psycopg2.errors.QueryCanceled": "odoo-database",
    "psycopg2.errors.ReadOnlySqlTransaction": "odoo-database",
    "psycopg2.errors.TooManyConnections": "odoo-database",
    "psycopg2.pool.PoolError": "odoo-database",
    "odoo.sql_db.PoolError": "odoo-database",
    "builtins.MemoryError": "odoo-busy",
    "builtins.OSError": "odoo-busy",
}
_ITEM: Final = {
    "access": "odoo-access",
    "unknown-record": "odoo-missing-record",
    "unknown-model": "odoo-not-found",
    "unknown-field": "odoo-bad-call",
    "bad-value": "odoo-bad-call",
    "bad-domain": "odoo-bad-call",
    "bad-request": "odoo-bad-call",
}
_BAD_FIELD: Final = re.compile(r"Invalid field '(\w+)'")
_NO_MODEL: Final = re.compile(r"Object \S+ doesn't exist")
_HINTS: Final = {
    "odoo-login": "; check the API key, whether it has expired, and the login and database of the odoo-server",
}


class OdooRefusedError(NodeError):
    """Odoo has refused a call, and will refuse it again.

    Args:
        reason: What we wanted, and Odoo's own sentence.
        code: ``odoo-access``, ``odoo-missing-record``, ``odoo-validation``, ``odoo-refused``, ``odoo-not-found``
            (a model or method), or ``odoo-bad-call`` (a field, an argument, or an error in Odoo's own code).
        detail: Facts.

    Attributes:
        sentence: What Odoo says, as it says it.
        name: Odoo's name for it, such as ``odoo.exceptions.ValidationError``; empty where it gave none.
    """

    def __init__(self, reason: str, *, code: str, detail: Mapping[str, Any]) -> None:
        super().__init__(reason, code=code, detail=detail)
        self.sentence: str = self.detail.get("message", "")
        self.name: str = self.detail.get("name", "")


class OdooAwayError(TransientError):
    """Odoo cannot do it now.

    Args:
        reason: What we wanted, and what Odoo says.
        code: ``odoo-conflict`` (others write to the same records), ``odoo-busy``, ``odoo-database`` (its PostgreSQL),
            ``odoo-login`` (the key is not taken) or ``odoo-address`` (what answers is not that Odoo). The last two
            need somebody's hand, but are no fault of the message: it waits.
        detail: Facts.
        retry_after: Seconds that the server asked us to wait.

    Attributes:
        sentence: What Odoo says, as it says it.
        name: Odoo's name for it; empty where it gave none.
    """

    def __init__(self, reason: str, *, code: str, detail: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(reason, code=code, detail=detail, retry_after=retry_after)
        self.sentence: str = self.detail.get("message", "")
        self.name: str = self.detail.get("name", "")


def of_exception(where: str, name: str, sentence: str, status: int) -> OdooRefusedError | OdooAwayError:
    """Return the error for an exception that Odoo names.

    Args:
        where: What was called, such as ``maintenance.equipment.write``.
        name: Its Python name, with the module.
        sentence: Its text.
        status: HTTP status of the answer.
    """
    sentence = shown(sentence) or name
    method = where.rpartition(".")[2]
    detail = {"name": name, "message": sentence, "status": status}
    code = _TRANSIENT.get(name)
    if code is None and name.startswith("werkzeug.") and (status == 429 or status >= 500):
        code = "odoo-busy"
    if code is not None:
        return OdooAwayError(f"{where}: {sentence}{_HINTS.get(code, '')}", code=code, detail=detail)
    code = _FINAL.get(name, "odoo-bad-call")
    # JSON-RPC has no words of its own for a model or a method that there is not.
    if (name == "builtins.AttributeError" and method in sentence) or _NO_MODEL.fullmatch(sentence):
        code = "odoo-not-found"
    return OdooRefusedError(f"{where}: {sentence}", code=code, detail=detail)


def of_status(where: str, status: int, reason: str, retry_after: float | None) -> OdooRefusedError | OdooAwayError:
    """Return the error for an answer that is none of Odoo's own.

    Args:
        where: What was called.
        status: HTTP status of the answer.
        reason: The words beside it, or what is wrong with the body.
        retry_after: Seconds that the server asked us to wait.
    """
    detail = {"status": status, "message": reason}
    said = f"{where}: the server answers {status} {reason}".rstrip()
    if status in {408, 425, 429} or status >= 500:
        return OdooAwayError(said, code="odoo-busy", detail=detail, retry_after=retry_after)
    if status in {401, 403}:
        return OdooAwayError(f"{said}{_HINTS['odoo-login']}", code="odoo-login", detail=detail)
    if status in {200, 404} or 300 <= status < 400:
        return OdooAwayError(
            f"{said}, which is no answer of Odoo's API; check base_url and database of the odoo-server",
            code="odoo-address",
            detail=detail,
        )
    return OdooRefusedError(said, code="odoo-bad-call", detail=detail)


def of_item(where: str, code: str, sentence: str, *, retry: bool) -> OdooRefusedError | OdooAwayError:
    """Return the error for one item of a batch that the addon could not take.

    Args:
        where: What it was of.
        code: The addon's word code.
        sentence: Its sentence.
        retry: Whether it says that trying again may help.
    """
    detail = {"name": code, "message": shown(sentence)}
    said = ": ".join(part for part in (where, shown(sentence) or code) if part)
    if retry:
        return OdooAwayError(said, code="odoo-conflict", detail=detail)
    return OdooRefusedError(said, code=_ITEM.get(code, "odoo-refused"), detail=detail)


def bad_field(error: OdooRefusedError | OdooAwayError) -> str:
    """Return the field that Odoo says a model has not; empty where it says no such thing."""
    found = _BAD_FIELD.search(error.sentence)
    return found[1] if found else ""


def shown(sentence: str) -> str:
    """Return a sentence of Odoo, cut where it is longer than anybody reads."""
    sentence = sentence.strip()
    return sentence if len(sentence) <= LONGEST_SENTENCE else f"{sentence[: LONGEST_SENTENCE - 1]}…"
