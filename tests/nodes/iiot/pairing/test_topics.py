"""Devices are told what the engine uses."""

import json
from pathlib import Path
from typing import Any

import pytest

from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.topics import Topics
from tests.conftest import MosquittoFactory
from tests.nodes.iiot.pairing.site import Applicant, PairingSite


def test_topic_of_a_profile_comes_before_the_usual_one_and_a_default_does_not() -> None:
    usual = Topics.model_validate({"telemetry": "plant/{device}", "command": "do/{device}"})
    own = Topics.model_validate({"telemetry": "telemetry/{device}/data", "command": "mine/{device}"})
    both = own.beside(usual)
    assert (both.telemetry.text, both.command.text) == ("plant/{device}", "mine/{device}")
    assert both.presence == Topics().presence


@pytest.mark.mosquitto
async def test_device_is_told_the_topics_that_the_engine_uses(tmp_path: Path, new_mosquitto: MosquittoFactory) -> None:
    broker = new_mosquitto()
    await broker.start()
    variables = {
        "MQTT_CONFIG_REQUEST_TOPIC": "plant/ask",
        "MQTT_CONFIG_RESPONSE_TOPIC": "plant/{device}/configuration",
        "MQTT_TELEMETRY_TOPIC_TEMPLATE": "plant/{device}/values",
        "MQTT_COMMAND_TOPIC_TEMPLATE": "plant/{device}/do",
    }
    async with PairingSite(tmp_path, broker, mode="shared", **variables) as site:
        token = await site.new_device("boiler-1")
        await site.registry.profiles.save(Profile.model_validate({"id": "own", "topics": {"telemetry": "own"}}), "test")
        async with Applicant(broker) as applicant:
            await applicant.client.subscribe("plant/boiler-1/configuration", qos=1)
            request = {"serial": "SN-boiler-1", "token": token}
            await applicant.client.publish("plant/ask", json.dumps(request), qos=1)
            answer: dict[str, Any] = await applicant.answer()
        topics = answer["topics"]
        assert topics["config_request"] == "plant/ask"
        assert topics["config_response"] == "plant/boiler-1/configuration"
        assert topics["telemetry"] == "plant/boiler-1/values"
        assert topics["command"] == "plant/boiler-1/do"
        assert topics["ota_notify"] == "ota/boiler-1/notify"
        of_its_own = site.registry.topics_of(await site.registry.profiles.get("own"))
        assert (of_its_own.telemetry.text, of_its_own.command.text) == ("own", "plant/{device}/do")
