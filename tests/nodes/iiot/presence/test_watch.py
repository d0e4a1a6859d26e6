from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.presence.patience import Patience
from flowengine_nodes.iiot.presence.watch import Change, Watch


def test_first_sign_of_a_device_is_a_change_and_the_next_is_none() -> None:
    watch = Watch(5)
    assert watch.came("a", 1, "heard") == Change("a", online=True, at=1, cause="heard")
    assert watch.came("a", 2, "announced") is None
    assert watch.is_online("a")


def test_device_that_left_is_offline_since_it_left_once_it_has_had_its_time() -> None:
    watch = Watch(5)
    watch.recall("a", online=True)
    watch.recall("b", online=True)
    assert watch.left("a", 10) is None
    assert watch.left("b", 12) is None
    assert watch.left("a", 14) is None
    assert watch.settled(14.9) == []
    assert watch.is_online("a")
    assert watch.settled(15) == [Change("a", online=False, at=10, cause="announced")]
    assert watch.settled(100) == [Change("b", online=False, at=12, cause="announced")]
    assert watch.settled(100) == []


def test_device_that_comes_back_in_time_was_never_gone() -> None:
    watch = Watch(5)
    watch.recall("a", online=True)
    watch.left("a", 10)
    assert watch.came("a", 14, "heard") is None
    assert watch.settled(100) == []


def test_device_of_which_nothing_was_known_is_offline_at_once() -> None:
    watch = Watch(5)
    assert watch.left("a", 10) == Change("a", online=False, at=10, cause="announced")
    assert watch.left("a", 11) is None
    assert watch.settled(100) == []


def test_silent_device_is_offline_once_even_if_it_had_left() -> None:
    watch = Watch(5)
    assert watch.silent("a", 1) is None
    watch.recall("a", online=True)
    watch.left("a", 10)
    assert watch.silent("a", 11) == Change("a", online=False, at=11, cause="silent")
    assert watch.settled(100) == []


def test_clock_that_is_set_back_keeps_nobody_from_going() -> None:
    watch = Watch(5)
    watch.recall("a", online=True)
    watch.left("a", 1000)
    assert watch.settled(10) == [Change("a", online=False, at=1000, cause="announced")]


def test_forgotten_device_is_unknown() -> None:
    watch = Watch(5)
    watch.recall("a", online=True)
    watch.left("a", 1)
    watch.forget("a")
    assert watch.settled(100) == []
    assert list(watch) == []


@given(st.lists(st.tuples(st.sampled_from(["came", "left", "silent", "wait"]), st.sampled_from("ab")), max_size=40))
def test_changes_of_a_device_always_alternate(events: list[tuple[str, str]]) -> None:
    watch = Watch(3)
    told: dict[str, list[bool]] = {"a": [], "b": []}
    for now, (event, device) in enumerate(events):
        match event:
            case "came":
                changes = [watch.came(device, now, "heard")]
            case "left":
                changes = [watch.left(device, now)]
            case "silent":
                changes = [watch.silent(device, now)]
            case _:
                changes = []
        for change in [*changes, *watch.settled(now)]:
            if change is not None:
                told[change.device].append(change.online)
                assert watch.is_online(change.device) is change.online
    for states in told.values():
        assert all(one is not other for one, other in pairwise(states))


def test_patience_begins_anew_when_nobody_could_be_heard() -> None:
    patience = Patience(1000, 0)
    assert not patience.lasts(60, 59)
    assert patience.lasts(60, 60)
    patience.look(1070, 70, deaf=True)
    assert not patience.lasts(60, 129)
    assert patience.lasts(60, 130)


def test_patience_begins_anew_when_the_clock_jumps() -> None:
    patience = Patience(1000, 0)
    patience.look(1058, 60, deaf=False)
    assert patience.lasts(60, 60)
    patience.look(4600, 61, deaf=False)
    assert not patience.lasts(60, 100)
    patience.look(4640, 101, deaf=False)
    assert patience.lasts(60, 121)
