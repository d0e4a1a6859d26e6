"""What a start loads, and what it leaves for later."""

import subprocess
import sys

import pytest

FLOWS = "import sys, flowengine.cli.app, flowengine.cli.run"
SERVER = f"{FLOWS}, flowengine.server.http_server as _; from flowengine.server.pack_endpoints import pack_endpoints"


@pytest.mark.parametrize(
    "library", ["uvicorn", "alembic", "networkx", "httpx", "aiohttp", "jsonschema", "cryptography"]
)
def test_run_loads_nothing_that_flows_do_not_need_at_once(library: str) -> None:
    assert library not in _loaded(FLOWS)


def test_server_loads_nothing_that_only_some_flows_or_requests_need() -> None:
    loaded = _loaded(f"{SERVER}; pack_endpoints(())")
    assert {"uvicorn", "flowengine_nodes.iiot.admin.endpoints"} <= loaded
    assert not loaded & {
        "aiohttp",
        "alembic",
        "cryptography",
        "flowengine.testing",
        "httpx",
        "jinja2",
        "jsonata",
        "jsonpath_ng",
        "jsonschema",
        "networkx",
        "prometheus_client",
        "segno",
        "sqlalchemy.orm",
    }


def _loaded(program: str) -> set[str]:
    program = f"{program}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())
