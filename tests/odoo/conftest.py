from pathlib import Path

import pytest

from tests.odoo_server import odoo, odoo_cluster, own_odoo, plain_odoo, plain_odoo_cluster

__all__ = ["odoo", "odoo_cluster", "own_odoo", "plain_odoo", "plain_odoo_cluster"]

# The first test of a run installs the addon.
SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.odoo)
            item.add_marker(pytest.mark.timeout(SECONDS))
