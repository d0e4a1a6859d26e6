"""Methods called, and records found."""

from flowengine_nodes.odoo.odoo_call import OdooCall
from flowengine_nodes.odoo.odoo_search import OdooSearch
from tests.nodes.odoo.conftest import Site
from tests.nodes.odoo.nodes import EQUIPMENT, harness, message


async def test_call_sends_on_what_a_method_returns(site: Site) -> None:
    async with harness(OdooCall, site.config) as node:
        arguments = {"vals_list": [{"name": "called", "cost": 3.0}]}
        payload = {"model": EQUIPMENT, "method": "create", "arguments": arguments}
        await node.node.receive(message(node, payload=payload))
        (id,) = node.take()[0].fields["payload"]
        payload = {"model": EQUIPMENT, "method": "write", "ids": id, "arguments": {"vals": {"cost": 4.0}}}
        await node.node.receive(message(node, payload=payload))
        assert node.take()[0].fields["payload"] is True
    client = site.client()
    assert await client.search_read(EQUIPMENT, [["id", "=", id]], ["cost"]) == [{"id": id, "cost": 4.0}]
    await client.close()


async def test_search_reads_in_pages_up_to_its_limit(site: Site) -> None:
    client = site.client()
    ids = await client.create(EQUIPMENT, [{"name": f"found {number}"} for number in range(7)])
    await client.close()
    config = {"model": EQUIPMENT, "domain": [["id", "in", "{payload.ids}"]], "fields": ["name"], "page": 3}
    async with harness(OdooSearch, site.config, config) as node:
        await node.node.receive(message(node, payload={"ids": ids}))
        (sent,) = node.take()
        assert [row["name"] for row in sent.fields["payload"]] == [f"found {number}" for number in range(7)]
        assert sent.fields["count"] == 7
    async with harness(OdooSearch, site.config, config | {"limit": 5, "result": "messages"}) as node:
        await node.node.receive(message(node, payload={"ids": ids}))
        assert [sent.fields["payload"]["id"] for sent in node.take()] == ids[:5]
    async with harness(OdooSearch, site.config, config | {"result": "first"}) as node:
        await node.node.receive(message(node, payload={"ids": [999_999]}))
        assert node.take()[0].fields["payload"] is None
