"""Devices that misbehave in every way at once: nothing stops, nothing is lost, and the books balance."""

from pathlib import Path

import pytest

from flowengine_nodes.iiot.simulator.behaviour import Behaviour
from flowengine_nodes.iiot.simulator.registration import names
from tests.mosquitto import Mosquitto
from tests.nodes.iiot.plant import running_plant, until, until_true

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

READINGS = 1_000
TWO_MONTHS = 60 * 86_400.0
MISCHIEF = Behaviour(drop=0.1, duplicate=0.15, reorder=0.15, garbage=0.1, sensor_faults=0.02, clock_drift=TWO_MONTHS)
# Of garbage, what is no JSON, and what is JSON without anything in it.
NO_SENSE = {"invalid-payload", "missing-value"}


async def test_plant_keeps_its_books_whatever_devices_do(tmp_path: Path, mosquitto: Mosquitto) -> None:
    async with running_plant(tmp_path, mosquitto) as plant:
        async with await plant.fleet(names(16), MISCHIEF, interval=0.05, storm=1.0) as fleet:
            await until(lambda: fleet.totals.readings > READINGS, 40)
            totals = await fleet.stop()
        await until_true(plant.is_quiet)
        assert totals.acknowledged == totals.sent
        assert min(totals.withheld, totals.repeated, totals.garbage, totals.sensor_faults, totals.disconnects) > 0
        # What came again beside what was repeated on purpose was on its way when a storm broke (MQTT 5.0 §4.4).
        assert plant.odoo.received == totals.sent
        assert plant.odoo.duplicates >= totals.repeated
        letters = await plant.service.engine.world.store.dead_letters.list(limit=10_000)
        assert {(one.flow, one.node) for one in letters} == {("telemetry", "map")}
        assert {one.error_code for one in letters} <= NO_SENSE
        assert all(one.error_text for one in letters)
        assert len(letters) >= totals.garbage
        cells = plant.service.engine.flows["telemetry"].cells
        assert cells["map"].received == plant.odoo.received + plant.odoo.duplicates + len(letters)
        assert cells["not-mapped"].received == 0
        for flow in plant.service.engine.flows.values():
            assert (flow.state, flow.problem) == ("running", "")
            account = flow.account
            assert account.received == account.settled + account.failed
