from pathlib import Path

import pytest

from tests.conftest import MosquittoFactory
from tests.nodes.iiot.pairing.deployed_mosquitto import with_dynamic_security
from tests.nodes.iiot.pairing.site import Applicant, PairingSite, may_log_in

pytestmark = [pytest.mark.mosquitto]


async def test_device_pairs_over_mqtt_and_http(tmp_path: Path, new_mosquitto: MosquittoFactory) -> None:
    broker = with_dynamic_security(new_mosquitto())
    await broker.start()
    async with PairingSite(tmp_path, broker) as site:
        await site.shows("in place")
        token = await site.new_device("boiler-1")
        async with Applicant(broker) as applicant:
            answer = await applicant.ask(serial="SN-boiler-1", token=token, request_id="one")
        assert answer["device"] == "boiler-1"
        assert await may_log_in(broker, answer)
        assert not await may_log_in(broker, answer, password="wrong")
        assert not await may_log_in(broker, answer, identifier="other")
        token = await site.new_device("boiler-2")
        response = await site.post({"serial": "SN-boiler-2", "token": token})
        assert response.status_code == 200, response.text
        assert await may_log_in(broker, response.json())
