"""The stand-in answers as a real Odoo did, and a real Odoo answers as it did when that was recorded."""

import asyncio
import json
from typing import Any

import pytest

from flowengine_nodes.demo.odoo_stand_in import OdooStandIn
from tests.nodes.odoo.recording import CALLS, FILE, NEWS, asked, headers_of
from tests.odoo_server import Odoo

pytestmark = pytest.mark.timeout(300)
RECORDED: dict[str, dict[str, Any]] = json.loads(FILE.read_text())


def shape(answer: dict[str, Any]) -> Any:
    """Return of an answer what a client goes by: not the words of a refusal."""
    body = answer["body"]
    if isinstance(body, dict):
        if "name" in body:
            return answer["status"], body["name"]
        if "results" in body:
            results = [(result["status"], result.get("code"), result.get("retry")) for result in body["results"]]
            return answer["status"], body["status"], results
        if "code" in body:
            return answer["status"], body["code"]
        if "version" in body:
            return answer["status"], str(body["version"])[:2]
        if "messages" in body:
            return answer["status"], body["ids"], len(body["messages"])
    return answer["status"], body


async def test_stand_in_answers_calls_as_odoo_does() -> None:
    async with OdooStandIn(addon=False) as server:
        answers = await asyncio.to_thread(asked, server.url, {}, CALLS)
    assert {name: shape(one) for name, one in answers.items()} == {
        name: shape(one) for name, one in RECORDED["calls"].items()
    }


async def test_stand_in_answers_news_as_the_addon_does() -> None:
    async with OdooStandIn() as server:
        answers = await asyncio.to_thread(asked, server.url, {}, NEWS)
    assert {name: shape(one) for name, one in answers.items()} == {
        name: shape(one) for name, one in RECORDED["news"].items()
    }


@pytest.mark.odoo
def test_odoo_answers_calls_as_it_did(plain_odoo: Odoo) -> None:
    if not plain_odoo.version.startswith("19"):
        pytest.skip("JSON-2 comes with Odoo 19")
    assert asked(plain_odoo.url, headers_of(plain_odoo, "engineer"), CALLS) == RECORDED["calls"]


@pytest.mark.odoo
def test_addon_answers_news_as_it_did(odoo: Odoo) -> None:
    answers = asked(odoo.url, headers_of(odoo, "bridge"), NEWS)
    assert {name: shape(one) for name, one in answers.items()} == {
        name: shape(one) for name, one in RECORDED["news"].items()
    }
