"""Records made, each once."""

from typing import Any

import pytest

from flowengine_nodes.demo.odoo_stand_in import Fault, Misbehaviour, OdooStandIn
from flowengine_nodes.odoo.odoo_create import OdooCreate
from tests.nodes.odoo.conftest import Site, real_site, stand_in_site
from tests.nodes.odoo.nodes import EQUIPMENT, codes, harness, work
from tests.odoo_server import Odoo

pytestmark = pytest.mark.timeout(180)


async def names(site: Site, domain: list[Any]) -> list[str]:
    client = site.client()
    try:
        return [row["name"] for row in await client.search_read(EQUIPMENT, domain, ["name"], order="id")]
    finally:
        await client.close()


async def test_create_makes_many_in_one_call_and_finds_the_bad_one(site: Site) -> None:
    async with harness(OdooCreate, site.config, {"model": EQUIPMENT}) as node:
        errors = await work(
            node, *({"name": f"many {number}"} for number in range(20)), {"name": False}, {"name": "x", "nope": 1}, 5
        )
        assert codes(errors) == [*[""] * 20, "odoo-validation", "odoo-bad-call", "invalid-values"]
        made = [sent.fields["record"] for sent in node.take()]
    assert await names(site, [["id", "in", made]]) == [f"many {number}" for number in range(20)]


async def test_create_makes_a_record_of_a_key_once(site: Site) -> None:
    config = {"model": EQUIPMENT, "key_field": "partner_ref"}
    async with harness(OdooCreate, site.config, config) as node:
        payloads = [{"name": f"keyed {number}", "partner_ref": f"key {number}"} for number in range(3)]
        assert codes(await work(node, *payloads, {"name": "again", "partner_ref": "key 0"}, {"name": "none"})) == [
            *[""] * 4,
            "invalid-values",
        ]
        first = [sent.fields["record"] for sent in node.take()]
        assert codes(await work(node, *payloads)) == [""] * 3
        assert [sent.fields["record"] for sent in node.take()] == first[:3]
        assert first[3] == first[0]
    assert await names(site, [["partner_ref", "like", "key "]]) == ["keyed 0", "keyed 1", "keyed 2"]


async def test_create_makes_none_twice_when_an_answer_is_lost(stand_in: OdooStandIn) -> None:
    site = stand_in_site(stand_in)
    server = {**site.config, "timeout": "300ms"}
    async with harness(OdooCreate, server, {"model": EQUIPMENT, "key_field": "partner_ref"}) as node:
        # The search before it is answered.
        stand_in.records.tables[EQUIPMENT][1] = {"name": "there", "partner_ref": "a"}
        stand_in.misbehave(Misbehaviour(fault=Fault.LOST_ANSWER, requests=2))
        assert codes(await work(node, {"name": "one", "partner_ref": "b"})) == ["http-timeout"]
        assert codes(await work(node, {"name": "one", "partner_ref": "b"})) == ["http-timeout"]
        assert codes(await work(node, {"name": "one", "partner_ref": "b"})) == [""]
    assert await names(site, [["partner_ref", "=", "b"]]) == ["one"]


@pytest.mark.odoo
async def test_create_knows_records_by_their_external_id(plain_odoo: Odoo) -> None:
    site = real_site(plain_odoo, "engineer")
    (category,) = plain_odoo.call("maintenance.equipment.category", "create", [{"name": "Pumps"}])
    config = {"model": EQUIPMENT, "external_id": "flowengine.e_{device}"}
    values = {"name": "one", "cost": 2.5, "category_id": category, "effective_date": "2026-03-01"}
    async with harness(OdooCreate, site.config, config) as node:
        assert codes(await work(node, values, device="a")) == [""]
        assert codes(await work(node, {**values, "name": "two"}, {**values, "cost": "hot"}, device="a b")) == [
            "invalid-values",
            "invalid-values",
        ]
        assert codes(await work(node, {**values, "cost": [1]}, device="b")) == ["odoo-bad-call"]
        assert codes(await work(node, {**values, "name": "again"}, device="a")) == [""]
        first, again = (sent.fields["record"] for sent in node.take())
        assert first == again
    (row,) = plain_odoo.call(EQUIPMENT, "read", [first], ["name", "cost", "category_id", "effective_date"])
    assert (row["name"], row["cost"], row["category_id"][0]) == ("again", 2.5, category)
    assert row["effective_date"] == "2026-03-01"
