"""What all requests and answers of the API build on; each is made ready when it is first used, not at the start."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from flowengine.fields.docstrings import Documented

RowId = Annotated[int, Field(ge=0, lt=2**63)]
"""Number of a row in the store."""


class Body(Documented):
    """The JSON object of a request: refuses unknown fields and coerces no types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Query(Documented):
    """The parameters behind the ``?``: refuses unknown ones, because one that is mistyped changes the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Answer(Documented):
    """The JSON object of an answer. Every field is always there."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=False, defer_build=True)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON value that is sent."""
        return self.model_dump(mode="json", by_alias=True)
