from flowengine_nodes.network.mqtt.keep_alive import KeepAlive
from tests.network.mqtt.peer import FakeTimers


def test_keep_alive_probes_and_gives_up_on_silence() -> None:
    timers = FakeTimers()
    happened: list[str] = []
    keep_alive = KeepAlive(
        60, 10, timers, probe=lambda: happened.append("ping"), give_up=lambda: happened.append("dead")
    )
    timers.advance(31)
    assert happened == ["ping"]
    keep_alive.was_heard = True
    timers.advance(30)
    assert happened == ["ping", "ping"]
    timers.advance(8)
    assert happened == ["ping", "ping"]
    timers.advance(2)
    assert happened == ["ping", "ping", "dead"]
    assert timers.planned == 0


def test_keep_alive_pings_at_least_once_an_interval_whatever_the_timeout() -> None:
    for timeout in (1, 10, 29, 30, 45):
        timers = FakeTimers()
        pings: list[float] = []
        keep_alive = KeepAlive(60, timeout, timers, probe=lambda: pings.append(timers.now), give_up=lambda: None)  # noqa: B023 - used within the loop
        for _ in range(600):
            keep_alive.was_heard = True
            timers.advance(1)
        assert all(later - earlier <= 60 for earlier, later in zip([0.0, *pings], pings, strict=False))
        keep_alive.stop()
        assert timers.planned == 0


def test_keep_alive_does_not_judge_what_is_not_read() -> None:
    timers = FakeTimers()
    happened: list[str] = []
    keep_alive = KeepAlive(
        20, 5, timers, probe=lambda: happened.append("ping"), give_up=lambda: happened.append("dead")
    )
    keep_alive.is_deaf = True
    timers.advance(100)
    assert set(happened) == {"ping"}
    keep_alive.is_deaf = False
    timers.advance(20)
    assert happened[-1] == "dead"


def test_keep_alive_zero_never_probes() -> None:
    timers = FakeTimers()
    KeepAlive(0, 10, timers, probe=lambda: None, give_up=lambda: None)
    assert timers.planned == 0
