from hypothesis import given
from hypothesis import strategies as st

from flowengine.testing import VirtualClock
from flowengine_nodes.iiot.pairing.tries import Flood, Standing, Tries


def new_tries(clock: VirtualClock, capacity: int = 100) -> Tries:
    return Tries(clock, per_serial=3, per_source=5, window=60, capacity=capacity)


def test_tries_reach_the_limit_of_a_serial_number() -> None:
    tries = new_tries(VirtualClock())
    standings = [tries.count("SN", f"source-{number}") for number in range(5)]
    assert standings == [Standing.WITHIN, Standing.WITHIN, Standing.LAST, Standing.BEYOND, Standing.BEYOND]
    assert tries.count("other", "source-9") is Standing.WITHIN


def test_tries_reach_the_limit_of_a_source() -> None:
    tries = new_tries(VirtualClock())
    standings = [tries.count(f"SN-{number}", "one") for number in range(6)]
    assert standings == [Standing.WITHIN] * 4 + [Standing.LAST, Standing.BEYOND]


async def test_counting_begins_anew_after_the_window() -> None:
    clock = VirtualClock()
    tries = new_tries(clock)
    for _ in range(4):
        tries.count("SN", "one")
    assert tries.retry_after("SN", "one") == 60
    assert list(tries.ended()) == []
    await clock.advance(60)
    assert list(tries.ended()) == [Flood("serial", "SN", 4)]
    assert list(tries.ended()) == []
    assert tries.count("SN", "one") is Standing.WITHIN


@given(st.lists(st.tuples(st.text(max_size=2), st.text(max_size=2)), max_size=200))
def test_tries_take_bounded_memory_and_tell_every_flood_once(given: list[tuple[str, str]]) -> None:
    tries = new_tries(VirtualClock(), capacity=7)
    for serial, source in given:
        tries.count(serial, source)
        assert len(tries) <= 7
    assert len(list(tries.ended())) <= 7
