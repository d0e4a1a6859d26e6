"""Expressions as somebody writes them, evaluated on the last real message: what a form shows beside a field."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from flowengine.errors import FlowEngineError
from flowengine.expressions import MISSING, Scope, TypedValue, compile_jsonata, compile_path, compile_template
from flowengine.message import excerpt
from flowengine.node.scope import NodeScope
from flowengine.server.access import Role
from flowengine.server.backend import Backend
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer, Body
from flowengine.server.problem_response import not_found

_MOST_SEARCHED: Final = 1_000
_TYPED: Final[TypeAdapter[Any]] = TypeAdapter(TypedValue)

Kind = Literal["json-path", "jsonata", "jinja2", "value"]
Evaluate = Callable[[dict[str, Any], Scope], Any]


class Expression(Body):
    """Something that gives a value for a message."""

    kind: Kind
    """The field's widget."""
    content: Any
    """What is written in the field: text, or for `value` what says where the value comes from."""


class EvaluateExpressions(Body):
    """Expressions, and where the message came to."""

    flow: str
    nodes: list[str] = Field(min_length=1, max_length=100)
    """Where the message may have come to, best first: the node, and those that are sent the same messages."""
    expressions: list[Expression] = Field(max_length=200)
    size: int = Field(default=400, ge=20, le=10_000)
    """Most characters shown of a value."""


class Evaluated(Answer):
    """What came of an expression."""

    outcome: Literal["value", "nothing", "failed"]
    value: Any
    """The value, cut to a size; null where there is none."""
    reason: str
    """Why it failed; else empty."""


class Evaluation(Answer):
    """What came of the expressions on the last message."""

    trace: str | None
    """Id of the message; null where none has come."""
    at: float | None
    """When it came, in seconds since 1970."""
    node: str | None
    """Where it came to."""
    results: list[Evaluated]
    """One for each expression, in their order; empty without a message."""


async def evaluate(call: Call, body: EvaluateExpressions) -> Evaluation:
    """Evaluate expressions on the last message that came to a node, as the node would.

    Nothing is changed but that the flow's next message is traced, so that the next answer is about that one.
    """
    backend = call.backend
    running = backend.engine.flows.get(body.flow)
    if running is None:
        raise not_found("flow", body.flow)
    found = _newest(backend, body.flow, body.nodes)
    backend.engine.world.traces.follow_another(body.flow)
    if found is None:
        return Evaluation(trace=None, at=None, node=None, results=[])
    trace, at, node, fields = found
    cell = running.cells.get(body.nodes[0]) or running.cells.get(node)
    if cell is None or cell.node is None:
        return Evaluation(trace=None, at=None, node=None, results=[])
    scope = NodeScope(cell.node.context)
    # In a thread: somebody's unfinished expression may take its whole second.
    results = await asyncio.to_thread(_evaluated, body.expressions, fields, scope, body.size)
    return Evaluation(trace=trace, at=at, node=node, results=results)


def _newest(backend: Backend, flow: str, nodes: list[str]) -> tuple[str, float, str, dict[str, Any]] | None:
    traces = backend.engine.world.traces.newest(flow, _MOST_SEARCHED)
    for node in nodes:
        for trace in traces:
            for hop in reversed(trace.hops):
                if hop.node == node and not hop.code:
                    return trace.id, trace.began + hop.at, node, hop.fields
    return None


def _evaluated(expressions: Iterable[Expression], fields: dict[str, Any], scope: Scope, size: int) -> list[Evaluated]:
    return [_one(expression, fields, scope, size) for expression in expressions]


def _one(expression: Expression, fields: dict[str, Any], scope: Scope, size: int) -> Evaluated:
    try:
        value = _compiled(expression)(fields, scope)
    except ValidationError as error:
        return Evaluated(outcome="failed", value=None, reason=error.errors()[0]["msg"])
    except FlowEngineError as error:
        return Evaluated(outcome="failed", value=None, reason=str(error))
    if value is MISSING:
        return Evaluated(outcome="nothing", value=None, reason="")
    return Evaluated(outcome="value", value=excerpt(value, size), reason="")


def _compiled(expression: Expression) -> Evaluate:
    content = expression.content
    if expression.kind == "value":
        compiled: Evaluate = _TYPED.validate_python(content).compile()
        return compiled
    text = content if isinstance(content, str) else ""
    match expression.kind:
        case "json-path":
            path = compile_path(text)
            return lambda fields, _scope: path.first(fields)
        case "jsonata":
            return compile_jsonata(text).evaluate
        case "jinja2":
            return compile_template(text).render


ENDPOINTS = (
    Endpoint(
        "POST",
        "/admin/api/evaluate",
        evaluate,
        "Evaluate expressions on the last message that came to a node",
        role=Role.EDITOR,
    ),
)
