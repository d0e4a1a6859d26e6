from pathlib import Path

import pytest

from tests.testing.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty folder for flows and their tests."""
    return Bench(tmp_path)
