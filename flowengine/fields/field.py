"""The description of one field."""

from typing import Any

import pydantic
from pydantic_core import PydanticUndefined


def Field(default: Any = PydanticUndefined, *, description: str, **more: Any) -> Any:  # noqa: N802 - as pydantic's
    """Describe a field of a configuration: as pydantic's ``Field``, which it calls, but never without a description.

    A default is written as a user would write it, ``"$.payload"`` or ``"30s"``, and validated like a user's value.

    Args:
        default: The default; without one the field must be given.
        description: One sentence for the editor's form and the reference.
        more: Whatever else pydantic's ``Field`` takes: ``ge``, ``max_length``, ``title`` and so on.
    """
    return pydantic.Field(default, description=description, **more)
