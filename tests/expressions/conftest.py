from datetime import UTC, datetime
from typing import Any

import pytest

from flowengine.expressions import MISSING, StateScope


class FakeScope:
    """Surroundings whose values a test sets."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {"PLANT": "north"}
        self.states: dict[tuple[str, str], Any] = {
            ("node", "count"): 1,
            ("flow", "count"): 2,
            ("global", "count"): 3,
            ("node", "null"): None,
        }

    def env(self, name: str) -> Any:
        return self.variables.get(name, MISSING)

    def state(self, scope: StateScope, key: str) -> Any:
        return self.states.get((scope, key), MISSING)

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(scope="session")
def scope() -> FakeScope:
    return FakeScope()
