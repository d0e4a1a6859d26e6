"""Run one case: a flow under a virtual clock, with a store in memory and a played outside world."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flowengine.errors import FlowEngineError, NodeError
from flowengine.flow.flow_test_document import CaseDocument, GivenEvent
from flowengine.graph import FlowPlan, PlannedResource
from flowengine.message import Delivery, Message
from flowengine.node import ConfigNode
from flowengine.runtime import Deployment, Engine, RouteTable
from flowengine.storage import Scope, Store
from flowengine.testing.case_state import CaseState
from flowengine.testing.clock import VirtualClock, settled
from flowengine.testing.difference import Difference
from flowengine.testing.given_message import OPEN, GivenMessage
from flowengine.testing.http_exchange import Exchange
from flowengine.testing.matching import given_value
from flowengine.testing.outside import Fault, Outside
from flowengine.testing.played_links import PlayedLinks
from flowengine.testing.record import Record
from flowengine.testing.stand_in import staged, staged_resources
from flowengine.testing.verdict import verdict

SEED: Final = 1
"""Chance, such as the jitter of retries, is the same in every run."""


class FlowStartError(Exception):
    """The flow did not start.

    Args:
        reason: What the node said that did not.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ImpossibleGivenError(Exception):
    """A case gives a source what could never have come to it.

    Args:
        index: Number of the event.
        error: What the node says.
    """

    def __init__(self, index: int, error: NodeError) -> None:
        super().__init__(index, error)
        self.index = index
        self.error = error


class CaseRun:
    """Play one case.

    Args:
        plan: The flow's plan.
        resources: The resources there are.
        case: What happens.
        held: What resources hold at the beginning, by id.

    Attributes:
        record: What passed.
        differences: What is other than expected so far.
    """

    _state: CaseState
    _store: Store
    _engine: Engine
    _routes: RouteTable

    def __init__(
        self,
        plan: FlowPlan,
        resources: Mapping[str, PlannedResource],
        case: CaseDocument,
        held: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.record = Record()
        self.differences: list[Difference] = []
        self._case = case
        self._clock = VirtualClock(datetime.fromisoformat(case.start).timestamp())
        wired = frozenset((wire.source, wire.port) for wire in plan.wires)
        self._outside = Outside(case.answers, wired, self._clock)
        self._deployment = Deployment(
            {plan.id: staged(plan, self._outside, self.record)}, staged_resources(plan, resources, self._outside)
        )
        self._flow = plan.id
        self._held = held
        self._waiting: list[GivenMessage] = []

    async def play(self) -> None:
        """Do what the case says.

        Raises:
            FlowStartError: The flow did not start.
            ImpossibleGivenError: The case gives what could never come.
        """
        self._store = await Store.in_memory(self._time)
        try:
            await self._remember()
            await self._start(self._held)
            self._state = CaseState(self._engine.flows[self._flow], self._store, self._outside, self.record)
            try:
                await self._play(self._case.given)
            finally:
                await self._stop()
        finally:
            await self._store.close()

    async def _play(self, events: Sequence[GivenEvent]) -> None:
        await self._rest()
        for index, event in enumerate(events):
            await self._happen(index, event)
        await self._rest()
        self.differences += await verdict(self._state, self._case.expect, "expect", is_last=True)

    async def _happen(self, index: int, event: GivenEvent) -> None:  # noqa: C901 - one branch a kind of event
        kind = event.kind
        # Messages that follow one another arrive together, as a broker delivers them.
        if kind not in {"from", "into", "duplicate"}:
            await self._rest()
        match kind:
            case "from":
                assert event.from_ is not None
                node, _, port = event.from_.partition(".")
                port = port or next(iter(self._state.flow.cells[node].planned.type.ports(self._config(node)))).name
                self._give(GivenMessage(index, node, port, event.message), event.as_)
            case "into":
                assert event.into is not None
                self._give(GivenMessage(index, event.into, "", event.message), event.as_)
            case "duplicate":
                assert event.duplicate is not None
                first = self._state.names[event.duplicate]
                again = GivenMessage(index, first.node, first.port, _marked(first))
                self._give(again, event.as_)
            case "request":
                assert event.request is not None
                self._state.exchanges[event.as_ or f"given[{index}]"] = Exchange(event.request, self._routes)
            case "advance":
                assert event.advance is not None
                await self._clock.advance(event.advance, self._settle)
            case "fault":
                self._outside.fail(Fault(event, f"given[{index}].fault"))
            case "recover":
                assert event.recover is not None
                self._outside.recover(event.recover)
            case "restart":
                await self._restart()
            case "expect":
                assert event.expect is not None
                path = f"given[{index}].expect"
                self.differences += await verdict(self._state, event.expect, path, is_last=False)

    def _time(self) -> float:
        return self._clock.time()

    def _config(self, node: str) -> Any:
        return self._state.flow.cells[node].planned.config

    def _give(self, message: GivenMessage, name: str | None) -> None:
        self._state.given.append(message)
        if name is not None:
            self._state.names[name] = message
        self._offer(message)

    def _offer(self, message: GivenMessage) -> None:
        flow = self._state.flow
        if message.port and flow.valve.closed_by:
            self._waiting.append(message)
            return
        message.process = self._state.process
        fields = given_value(message.fields)
        if not message.port:
            message.delivery = flow.inject(message.node, fields)
            return
        cell = flow.cells[message.node]
        assert cell.node is not None
        try:
            incoming = cell.node.incoming(fields)
        except NodeError as error:
            raise ImpossibleGivenError(message.index, error) from error
        message.is_repeated = incoming.is_repeated
        if incoming.error is None:
            message.delivery = flow.inject(message.node, dict(incoming.fields), message.port)
            return
        message.delivery = Delivery(flow.account)
        cell.finish(Message(dict(incoming.fields), message.delivery), incoming.error)

    async def _rest(self) -> None:
        """Let everything happen that is due at this time."""
        await self._clock.advance(0, self._settle)

    async def _settle(self) -> None:
        await settled()
        while self._waiting and not self._state.flow.valve.closed_by:
            self._offer(self._waiting.pop(0))
            await settled()

    async def _restart(self) -> None:
        for exchange in self._state.exchanges.values():
            await exchange.break_off()
        await self._engine.__aexit__(None, None, None)
        self._outside.restarted()
        # Timers of a process end with it.
        self._clock = VirtualClock(self._clock.time())
        self._outside.clock = self._clock
        await self._start()
        self._state.flow = self._engine.flows[self._flow]
        self._state.process += 1
        self._waiting.clear()
        for message in self._state.given:
            if message.end != OPEN or not message.is_repeated:
                continue
            if message.delivery is not None and message.port:
                message.fields = _marked(message)
            message.delivery = None
            self._offer(message)

    async def _remember(self) -> None:
        """Put into the store what the case says was remembered before."""
        values = self._case.state
        scopes = {Scope(): values.all, Scope(self._flow): values.flow}
        scopes |= {Scope(self._flow, node): of_node for node, of_node in values.nodes.items()}
        for scope, named in scopes.items():
            for key, value in named.items():
                await self._store.state.set(scope, key, value)

    async def _start(self, held: Mapping[str, Mapping[str, Any]] = MappingProxyType({})) -> None:
        self._routes = RouteTable()
        self._engine = Engine(self._store, self._routes, clock=self._clock, drain=0)
        await self._engine.__aenter__()
        self._engine.world.chance.seed(SEED)
        self._engine.world.new_cell = self.record.cell
        self._engine.world.links = PlayedLinks()
        try:
            await self._deploy(held)
        except BaseException:
            await self._engine.__aexit__(None, None, None)
            raise

    async def _deploy(self, held: Mapping[str, Mapping[str, Any]]) -> None:
        if held:
            await self._furnish(held)
        report = await self._engine.deploy(self._deployment)
        if report.broken:
            raise FlowStartError(report.broken[self._flow])

    async def _furnish(self, held: Mapping[str, Mapping[str, Any]]) -> None:
        """Let resources hold what the case says, before any node of the flow starts."""
        await self._engine.deploy(Deployment({}, self._deployment.resources))
        for id, given in held.items():
            try:
                resource = self._engine.world.resource(id)
                assert isinstance(resource, ConfigNode)
                await resource.furnish(given_value(dict(given)))
            except FlowEngineError as error:
                raise FlowStartError(f'resource "{id}": {error}') from error

    async def _stop(self) -> None:
        for exchange in self._state.exchanges.values():
            await exchange.break_off()
        await self._engine.__aexit__(None, None, None)


def _marked(message: GivenMessage) -> Mapping[str, Any]:
    """Return what a source gets when the outside gives a message again; what goes into a node bears no mark."""
    return {**message.fields, "duplicate": True} if message.port else message.fields
