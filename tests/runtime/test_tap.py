"""A tap shows a few messages a second and leaves no trace."""

from flowengine.runtime import Event
from flowengine.runtime.tap import PER_SECOND, TapPlace, Taps
from tests.runtime.stand import FLOW, Sink, Source, Stand, Worker, node, plan

PLAN = plan(node(Source, "in"), node(Worker, "work"), node(Sink, "out"), wires=["in -> work", "work -> out"])
PLACE = TapPlace(FLOW, "in", "out")


def emit(stand: Stand, count: int) -> None:
    source = stand["in"]
    for number in range(count):
        source.emit(source.out, {"payload": number})


async def test_tap_shows_at_most_so_many_messages_a_second(stand: Stand) -> None:
    await stand.deploy(PLAN)
    taps = Taps(stand.engine.flows, stand.clock)
    seen: list[Event] = []
    with taps.watch(PLACE, seen.append):
        emit(stand, 1_000)
        assert [one.data["message"]["payload"] for one in seen] == list(range(PER_SECOND))
        assert [one.data["sent"] for one in seen] == list(range(1, PER_SECOND + 1))
        await stand.advance(1)
        emit(stand, 1_000)
        assert len(seen) == 2 * PER_SECOND
        assert seen[PER_SECOND].data["sent"] == 1_001
    await stand.advance(1)
    emit(stand, 1)
    assert len(seen) == 2 * PER_SECOND
    assert stand.engine.flows[FLOW].account.received == 2_001


async def test_tap_that_has_seen_enough_stands_in_nobodys_way(stand: Stand) -> None:
    await stand.deploy(PLAN)
    port = stand["in"].out
    before = port.deliver
    with Taps(stand.engine.flows, stand.clock).watch(PLACE, lambda _: None):
        assert port.deliver != before
        emit(stand, PER_SECOND)
        assert port.deliver == before
        await stand.advance(1)
        assert port.deliver != before
    assert port.deliver == before


async def test_two_who_watch_one_port_share_its_tap(stand: Stand) -> None:
    await stand.deploy(PLAN)
    taps = Taps(stand.engine.flows, stand.clock)
    one: list[Event] = []
    other: list[Event] = []
    with taps.watch(PLACE, one.append):
        with taps.watch(PLACE, other.append):
            emit(stand, 1)
        emit(stand, 1)
    assert (len(one), len(other)) == (2, 1)


async def test_tap_follows_a_deploy_and_a_flow_that_comes_later(stand: Stand) -> None:
    taps = Taps(stand.engine.flows, stand.clock)
    seen: list[Event] = []
    with taps.watch(PLACE, seen.append):
        await stand.deploy(PLAN)
        await stand.advance(1)
        emit(stand, 1)
        assert len(seen) == 1
        fewer = plan(node(Source, "in"), node(Sink, "out"), wires=["in -> out"])
        await stand.deploy(fewer)
        rejoined = stand["in"].out.deliver
        await stand.advance(1)
        emit(stand, 1)
        assert len(seen) == 2
    assert stand["in"].out.deliver == rejoined
