"""The base of every model that users fill in."""

from pydantic import BaseModel, ConfigDict


class StrictConfig(BaseModel):
    """Refuse unknown names, validate defaults like values, and never change.

    Use it for the parts of a configuration, such as one rule of a list.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,
        arbitrary_types_allowed=False,
        populate_by_name=True,
    )
