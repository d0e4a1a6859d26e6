"""What the bridge tells of commands, updates and rollouts, read and applied item by item."""

import logging
from datetime import datetime, timezone

import psycopg2
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)


class NewsError(Exception):
    """An item cannot be applied.

    Args:
        code: Why, as a word code.
        message: The same as a sentence.
        retry: Whether it may be sent again later.
    """

    def __init__(self, code, message, retry=False):  # noqa: FBT002 - by name wherever it is given
        super().__init__(message)
        self.code = code
        self.retry = retry


def apply_each(env, items, apply):
    """Apply items, so that one that cannot be applied takes none of the others with it.

    Args:
        env: Environment of the transaction.
        items: The items.
        apply: Applies one.

    Returns:
        For each item None, or what was wrong with it: `{"code", "message", "retry"}`.
    """
    try:
        with env.cr.savepoint():
            for item in items:
                apply(item)
    except psycopg2.OperationalError:
        # Another transaction has got in between: the whole request is made again.
        raise
    except Exception:  # noqa: BLE001 - found, and told of, one by one below
        env.invalidate_all()
    else:
        return [None] * len(items)
    return [_apply_one(env, item, apply) for item in items]


def _apply_one(env, item, apply):
    try:
        with env.cr.savepoint():
            apply(item)
    except psycopg2.OperationalError:
        raise
    except NewsError as error:
        return {"code": error.code, "message": str(error), "retry": error.retry}
    except UserError as error:
        return {"code": "refused", "message": str(error), "retry": False}
    except Exception as error:
        _logger.exception("news from the IIoT bridge could not be applied: %.500r", item)
        return {"code": "error", "message": f"{type(error).__name__}: {error}", "retry": False}
    return None


def moment(value):
    """Return the time that the bridge has written, as Odoo keeps it; False for none.

    Raises:
        NewsError: It is no time.
    """
    if value is None:
        return False
    try:
        if isinstance(value, int | float):
            found = datetime.fromtimestamp(value, timezone.utc)
        else:
            found = datetime.fromisoformat(value.replace("Z", "+00:00"))  # noqa: FURB162 - Python 3.10 knows no Z
    except (ValueError, AttributeError, TypeError, OverflowError) as error:
        raise NewsError("bad-news", f"{value!r} is no time") from error
    if found.tzinfo is not None:
        found = found.astimezone(timezone.utc).replace(tzinfo=None)
    return found.replace(microsecond=0)
