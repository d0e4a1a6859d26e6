"""Check a case against its flow before it runs: a case that can prove nothing must not pass."""

from collections.abc import Mapping
from typing import Any, Final

from flowengine.expressions import ExpressionError, compile_path
from flowengine.flow.flow_test_document import CaseDocument, Expectation, GivenEvent, LetterExpectation
from flowengine.flow.scanner import ValuePath
from flowengine.graph import FlowPlan, PlannedNode
from flowengine.linting.check import Finding
from flowengine.linting.suggestion import did_you_mean
from flowengine.testing.matching import faults, given_value
from flowengine.testing.message_lists import ANY_ORDER

_BRINGS: Final = frozenset({"from", "into", "request"})


class CaseCheck:
    """Find what is wrong with one case.

    Args:
        plan: The flow.
        case: The case.
        path: Its place in the document.
    """

    def __init__(self, plan: FlowPlan, case: CaseDocument, path: ValuePath) -> None:
        self._plan = plan
        self._case = case
        self._path = path
        self._findings: list[Finding] = []
        self._messages: set[str] = set()
        self._requests: set[str] = set()

    def findings(self) -> list[Finding]:
        """Return what is wrong."""
        self._nodes(self._case.state.nodes, (*self._path, "state", "nodes"))
        for id_, held in self._case.resources.items():
            self._bytes(held, (*self._path, "resources", id_))
        for node, answers in self._case.answers.items():
            path = (*self._path, "answers", node)
            found = self._outside(node, path, "answers")
            if found is not None:
                for at, answer in enumerate(answers):
                    self._answer(found, answer.port, (*path, at))
                    self._bytes(answer.message, (*path, at, "message"))
        for at, event in enumerate(self._case.given):
            self._event(event, (*self._path, "given", at))
        self._expectation(self._case.expect, (*self._path, "expect"))
        has_source = any(node.type.is_source and not node.type.outside for node in self._plan.nodes.values())
        if not has_source and not any(event.kind in _BRINGS for event in self._case.given):
            hint = "let a message come 'from' a source or go 'into' a node"
            self._add(self._path, "nothing-given", "nothing is given to the flow, so nothing is tested", hint)
        return self._findings

    def _add(self, path: ValuePath, code: str, message: str, hint: str | None = None) -> None:
        self._findings.append(Finding(path, code, message, hint))

    def _event(self, event: GivenEvent, path: ValuePath) -> None:
        match event.kind:
            case "from":
                assert event.from_ is not None
                self._source(event.from_, (*path, "from"))
            case "into":
                assert event.into is not None
                node = self._node(event.into, (*path, "into"))
                if node is not None and not node.type.has_input:
                    hint = "let the message come 'from' it instead"
                    self._add((*path, "into"), "no-input", f"{_named(node)} takes no messages", hint)
            case "duplicate":
                self._known(str(event.duplicate), self._messages, (*path, "duplicate"))
            case "fault":
                self._fault(event, path)
            case "recover":
                self._outside(str(event.recover), (*path, "recover"), "faults")
            case "expect":
                assert event.expect is not None
                self._expectation(event.expect, (*path, "expect"))
        self._bytes(event.message, (*path, "message"))
        if event.as_ is not None:
            if event.as_ in self._messages | self._requests:
                message = f'another message of the case has the name "{event.as_}"'
                self._add((*path, "as"), "duplicate-name", message)
            (self._requests if event.kind == "request" else self._messages).add(event.as_)

    def _expectation(self, expected: Expectation, path: ValuePath) -> None:
        if expected.is_empty:
            hint = "say what messages, ends, dead letters, outbox, state, statuses or responses there have to be"
            self._add(path, "empty-expectation", "nothing is expected, so nothing is tested", hint)
        for place in {**expected.messages, **expected.counts}:
            self._place(place, (*path, "messages" if place in expected.messages else "counts", place))
        self._orders(expected, path)
        for node in expected.tries:
            self._outside(node, (*path, "tries", node), "tries")
        for name in expected.ends:
            self._known(name, self._messages, (*path, "ends", name))
        for name in expected.responses:
            self._known(name, self._requests, (*path, "responses", name))
        self._nodes(expected.statuses, (*path, "statuses"))
        self._nodes(expected.state.nodes, (*path, "state", "nodes"))
        for node in expected.outbox:
            found = self._node(node, (*path, "outbox", node))
            if found is not None and not (found.is_stage and found.stage.outbox):
                hint = "give it the stage option 'outbox'"
                self._add((*path, "outbox", node), "no-outbox", f"{_named(found)} has no outbox", hint)
        for at, letter in enumerate(expected.dead_letters or ()):
            self._letter(letter, (*path, "dead_letters", at))
        looked_at = expected.model_dump(include={"messages", "outbox", "state", "statuses", "responses"})
        self._matchers(looked_at, path)

    def _letter(self, letter: LetterExpectation, path: ValuePath) -> None:
        if letter.node is not None:
            self._node(letter.node, (*path, "node"))
        self._matchers({"error": letter.error, "message": letter.message}, path)

    def _matchers(self, expected: Mapping[str, Any], path: ValuePath) -> None:
        for place, message, hint in faults(dict(expected), path):
            self._add(place, "matcher", message, hint)

    def _orders(self, expected: Expectation, path: ValuePath) -> None:
        for place, order in expected.order.items():
            where = (*path, "order", place)
            if place not in expected.messages:
                self._add(where, "unused-order", f'no messages are expected at "{place}"')
            if order != ANY_ORDER:
                try:
                    compile_path(order)
                except ExpressionError as error:
                    self._add(where, "bad-value", f"{order!r} is neither 'any' nor a JSONPath: {error}")

    def _source(self, text: str, path: ValuePath) -> None:
        id_, _, port = text.partition(".")
        node = self._node(id_, path)
        if node is None:
            return
        if not node.type.is_source:
            hint = "let the message go 'into' it, or into the node behind it"
            self._add(path, "no-source", f"no messages come from outside through {_named(node)}", hint)
        else:
            self._port(node, port or None, path)

    def _place(self, text: str, path: ValuePath) -> None:
        id_, _, port = text.partition(".")
        node = self._node(id_, path)
        if node is None:
            return
        if port:
            self._port(node, port, path)
        elif not node.type.has_input and not _is_listener(node):
            ports = ", ".join(f"{id_}.{each}" for each in _ports(node))
            self._add(path, "no-input", f"no messages come to {_named(node)}", f"its ports are {ports or 'none'}")

    def _port(self, node: PlannedNode, port: str | None, path: ValuePath) -> None:
        ports = _ports(node)
        if port is None and len(ports) == 1:
            return
        if port not in ports:
            message = f'{_named(node)} has no port "{port}"' if port else f"{_named(node)} has not exactly one port"
            self._add(path, "unknown-port", message, f"its ports are {', '.join(ports) or 'none'}")

    def _answer(self, node: PlannedNode, port: str | None, path: ValuePath) -> None:
        if not _ports(node):
            self._add(path, "unknown-port", f"{_named(node)} has no port that an answer could leave by")
        else:
            self._port(node, port, path if port is None else (*path, "port"))

    def _fault(self, event: GivenEvent, path: ValuePath) -> None:
        node = self._outside(str(event.fault), (*path, "fault"), "faults")
        if node is not None and event.after and not (node.type.is_stage or node.type.holds):
            self._add((*path, "after"), "cannot-wait", f"{_named(node)} does not wait for the outside")

    def _outside(self, id_: str, path: ValuePath, what: str) -> PlannedNode | None:
        """Return the node if there is one that sends something to the outside."""
        node = self._node(id_, path)
        if node is None or (node.type.outside and node.type.has_input):
            return node
        self._add(path, "not-outside", f"{_named(node)} sends nothing to the outside, so it has no {what}")
        return None

    def _nodes(self, named: Mapping[str, Any], path: ValuePath) -> None:
        for id_ in named:
            self._node(id_, (*path, id_))

    def _node(self, id_: str, path: ValuePath) -> PlannedNode | None:
        """Return the node if there is one."""
        node = self._plan.nodes.get(id_)
        if node is None:
            hint = did_you_mean(id_, self._plan.nodes) or f"its nodes are {', '.join(self._plan.nodes)}"
            self._add(path, "unknown-node", f'the flow "{self._plan.id}" has no node "{id_}"', hint)
        return node

    def _known(self, name: str, names: set[str], path: ValuePath) -> None:
        if name not in names:
            hint = did_you_mean(name, names) or "name it with 'as' where it is given"
            self._add(path, "unknown-message", f'nothing that was given before has the name "{name}"', hint)

    def _bytes(self, given: Mapping[str, Any], path: ValuePath) -> None:
        try:
            given_value(dict(given))
        except ValueError as error:
            self._add(path, "bad-value", str(error))


def _named(node: PlannedNode) -> str:
    return f'node "{node.id}" ({node.type.name})'


def _ports(node: PlannedNode) -> list[str]:
    return [port.name for port in node.type.ports(node.config)]


def _is_listener(node: PlannedNode) -> bool:
    return hasattr(node.type.cls, "heard")
