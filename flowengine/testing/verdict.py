"""Whether what is expected at a moment of a case is true."""

from collections.abc import Iterator
from typing import Any, Final

from flowengine.flow.flow_test_document import Expectation, LetterExpectation
from flowengine.message import decode_fields
from flowengine.storage import DeadLetter, Scope
from flowengine.testing.case_state import CaseState
from flowengine.testing.difference import Difference, inner
from flowengine.testing.given_message import OPEN, GivenMessage
from flowengine.testing.matching import compare, compare_fields, compare_message
from flowengine.testing.message_lists import Fields, compare_messages

MOST: Final = 100_000


async def verdict(state: CaseState, expected: Expectation, path: str, *, is_last: bool) -> list[Difference]:
    """Return where a case is other than expected.

    Args:
        state: The case.
        expected: What has to be true.
        path: Where the case says so.
        is_last: Whether this is the end, where nothing may be left over that nobody expected.
    """
    found = [*_messages(state, expected, path), *_ends(state, expected, path)]
    letters = (await state.store.dead_letters.list(limit=MOST))[::-1]
    if expected.dead_letters is not None or is_last:
        found += _letters(expected.dead_letters or [], letters, inner(path, "dead_letters"))
    for node, messages in expected.outbox.items():
        rows = await state.store.outbox.list(state.flow.plan.id, node, limit=MOST)
        waiting = [decode_fields(row.message) for row in rows]
        found += compare_messages(messages, waiting, inner(inner(path, "outbox"), node))
    found += await _values(state, expected, inner(path, "state"))
    found += _statuses(state, expected, inner(path, "statuses"))
    found += _responses(state, expected, inner(path, "responses"))
    found += _account(state, expected, path)
    if is_last:
        found += [*_left_over(state, expected), *state.outside.complaints()]
    return found


def _messages(state: CaseState, expected: Expectation, path: str) -> Iterator[Difference]:
    for place, messages in expected.messages.items():
        where = inner(inner(path, "messages"), place)
        yield from compare_messages(messages, _at(state, place), where, expected.order.get(place, ""))
    for place, count in expected.counts.items():
        yield from compare(count, len(_at(state, place)), inner(inner(path, "counts"), place))
    for node, count in expected.tries.items():
        yield from compare(count, state.outside.tries[node], inner(inner(path, "tries"), node))


def _at(state: CaseState, place: str) -> list[Fields]:
    node, _, port = place.partition(".")
    if port:
        return state.record.departures.get((node, port), [])
    if state.flow.plan.nodes[node].type.outside:
        return state.outside.taken.get(node, [])
    return state.record.arrivals.get(node, [])


def _ends(state: CaseState, expected: Expectation, path: str) -> Iterator[Difference]:
    for name, end in expected.ends.items():
        given = state.names[name]
        wanted, _, code = end.partition(":")
        if (given.end, given.reason if code else "") != (wanted, code.strip()):
            got = f"{given.end}: {given.reason}" if given.reason else given.end
            way = f"; it came to these nodes: {given.way}" if given.end == OPEN else ""
            yield Difference(inner(inner(path, "ends"), name), f"expected {end}, got {got}{way}")


def _letters(expected: list[LetterExpectation], letters: list[DeadLetter], path: str) -> Iterator[Difference]:
    for at, (wanted, letter) in enumerate(zip(expected, letters, strict=False)):
        where = inner(path, at)
        facts = {"node": letter.node, "code": letter.error_code, "error": letter.error_text}
        asked = {name: getattr(wanted, name) for name in facts if getattr(wanted, name) is not None}
        yield from compare_fields(asked, facts, where)
        yield from compare_message(wanted.message, decode_fields(letter.message), inner(where, "message"))
    for at in range(len(letters), len(expected)):
        yield Difference(inner(path, at), "there is no such dead letter")
    for letter in letters[len(expected) :]:
        yield Difference(
            path, f"not expected: {letter.node} gave a message up: {letter.error_text} [{letter.error_code}]"
        )


async def _values(state: CaseState, expected: Expectation, path: str) -> list[Difference]:
    wanted = expected.state
    of_flow = await state.store.state.load_flow(state.flow.plan.id)
    found = list(compare_fields(wanted.flow, of_flow.get("", {}), inner(path, "flow")))
    for node, values in wanted.nodes.items():
        found += compare_fields(values, of_flow.get(node, {}), inner(inner(path, "nodes"), node))
    found += compare_fields(wanted.all, await state.store.state.load(Scope()), inner(path, "all"))
    return found


def _statuses(state: CaseState, expected: Expectation, path: str) -> Iterator[Difference]:
    for node, words in expected.statuses.items():
        status = state.flow.cells[node].status
        yield from compare(words, status.text if status is not None else "", inner(path, node))


def _responses(state: CaseState, expected: Expectation, path: str) -> Iterator[Difference]:
    for name, wanted in expected.responses.items():
        where = inner(path, name)
        exchange = state.exchanges[name]
        if exchange.answer is None:
            yield Difference(where, "there is no answer")
            continue
        headers = {key.lower(): value for key, value in exchange.answer.headers.items()}
        yield from compare_fields(wanted.headers, headers, inner(where, "headers"))
        got: dict[str, Any] = {"status": exchange.answer.status, "body": exchange.body}
        asked = {key: getattr(wanted, key) for key in got if getattr(wanted, key) is not None}
        yield from compare_fields(asked, got, where)


def _account(state: CaseState, expected: Expectation, path: str) -> Iterator[Difference]:
    account = state.flow.account
    if account.in_flight < 0:
        yield Difference("account", f"a message ended more than once: {account.as_dict()}")
    if expected.in_flight is not None:
        yield from compare(expected.in_flight, account.in_flight, inner(path, "in_flight"))


def _left_over(state: CaseState, expected: Expectation) -> Iterator[Difference]:
    """Yield what has not ended, or was dropped, without a word of the case."""
    named = {id(state.names[name]) for name in expected.ends}
    for given in state.given:
        if id(given) in named:
            continue
        if given.end == OPEN and expected.in_flight is None:
            message = f"the message is not acknowledged at the end; it came to these nodes: {given.way}"
            yield Difference(given.path, f"{message}; let time pass, or give it a name and expect it in 'ends'")
        elif given.end == "dropped":
            message = f"the message was dropped ({given.reason}); if it should be, give it a name and say so in 'ends'"
            yield Difference(given.path, message)
    own = state.flow.account.in_flight - _open_here(state)
    if own > 0 and expected.in_flight is None:
        yield Difference(
            "account", f"{own} of the messages of the flow's own sources have not ended; expect 'in_flight'"
        )


def _open_here(state: CaseState) -> int:
    def is_here(given: GivenMessage) -> bool:
        return given.end == OPEN and given.delivery is not None and given.process == state.process

    return sum(map(is_here, state.given))
