"""What a start loads, and what it leaves for later."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "library", ["uvicorn", "alembic", "networkx", "httpx", "aiohttp", "jsonschema", "cryptography"]
)
def test_run_loads_nothing_that_flows_do_not_need_at_once(library: str) -> None:
    program = "import sys, flowengine.cli.app, flowengine.cli.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert library not in done.stdout.split()
