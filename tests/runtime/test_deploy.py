import asyncio

import pytest

from flowengine.graph import FlowPlan, StagePlan
from flowengine.node import Node, node_type
from flowengine.runtime import Deployment, StaleRevisionError
from tests.runtime.stand import Keeper, Relay, Sink, Source, Stand, TaggedConfig, Worker, node, plan


async def test_deploy_restarts_only_the_node_that_changed(stand: Stand) -> None:
    chain = ["in -> map", "map -> out"]
    await stand.deploy(plan(node(Source, "in"), node(Relay, "map"), node(Sink, "out"), wires=chain))
    before = {id: stand[id] for id in ("in", "map", "out")}
    stand["in"].produce(payload=1)
    report = await stand.deploy(
        plan(node(Source, "in"), node(Relay, "map", {"tag": "new"}), node(Sink, "out"), wires=chain)
    )
    assert report.restarted == {"flow": ("map",)}
    assert [stand[id] is before[id] for id in ("in", "map", "out")] == [True, False, True]
    stand["in"].produce(payload=2)
    assert [(fields["payload"], fields.get("tag")) for fields in stand["out"].got] == [(1, None), (2, "new")]
    assert stand.balance()["settled"] == 2


async def test_deploy_of_the_same_restarts_nothing(stand: Stand) -> None:
    flow = plan(node(Source, "in"), node(Sink, "out"), wires=["in -> out"])
    await stand.deploy(flow)
    sink = stand["out"]
    report = await stand.deploy(plan(node(Source, "in"), node(Sink, "out"), wires=["in -> out"]))
    assert report.restarted == {}
    assert stand["out"] is sink


async def test_deploy_changes_wires_without_restarting_nodes(stand: Stand) -> None:
    nodes = (node(Source, "in"), node(Sink, "one"), node(Sink, "two"))
    await stand.deploy(plan(*nodes, wires=["in -> one"]))
    assert stand["in"].out.is_wired
    report = await stand.deploy(plan(*nodes))
    assert not stand["in"].out.is_wired
    report = await stand.deploy(plan(*nodes, wires=["in -> two"]))
    assert report.restarted == {"flow": ()}
    stand["in"].produce(payload=1)
    assert (stand["one"].payloads, stand["two"].payloads) == ([], [1])


async def test_deploy_carries_the_queue_of_a_stage_over(stand: Stand) -> None:
    def flow(tag: str) -> FlowPlan:
        return plan(
            node(Source, "in"),
            node(Worker, "work", {"tag": tag}, stage=StagePlan(workers=1)),
            node(Sink, "out"),
            wires=["in -> work", "work -> out"],
        )

    await stand.deploy(flow("old"))
    for number in range(4):
        stand["in"].produce(payload=number, topic="a", seconds=1)
    await stand.advance(0.5)
    deploying = asyncio.create_task(stand.deploy(flow("new")))
    await stand.advance(1)
    await deploying
    await stand.advance(10)
    assert stand["out"].payloads == [0, 1, 2, 3]
    assert stand.balance() == {"received": 4, "settled": 4, "failed": 0, "dropped": {}, "in_flight": 0}


async def test_deploy_hands_what_a_node_holds_in_memory_to_its_successor(stand: Stand) -> None:
    wires = ["in -> keep", "keep -> out"]
    await stand.deploy(plan(node(Source, "in"), node(Keeper, "keep"), node(Sink, "out"), wires=wires))
    stand["in"].produce(payload=1)
    stand["in"].produce(payload=2)
    await stand.deploy(plan(node(Source, "in"), node(Keeper, "keep", {"tag": "new"}), node(Sink, "out"), wires=wires))
    assert stand.balance()["in_flight"] == 2
    stand["keep"].let_go()
    assert stand["out"].payloads == [1, 2]
    assert stand.balance()["settled"] == 2


async def test_deploy_accounts_for_what_a_removed_node_held(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), node(Keeper, "keep"), wires=["in -> keep"]))
    stand["in"].produce(payload=1)
    await stand.deploy(plan(node(Source, "in")))
    assert stand.balance()["dropped"] == {"node-removed": 1}


async def test_deploy_starts_and_stops_flows(stand: Stand) -> None:
    await stand.deploy(plan(node(Source, "in"), flow="a"))
    source = stand.engine.flows["a"].cells["in"].node
    report = await stand.deploy(plan(node(Source, "in"), flow="b"))
    assert (report.started, report.stopped) == (("b",), ("a",))
    assert source is not None
    assert source.stopped  # type: ignore[attr-defined]  # a test's source
    assert list(stand.engine.flows) == ["b"]


async def test_deploy_restarts_the_nodes_that_use_a_changed_resource(stand: Stand) -> None:
    def flow() -> FlowPlan:
        return plan(node(Source, "in", resources=["server"]), node(Sink, "out"), wires=["in -> out"])

    await stand.deploy(flow(), resources={"server": "one", "other": "x"})
    server = stand.engine.world.resources["server"]
    other = stand.engine.world.resources["other"]
    await stand.settle()
    report = await stand.deploy(flow(), resources={"server": "two", "other": "x"})
    await stand.settle()
    assert report.restarted == {"flow": ("in",)}
    assert report.resources == ("server",)
    assert server.life == ["started", "ran", "stopped"]  # type: ignore[attr-defined]  # a test's server
    assert stand.engine.world.resources["server"].life == ["started", "ran"]  # type: ignore[attr-defined]  # likewise
    assert stand.engine.world.resources["other"] is other


async def test_deploy_leaves_a_flow_that_cannot_start_broken_and_runs_the_others(stand: Stand) -> None:
    @node_type("stubborn", category="test")
    class Refuses(Node[TaggedConfig]):
        """Refuse to start."""

        async def start(self) -> None:
            raise RuntimeError("no")

    report = await stand.deploy(plan(node(Refuses, "bad"), flow="bad"), plan(node(Source, "in"), flow="good"))
    assert report.broken == {"bad": "no"}
    assert list(stand.engine.flows) == ["good"]
    report = await stand.deploy(plan(node(Source, "in"), flow="bad"), plan(node(Source, "in"), flow="good"))
    assert report.broken == {}
    assert set(stand.engine.flows) == {"good", "bad"}


async def test_deploy_refuses_a_base_that_is_no_longer_deployed(stand: Stand) -> None:
    await stand.engine.deploy(Deployment({}, {}, revision="one"))
    await stand.engine.deploy(Deployment({}, {}, revision="two"), base="one")
    with pytest.raises(StaleRevisionError) as refused:
        await stand.engine.deploy(Deployment({}, {}, revision="three"), base="one")
    assert (refused.value.base, refused.value.current) == ("one", "two")
    assert stand.engine.revision == "two"
