"""Fields that hold an expression of one of the three languages."""

from typing import Annotated

from flowengine.expressions import Path, compile_path
from flowengine.fields.compiled import Compiled

JsonPath = Annotated[Path, Compiled(compile_path, Path, "json-path")]
"""A JSONPath, such as ``$.payload.temperature``; in Python a :class:`~flowengine.expressions.Path`."""
