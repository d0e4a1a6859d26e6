import asyncio

from flowengine.graph import StagePlan
from flowengine.runtime import Engine, RouteTable
from flowengine.storage import Store
from flowengine.testing import VirtualClock
from tests.runtime.stand import Keeper, Sink, Source, Stand, Worker, node, plan


async def test_stop_waits_for_what_is_in_flight_up_to_the_deadline() -> None:
    clock = VirtualClock()
    store = await Store.in_memory(clock.time)
    async with Engine(store, RouteTable(), clock=clock, drain=10) as engine:
        stand = Stand(engine, store, clock)
        await stand.deploy(
            plan(node(Source, "in"), node(Worker, "work"), node(Sink, "out"), wires=["in -> work", "work -> out"])
        )
        source, sink, account = stand["in"], stand["out"], stand.flow.account
        source.produce(payload=1, topic="a", seconds=3)
        source.produce(payload=2, topic="b", seconds=60)
        await stand.settle()
        stopping = asyncio.create_task(engine.stop())
        await stand.advance(9)
        assert not stopping.done()
        await stand.advance(2)
        await stopping
        assert sink.payloads == [1]
        assert source.stopped
        # The second was not answered for: whoever sent it still has it.
        assert [delivery.outcome.name for delivery in source.closed] == ["SETTLED"]
        assert account.in_flight == 1
    await store.close()


async def test_stop_leaves_the_outbox_to_the_next_run(tmp_path: object) -> None:
    clock = VirtualClock()
    url = f"sqlite:///{tmp_path}/store.db"
    flow = plan(
        node(Source, "in"),
        node(Worker, "work", stage=StagePlan(outbox=True)),
        node(Sink, "out"),
        wires=["in -> work", "work -> out"],
    )
    store = await Store.open(url, clock=clock.time)
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        stand = Stand(engine, store, clock)
        await stand.deploy(flow)
        for number in range(3):
            stand["in"].produce(payload=number, topic="a", seconds=60)
        await stand.settle()
        assert stand.balance()["settled"] == 3
    await store.close()

    store = await Store.open(url, clock=clock.time)
    async with Engine(store, RouteTable(), clock=clock, drain=0) as engine:
        stand = Stand(engine, store, clock)
        await stand.deploy(flow)
        await stand.advance(200)
        assert stand["out"].payloads == [0, 1, 2]
    await store.close()


async def test_stop_with_nothing_in_flight_takes_no_time(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), node(Keeper, "keep"), wires=["in -> keep"]))
    stand["in"].produce(payload=1)
    stand["keep"].let_go()
    await stand.engine.stop()
    assert stand.clock.monotonic() == 0
