from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from flowengine_nodes.odoo.client.client import OdooClient
from flowengine_nodes.odoo.client.odoo_http import Address
from tests.odoo_server import Odoo, odoo, odoo_cluster, own_odoo, plain_odoo, plain_odoo_cluster

__all__ = ["odoo", "odoo_cluster", "own_odoo", "plain_odoo", "plain_odoo_cluster"]

NOW = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Site:
    """An Odoo, or what stands in for it, as the nodes are told of it.

    Attributes:
        config: Settings of an odoo-server.
    """

    config: dict[str, Any]

    def client(self, **settings: Any) -> OdooClient:
        """Return a client of it."""
        config = {**self.config, **settings}
        address = Address(config["base_url"], config["database"], config["login"], config["api_key"], timeout=30.0)
        return OdooClient(address, lambda: NOW, rpc=config.get("rpc", ""))


@pytest.fixture
async def stand_in() -> AsyncIterator[OdooStandIn]:
    """A stand-in with the addon."""
    async with OdooStandIn() as server:
        yield server


def stand_in_site(server: OdooStandIn) -> Site:
    return Site({"base_url": server.url, "database": "", "login": "", "api_key": "key"})


def real_site(server: Odoo, login: str, rpc: str = "") -> Site:
    config = {"base_url": server.url, "database": server.database, "login": login, "api_key": server.keys[login]}
    return Site({**config, "rpc": rpc} if rpc else config)


@pytest.fixture(
    params=[
        "stand-in",
        pytest.param("json-2", marks=[pytest.mark.odoo, pytest.mark.timeout(180)]),
        pytest.param("json-rpc", marks=[pytest.mark.odoo, pytest.mark.timeout(180)]),
    ]
)
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """Each way to talk to an Odoo without the addon: one contract for all."""
    if request.param == "stand-in":
        async with OdooStandIn(addon=False) as server:
            yield stand_in_site(server)
    else:
        yield real_site(request.getfixturevalue("plain_odoo"), "engineer", request.param)


@pytest.fixture
async def client(site: Site) -> AsyncIterator[OdooClient]:
    """A client of each."""
    client = site.client()
    yield client
    await client.close()
