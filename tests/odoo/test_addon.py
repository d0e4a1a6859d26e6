"""The addon's own tests, run by Odoo; and that it installs without a word of complaint."""

import re

import pytest

from tests.odoo_cluster import OdooCluster
from tests.odoo_installation import ADDON, faults


@pytest.mark.slow
def test_addon_installs_without_warnings_and_passes_its_own_tests(plain_odoo_cluster: OdooCluster) -> None:
    log = plain_odoo_cluster.test_addon(f"/{ADDON}")

    outcome = re.search(r"0 failed, 0 error\(s\) of (\d+) tests", log)
    assert outcome is not None
    assert int(outcome[1]) > 0
    assert not faults(log), "\n".join(faults(log))
