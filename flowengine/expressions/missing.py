"""The absence of a value, which is not the same as null."""

from enum import Enum
from typing import Final, Literal


class Missing(Enum):
    """Type of ``MISSING``, its only member."""

    MISSING = "missing"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING
"""Nothing is there: the path matches nothing, the expression is undefined, the name is unknown."""
