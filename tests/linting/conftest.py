from pathlib import Path

import pytest

from tests.linting.workshop import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty folder of flows, with a linter and node types."""
    return Workshop(tmp_path)
