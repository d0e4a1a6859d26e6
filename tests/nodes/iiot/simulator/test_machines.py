from itertools import pairwise

import pytest

from flowengine_nodes.iiot.simulator.machines import KINDS, Counter, Machine, Quantity

READINGS = 500


@pytest.mark.parametrize("kind", KINDS)
def test_machine_repeats_itself_for_the_same_seed_only(kind: str) -> None:
    def readings(seed: str) -> list[dict[str, float]]:
        machine = Machine(kind, seed, interval=1.0)
        return [machine.read() for _ in range(20)]

    assert readings("a") == readings("a")
    assert readings("a") != readings("b")


@pytest.mark.parametrize("kind", KINDS)
def test_machine_quantities_vary_around_their_mean(kind: str) -> None:
    machine = Machine(kind, "seed", interval=1.0)
    readings = [machine.read() for _ in range(READINGS)]
    for channel in KINDS[kind]:
        if not isinstance(channel, Quantity):
            continue
        values = [reading[channel.name] for reading in readings]
        # The drift's standard deviation settles near seven of its single steps.
        reach = channel.swing + 5 * (7 * channel.drift + channel.noise) + 10**-channel.digits
        assert all(abs(value - channel.mean) <= reach for value in values)
        assert len(set(values)) > 5


@pytest.mark.parametrize("kind", [kind for kind in KINDS if isinstance(KINDS[kind][-1], Counter)])
def test_machine_counters_sum_up_their_rate(kind: str) -> None:
    machine = Machine(kind, "seed", interval=10.0)
    readings = [machine.read() for _ in range(READINGS)]
    counter = KINDS[kind][-1]
    assert isinstance(counter, Counter)
    values = [reading[counter.name] for reading in readings]
    assert all(later >= earlier for earlier, later in pairwise(values))
    total = sum(reading[counter.rate] for reading in readings) * 10 * counter.per_second
    assert values[-1] == pytest.approx(total, abs=10**-counter.digits)
