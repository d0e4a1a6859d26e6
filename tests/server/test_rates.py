import asyncio

import pytest

from flowengine.graph import FlowPlan
from flowengine.message import Delivery
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.server.counts import Counts
from flowengine.server.rates import Rates, Totals
from flowengine.storage import Entry, Store
from flowengine.testing import VirtualClock


async def test_rates_are_averages_over_the_seconds_asked_for() -> None:
    clock = VirtualClock()
    store = await Store.open("sqlite://", clock=clock.time)
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        await engine.deploy(Deployment({"a": FlowPlan("a", {})}, {}))
        rates = Rates(engine)
        sampling = asyncio.create_task(rates.run())
        await asyncio.sleep(0)
        for second in range(20):
            for _ in range(100 if second < 15 else 10):
                Delivery(engine.flows["a"].account).release()
            await clock.advance(1)
        assert rates.read(5)["a"] == Totals(10, 10, 0, 0)
        assert rates.read(10)["a"].received == pytest.approx(55)
        assert rates.read(60)["a"].received == pytest.approx(1550 / 20)
        await engine.deploy(Deployment({}, {}))
        await engine.deploy(Deployment({"a": FlowPlan("a", {})}, {}))
        Delivery(engine.flows["a"].account).release()
        assert rates.read(5)["a"].received == pytest.approx(1 / 5)
        sampling.cancel()
    await store.close()


async def test_counts_are_asked_for_again_only_when_they_are_old() -> None:
    clock = VirtualClock()
    store = await Store.open("sqlite://", clock=clock.time)
    counts = Counts(store, clock, fresh=5)
    assert (await counts.read()).outbox == []
    await store.outbox.put(Entry("a", "room", b"{}"))
    await clock.advance(4)
    assert (await counts.read()).outbox == []
    await clock.advance(1)
    assert [(one.flow, one.pending) for one in (await counts.read()).outbox] == [("a", 1)]
    await store.close()
