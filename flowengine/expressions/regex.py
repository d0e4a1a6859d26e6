"""Regular expressions of flows: Python's, searched anywhere in a text."""

import re
from functools import lru_cache

from flowengine.expressions.errors import RegexError

MAX_LENGTH = 1_000


@lru_cache(maxsize=1024)
def compile_regex(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a regular expression.

    Python cannot interrupt a search: an expression that backtracks without end holds up the loop.

    Raises:
        RegexError: With the column of the mistake.
    """
    if len(text) > MAX_LENGTH:
        raise RegexError(text, f"longer than {MAX_LENGTH} characters", column=MAX_LENGTH + 1)
    try:
        return re.compile(text, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError) as error:
        reason = getattr(error, "msg", str(error))
        raise RegexError(
            text, reason, line=getattr(error, "lineno", None) or 1, column=getattr(error, "colno", None) or 1
        ) from None
