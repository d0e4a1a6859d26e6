"""What stands in for Odoo, as a worker: it counts what arrives."""

from typing import Any

from bench.worker import Order, serve
from flowengine_nodes.demo.odoo_stand_in import OdooStandIn


async def prepare() -> dict[str, Order]:
    odoo = OdooStandIn()
    # It ends with the worker's process.
    await odoo.__aenter__()

    async def url() -> dict[str, Any]:
        return {"url": odoo.url}

    async def counts() -> dict[str, Any]:
        return {"received": odoo.received, "duplicates": odoo.duplicates, "news": dict(odoo.news)}

    return {"url": url, "counts": counts}


if __name__ == "__main__":
    serve(prepare)
