"""News told to the addon: many in one request, one bad one alone, each device in order."""

import pytest

from flowengine.node import TransientError
from flowengine_nodes.demo.odoo_stand_in import Fault, Misbehaviour, OdooStandIn
from flowengine_nodes.odoo.odoo_webhook import OdooWebhook
from flowengine_nodes.odoo.odoo_write import OdooWrite
from tests.nodes.odoo.conftest import Site, real_site, stand_in_site
from tests.nodes.odoo.nodes import EQUIPMENT, codes, harness, message, work, written
from tests.odoo_server import Odoo

pytestmark = pytest.mark.timeout(180)


async def test_webhook_tells_many_things_in_one_request(stand_in: OdooStandIn) -> None:
    async with harness(OdooWebhook, stand_in_site(stand_in).config) as node:
        messages = [
            message(node, device="a", payload={"presence": {"online": True}}),
            message(node, device="b", payload=[{"sequence": 1}, {"sequence": 2}]),
            message(node, payload=[{"rollout": {"id": "r"}}]),
            message(node, device="b", payload={"sequence": 0}),
            message(node, payload={"presence": {"online": True}}),
            message(node, device="c", payload="hot"),
        ]
        errors = await node.node.receive_batch(messages)
        assert codes(errors) == ["", "", "", "odoo-refused", "invalid-news", "invalid-news"]
    assert (stand_in.news, stand_in.received, stand_in.answers) == ({"presence": 1, "rollout": 1}, 2, {200: 1})


async def test_webhook_leaves_what_cannot_be_told_now(stand_in: OdooStandIn) -> None:
    async with harness(OdooWebhook, stand_in_site(stand_in).config) as node:
        stand_in.misbehave(Misbehaviour(fault=Fault.BUSY, retry_after=3, requests=1))
        errors = await work(node, {"sequence": 1}, {"sequence": 2}, device="a")
        assert codes(errors) == ["odoo-busy", "odoo-busy"]
        assert [error.retry_after for error in errors if isinstance(error, TransientError)] == [3.0, 3.0]
        stand_in.misbehave(Misbehaviour(fault=Fault.REFUSE, requests=1))
        # Nobody knows which of them is meant: each is told alone.
        assert codes(await work(node, {"sequence": 1}, {"sequence": 2}, device="a")) == ["", ""]
    assert stand_in.answers == {429: 1, 400: 1, 200: 2}


async def test_webhook_waits_for_the_addon_or_does_without() -> None:
    config = {"without_addon": "drop"}
    async with (
        OdooStandIn(addon=False) as server,
        harness(OdooWebhook, stand_in_site(server).config, config) as node,
    ):
        assert codes(await work(node, {"sequence": 1}, device="a")) == [""]
        assert node.dropped == {"no-addon": 1}


@pytest.mark.odoo
async def test_webhook_and_writes_reach_the_addon(odoo: Odoo) -> None:
    (profile,) = odoo.call("iiot.device.profile", "create", [{"code": "p", "name": "P"}])
    ids = odoo.call(EQUIPMENT, "create", [{"name": "one"}, {"name": "two"}])
    odoo.call(
        "iiot.device",
        "create",
        [{"device_id": "d", "name": "d", "serial_number": "d", "profile_id": profile, "lifecycle": "active"}],
    )
    site: Site = real_site(odoo, "bridge")
    async with harness(OdooWebhook, site.config) as node:
        errors = await work(
            node, {"presence": {"online": True, "since": 1_700_000_000.0}}, {"presence": {"online": 5}}, device="d"
        )
        assert codes(errors)[0] == ""
        assert codes(errors)[1] != ""
    (device,) = odoo.call("iiot.device", "search_read", [["device_id", "=", "d"]], ["connection_status"])
    assert device["connection_status"] == "online"
    async with harness(OdooWrite, site.config) as node:
        errors = await work(
            node,
            written(ids[0], cost=1),
            written(ids[0], cost=2, device="stranger"),
            written(ids[1], cost="hot"),
            written(ids[1], partner_ref="kept"),
            written(999_999, cost=1),
            written(ids[1], nope=1),
        )
        assert codes(errors) == ["", "", "odoo-bad-call", "", "odoo-missing-record", "odoo-bad-call"]
        counts = {metric.name: metric.value for metric in node.node.metrics()}
    found = odoo.call(EQUIPMENT, "search_read", [["id", "in", ids]], ["cost", "partner_ref"], order="id")
    assert [(row["cost"], row["partner_ref"]) for row in found] == [(2.0, False), (0.0, "kept")]
    assert counts["odoo_calls"] <= 6


@pytest.mark.odoo
async def test_webhook_calls_an_automation_rule(plain_odoo: Odoo) -> None:
    (model,) = plain_odoo.call("ir.model", "search", [["model", "=", EQUIPMENT]])
    (id,) = plain_odoo.call(EQUIPMENT, "create", [{"name": "one"}])
    (rule,) = plain_odoo.call(
        "base.automation",
        "create",
        [
            {
                "name": "hook",
                "model_id": model,
                "trigger": "on_webhook",
                "action_server_ids": [
                    [0, 0, {"name": "set", "model_id": model, "state": "code", "code": "record['cost'] = 7"}]
                ],
            }
        ],
    )
    (read,) = plain_odoo.call("base.automation", "read", [rule], ["webhook_uuid"])
    site = real_site(plain_odoo, "engineer")
    async with harness(OdooWebhook, site.config, {"hook": read["webhook_uuid"]}) as node:
        assert codes(await work(node, {"_model": EQUIPMENT, "_id": id})) == [""]
    assert plain_odoo.call(EQUIPMENT, "read", [id], ["cost"])[0]["cost"] == 7.0
    async with harness(OdooWebhook, site.config, {"hook": "0a5b7f6e-0000-4000-8000-000000000000"}) as node:
        assert codes(await work(node, {"_model": EQUIPMENT, "_id": id})) == ["odoo-not-found"]
