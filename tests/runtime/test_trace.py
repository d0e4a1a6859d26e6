"""Traces go on behind stores."""

import pytest

from flowengine.flow.document import ErrorPolicy, RetryPolicy
from flowengine.graph import FlowPlan, StagePlan
from flowengine.message import Account, Delivery, Message, TraceContext
from flowengine.runtime.provenance import Provenance, encode_provenance
from flowengine.runtime.trace import Trace
from tests.runtime.stand import FLOW, Relay, Sink, Source, Stand, Worker, node, plan

CONTEXT = TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True, "a=1")
ONCE = ErrorPolicy(retry=RetryPolicy(attempts=1))
TWICE = ErrorPolicy(retry=RetryPolicy(attempts=2, initial=1, jitter=False))


def stored(errors: ErrorPolicy = TWICE) -> FlowPlan:
    return plan(
        node(Source, "in"),
        node(Worker, "work", stage=StagePlan(outbox=True)),
        node(Sink, "out"),
        wires=["in -> work", "work -> out"],
        errors=errors,
    )


def produce(stand: Stand, **fields: object) -> Delivery:
    source = stand["in"]
    delivery: Delivery = source.context.open_delivery()
    delivery.context = CONTEXT
    source.send(source.out, Message(dict(fields), delivery))
    delivery.release()
    return delivery


def trace_of(stand: Stand, delivery: Delivery) -> Trace:
    trace = stand.engine.world.traces.get(delivery.id)
    assert trace is not None
    return trace


def hops(trace: Trace) -> list[str]:
    return [hop.node for hop in trace.hops if not hop.code]


async def test_trace_goes_on_behind_an_outbox(stand: Stand) -> None:
    await stand.deploy(stored())
    delivery = produce(stand, payload=1)
    await stand.advance(1)
    trace = trace_of(stand, delivery)
    assert hops(trace) == ["work", "out"]
    assert trace.outcome == "settled"
    assert trace.context == CONTEXT


async def test_trace_is_open_while_the_message_waits_to_be_tried_again(stand: Stand) -> None:
    await stand.deploy(stored())
    stand["work"].down = 1
    delivery = produce(stand, payload=1)
    await stand.advance(0.5)
    trace = trace_of(stand, delivery)
    assert trace.outcome == ""
    assert [hop.code for hop in trace.hops if hop.code] == ["transient-error"]
    await stand.advance(10)
    assert trace.outcome == "settled"
    assert hops(trace)[-1] == "out"


async def test_trace_ends_as_failed_where_its_row_is_buried(stand: Stand) -> None:
    await stand.deploy(stored(ONCE))
    delivery = produce(stand, payload="bad")
    await stand.advance(1)
    trace = trace_of(stand, delivery)
    assert (trace.outcome, trace.reason) == ("failed", "bad-payload")


async def test_trace_goes_on_in_another_run_of_the_engine(stand: Stand) -> None:
    await stand.deploy(stored())
    stand["work"].down = 1
    delivery = produce(stand, payload=1)
    await stand.advance(0.5)
    # What a new process knows: nothing but what the store tells it.
    stand.engine.world.traces._traces.clear()
    await stand.advance(10)
    trace = trace_of(stand, delivery)
    assert hops(trace) == ["out"]
    assert trace.context == CONTEXT
    assert trace.flow == FLOW


async def test_dead_letter_goes_on_with_its_trace_when_it_is_replayed(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), node(Relay, "relay"), wires=["in -> relay"], errors=ONCE))
    produce(stand, payload="bad")
    await stand.advance(1)
    (letter,) = await stand.store.dead_letters.list()
    full = await stand.store.dead_letters.get(letter.id)
    assert full is not None
    assert Provenance.parse(full.meta).context == CONTEXT


@pytest.mark.parametrize("is_traced", [False, True])
@pytest.mark.parametrize("context", [None, CONTEXT, CONTEXT._replace(state="")])
def test_provenance_is_read_as_it_was_written(is_traced: bool, context: TraceContext | None) -> None:
    delivery = Delivery(Account(), id="m-1")
    delivery.context = context
    delivery.trace = object() if is_traced else None
    assert Provenance.parse(encode_provenance(delivery)) == Provenance("m-1", is_traced, context)


def test_provenance_of_an_earlier_version_is_an_id() -> None:
    assert Provenance.parse(b"m-1") == Provenance("m-1")
    assert Provenance.parse(b"") == Provenance("")
