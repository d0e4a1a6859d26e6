import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.message import Account, Delivery, JointDelivery, Message, TraceContext

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_context_is_read_and_written() -> None:
    context = TraceContext.parse(f"00-{TRACE}-{SPAN}-01", "a=1,b=2")
    assert context == TraceContext(TRACE, SPAN, True, "a=1,b=2")
    assert context is not None
    assert context.headers == {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "a=1,b=2"}
    assert TraceContext(TRACE, SPAN, False).headers == {"traceparent": f"00-{TRACE}-{SPAN}-00"}
    assert TraceContext.parse(f"00-{TRACE}-{SPAN}-00") == TraceContext(TRACE, SPAN, False)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01\n00",
    ],
)
def test_context_that_is_none_is_not_taken(text: str | None) -> None:
    assert TraceContext.parse(text, "a=1") is None


def test_context_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    context = TraceContext.parse(f"cc-{TRACE}-{SPAN}-03-what-is-to-come")
    assert context == TraceContext(TRACE, SPAN, True)


@pytest.mark.parametrize("state", ["a=1\r\nX-Evil: 1", "ä=1", "x" * 513])
def test_state_that_cannot_be_passed_on_is_left_out(state: str) -> None:
    assert TraceContext.parse(f"00-{TRACE}-{SPAN}-01", state) == TraceContext(TRACE, SPAN, True)


def test_child_is_another_span_of_the_same_trace() -> None:
    context = TraceContext(TRACE, SPAN, True, "a=1")
    child = context.child()
    assert child.span_id != SPAN
    assert child._replace(span_id=SPAN) == context
    assert re.fullmatch("[0-9a-f]{16}", child.span_id)


@given(st.text(), st.booleans())
def test_beginning_of_a_trace_is_valid_and_the_same_for_the_same_message(id: str, is_sampled: bool) -> None:
    context = TraceContext.begin(id, is_sampled=is_sampled)
    assert context == TraceContext.begin(id, is_sampled=is_sampled)
    assert TraceContext.parse(context.traceparent) == context


@given(st.text(), st.text())
def test_whatever_stands_in_headers_is_read_without_error(parent: str, state: str) -> None:
    context = TraceContext.parse(parent, state)
    assert context is None or TraceContext.parse(context.traceparent, context.state) == context


def test_message_made_of_several_goes_on_with_the_trace_that_one_came_with() -> None:
    account = Account()
    one, other = Delivery(account), Delivery(account)
    other.context = TraceContext(TRACE, SPAN)
    assert Message({}, JointDelivery([one, other])).trace_context == other.context
    assert Message({}, one).trace_context == TraceContext.begin(one.id)
