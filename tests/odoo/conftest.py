import pytest

from tests.odoo_server import odoo, odoo_cluster, own_odoo, plain_odoo, plain_odoo_cluster

__all__ = ["odoo", "odoo_cluster", "own_odoo", "plain_odoo", "plain_odoo_cluster"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.odoo)
