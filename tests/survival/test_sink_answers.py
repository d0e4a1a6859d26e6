"""Whatever a sink answers: nothing is lost, and one device's trouble is not another's."""

from collections import Counter

import pytest

from tests.mosquitto import Mosquitto
from tests.survival.conftest import EngineFactory
from tests.survival.engine_process import Nursery
from tests.survival.flows import TO_HTTP, FlowsFolder, to_http
from tests.survival.http_sink import HANG, NO_HTTP, TAKEN, Behaviour, HttpSink, Reply, always, answer
from tests.survival.load import Load
from tests.survival.outcome import all_arrived, drained

RETRY = {"retry": {"attempts": 4, "initial": "0.2s", "maximum": "1s", "jitter": False}}
UNLUCKY = "d0"
TIMEOUT = 1.0

pytestmark = [pytest.mark.serial, pytest.mark.slow, pytest.mark.mosquitto]


def first_answers(device: str, reply: Reply, count: int, seen: Counter[str]) -> Behaviour:
    """Answer a device's first requests in one way, and all else well."""

    def behave(asked: str, number: int) -> Reply:
        if asked == device and seen[asked] < count:
            seen[asked] += 1
            return reply
        return TAKEN

    return behave


@pytest.mark.timeout(100)
@pytest.mark.parametrize(
    ("reply", "count", "wait"),
    [
        (answer(500), 2, 0.2),
        (answer(429, "Retry-After: 2"), 1, 2.0),
        (HANG, 1, TIMEOUT + 0.2),
        (NO_HTTP, 2, 0.2),
        (Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"), 1, 0.2),
    ],
    ids=["500", "429", "nothing", "garbage", "cut-off"],
)
async def test_sink_that_fails_for_a_while_gets_it_again(
    nursery: Nursery,
    broker: Mosquitto,
    sink: HttpSink,
    folder: FlowsFolder,
    new_engine: EngineFactory,
    reply: Reply,
    count: int,
    wait: float,
) -> None:
    folder.write(TO_HTTP, to_http(sink.url, timeout=f"{TIMEOUT}s"), errors=RETRY)
    engine = new_engine(nursery=nursery)
    seen: Counter[str] = Counter()
    sink.behave = first_answers(UNLUCKY, reply, count, seen)
    await engine.start()
    load = Load(broker, rate=200).start()
    await load.reach(200)
    await load.stop()
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    assert seen[UNLUCKY] == count
    first, second = sink.times[UNLUCKY][:2]
    assert second - first >= wait * 0.9
    assert (books.sum("failed_total"), books.sum("outbox_buried_total")) == (0, 0)
    assert books.sum("outbox_retried_total") == count
    assert books.sum("outbox_stored_total") == books.sum("outbox_delivered_total") == load.count
    # The others went on meanwhile.
    for device, times in sink.times.items():
        if device != UNLUCKY:
            assert min(times) < second, f"{device} waited for {UNLUCKY}"


@pytest.mark.timeout(100)
async def test_sink_that_refuses_a_message_leaves_a_dead_letter_that_can_be_sent_again(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory
) -> None:
    folder.write(TO_HTTP, to_http(sink.url), errors=RETRY)
    engine = new_engine(nursery=nursery)
    sink.behave = first_answers(UNLUCKY, answer(400, body=b'{"why": "not for me"}'), 3, Counter())
    await engine.start()
    load = Load(broker, rate=200).start()
    await load.reach(200)
    await load.stop()
    assert await sink.arrivals.until(lambda: len(sink.arrivals) == load.count - 3, 20)
    books = await drained(engine)
    assert sink.arrivals.missing(load.accepted) == {UNLUCKY: [1, 2, 3]}
    assert books.sum("outbox_buried_total") == 3
    assert books.sum("outbox_stored_total") == books.sum("outbox_delivered_total") + 3
    letters = await engine.call("GET", "/dead-letters")
    assert len(letters["letters"]) == 3
    assert all("400" in letter["error"] for letter in letters["letters"]), letters
    await engine.call("POST", "/dead-letters/replay", {"all": True})
    await sink.arrivals.until(lambda: not sink.arrivals.missing(load.accepted), 20)
    assert not sink.arrivals.missing(load.accepted)
    await drained(engine)


@pytest.mark.timeout(100)
@pytest.mark.parametrize("reply", [answer(503), HANG, NO_HTTP], ids=["503", "nothing", "garbage"])
async def test_sink_that_fails_for_everybody_is_left_alone_and_gets_everything_later(
    nursery: Nursery, broker: Mosquitto, sink: HttpSink, folder: FlowsFolder, new_engine: EngineFactory, reply: Reply
) -> None:
    folder.write(TO_HTTP, to_http(sink.url, timeout=f"{TIMEOUT}s"), errors=RETRY)
    engine = new_engine(nursery=nursery)
    sink.behave = always(reply)
    await engine.start()
    load = Load(broker, rate=200).start()
    await load.reach(800)
    await load.stop()
    asked = sink.requests.total()
    # One try at a time, with growing waits: not four for each message.
    assert asked < 60, f"{asked} requests for {load.count} messages"
    sink.behave = always(TAKEN)
    await all_arrived(load, sink.arrivals, engine)
    books = await drained(engine)
    assert (books.sum("failed_total"), books.sum("outbox_buried_total")) == (0, 0)
