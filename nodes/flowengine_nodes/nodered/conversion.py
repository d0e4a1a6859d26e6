"""One tab or subflow: its flow, its layout, and what became of each of its nodes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowengine.flow.document import (
    Box,
    FlowDocument,
    GroupDocument,
    LayoutDocument,
    NodeDocument,
    SubflowInput,
    SubflowOutput,
)
from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.converters import CONVERTERS
from flowengine_nodes.nodered.export import Entry
from flowengine_nodes.nodered.foreign import foreign, placeholder
from flowengine_nodes.nodered.grouping import convert_groups
from flowengine_nodes.nodered.report import Fate, Outcome
from flowengine_nodes.nodered.surroundings import JUNCTION, Naming
from flowengine_nodes.nodered.variables import instance, output_names, own_variables

# Node-RED says where the middle of a node is, and most of its nodes are this large.
_HALF_WIDTH: Final = 60
_HALF_HEIGHT: Final = 15


@dataclass
class ConvertedFlow:
    """What became of one tab or subflow.

    Attributes:
        flow: The flow.
        layout: Where its nodes stand.
        fates: What became of it and of each entry in it.
    """

    flow: FlowDocument
    layout: LayoutDocument
    fates: list[Fate]


class Conversion:
    """Converts one tab or subflow.

    Args:
        container: The tab or subflow.
        naming: The names of everything.
    """

    def __init__(self, container: Entry, naming: Naming) -> None:
        self._container = container
        self._naming = naming
        self._id = naming.flows[container.id]
        self._where = f"{'Subflow' if container.type == 'subflow' else 'Flow'} {container.name or self._id}"
        self._entries = {one.id: one for one in naming.export.nodes if one.parent == container.id}
        self._converted: dict[str, Converted] = {}
        self._nodes: dict[str, NodeDocument] = {}
        self._fates: dict[str, Fate] = {}
        self._own = self._fate(container)

    def run(self) -> ConvertedFlow:
        """Return what the tab or subflow becomes."""
        for entry in self._entries.values():
            self._convert(entry)
        for entry in self._nodes_only():
            self._connect(entry)
        groups, boxes = self._groups()
        container = self._container
        ports: dict[str, Any] = self._ports() if container.type == "subflow" else {}
        flow = FlowDocument(
            flowengine=1,
            id=self._id,
            name=container.name if container.name != self._id else "",
            description=container.info,
            disabled=container.is_disabled,
            env=own_variables(container.rows("env"), self._own.note, self._naming.variable),
            groups=groups,
            nodes=self._nodes,
            **ports,
        )
        places = {self._node_id(one): _box(one) for one in self._nodes_only()}
        layout = LayoutDocument(flowengine=1, groups=boxes, nodes=places)
        return ConvertedFlow(flow, layout, [self._own, *self._fates.values()])

    def _fate(self, entry: Entry, node: str = "") -> Fate:
        return Fate(entry, where=self._where, flow=self._id, node=node)

    def _node_id(self, entry: Entry) -> str:
        name = self._naming.node(entry.id)
        assert name is not None
        return name

    def _convert(self, entry: Entry) -> None:
        if entry.type == JUNCTION:
            self._fates[entry.id] = self._fate(entry)
            return
        case = Case(entry, self._naming)
        fate = self._fates[entry.id] = self._fate(entry, self._node_id(entry))
        converter = instance if entry.type.startswith("subflow:") else CONVERTERS.get(entry.type, foreign)
        try:
            made = converter(case)
        except NotConvertibleError as error:
            made = placeholder(case, str(error))
            fate.note(str(error), Outcome.NOT_CONVERTIBLE)
        else:
            for sentence in case.differences:
                fate.note(sentence)
        self._converted[entry.id] = made
        name = entry.name if entry.type != "comment" and entry.name != fate.node else ""
        description = "\n\n".join(part for part in (made.description, entry.info) if part)
        self._nodes[fate.node] = NodeDocument(
            type=made.type,
            name=name,
            description="" if entry.type == "comment" else description,
            disabled=entry.is_disabled,
            config=made.config,
        )

    def _connect(self, entry: Entry) -> None:
        made, fate = self._converted[entry.id], self._fates[entry.id]
        wires: dict[str, list[str]] = {}
        for number, targets in enumerate(entry.wires):
            ends = list(self._ends(targets, fate))
            if not ends:
                continue
            if number < len(made.ports):
                wires.setdefault(made.ports[number], []).extend(ends)
            else:
                fate.note(f"the wires of its output {number + 1} are left out, because it has no such port")
        drawn = {port: list(dict.fromkeys(ends)) for port, ends in wires.items()}
        self._nodes[fate.node] = self._nodes[fate.node].model_copy(update={"wires": drawn})

    def _ends(self, targets: Iterable[str], fate: Fate) -> Iterator[str]:
        """Yield the nodes that wires lead to, past the junctions, where they are drawn only."""
        for entry in self._past_junctions(targets):
            if self._converted[entry.id].takes_messages:
                yield self._node_id(entry)
            else:
                fate.note(f"its wire to {self._node_id(entry)} is left out, because that takes no messages")

    def _past_junctions(self, targets: Iterable[str]) -> Iterator[Entry]:
        waiting, seen = list(targets), set[str]()
        while waiting:
            id_ = waiting.pop(0)
            entry = self._entries.get(id_)
            if entry is None or id_ in seen:
                continue
            seen.add(id_)
            if entry.type != JUNCTION:
                yield entry
            else:
                waiting[:0] = [end for output in entry.wires for end in output]

    def _groups(self) -> tuple[dict[str, GroupDocument], dict[str, Box]]:
        fates = []
        for group in self._naming.export.of_type("group"):
            if group.parent == self._container.id:
                id_ = self._naming.new_node(self._container.id, group.name or "group")
                fates.append(self._fate(group, id_))
        self._fates |= {fate.entry.id: fate for fate in fates}
        members: dict[str, list[str]] = {}
        for entry in self._nodes_only():
            members.setdefault(entry.group, []).append(self._node_id(entry))
        made = {fate.node: one for fate, one in zip(fates, convert_groups(fates, members, self._naming), strict=True)}
        boxes = {id_: box for id_, (_, box) in made.items() if box is not None}
        return {id_: document for id_, (document, _) in made.items()}, boxes

    def _nodes_only(self) -> Iterator[Entry]:
        return (entry for entry in self._entries.values() if entry.type != JUNCTION)

    def _ports(self) -> dict[str, Any]:
        """Return the inputs and outputs of a subflow."""
        container = self._container
        inputs: dict[str, SubflowInput] = {}
        passed_on: list[str] = []
        if entrances := container.rows("in"):
            drawn = [wire for entrance in entrances for wire in _wires(entrance)]
            ends = dict.fromkeys(self._ends([str(wire.get("id")) for wire in drawn], self._own))
            inputs["in"] = SubflowInput(targets=list(ends))
        outputs: dict[str, SubflowOutput] = {}
        exits = container.rows("out")
        for name, exit_ in zip(output_names(len(exits)), exits, strict=True):
            sources = [source for wire in _wires(exit_) for source in self._sources(wire, passed_on)]
            outputs[name] = SubflowOutput(sources=list(dict.fromkeys(sources)))
        if passed_on:
            inputs["in"] = SubflowInput(targets=[*inputs["in"].targets, *passed_on])
        if container.raw.get("status"):
            self._own.note("the status of its instances is that of no node within: watch the nodes with a status node")
        if not inputs and not outputs:
            # A flow without ports would run by itself.
            inputs["in"] = SubflowInput(targets=[])
            self._own.note("it has got an input, because a subflow has inputs or outputs")
        return {"inputs": inputs, "outputs": outputs}

    def _sources(
        self, wire: Mapping[str, Any], passed_on: list[str], seen: frozenset[str] = frozenset()
    ) -> Iterator[str]:
        """Yield where the messages on a wire to an output come from.

        Args:
            wire: The wire, from its end: ``id`` and ``port``.
            passed_on: Gets the node that is put in where an input leads straight to an output.
            seen: Junctions on the way.
        """
        id_, number = str(wire.get("id")), wire.get("port")
        entry = self._entries.get(id_)
        if id_ == self._container.id and self._container.rows("in"):
            if not passed_on:
                passed_on.append(self._naming.new_node(id_, "pass-on"))
                self._nodes[passed_on[0]] = NodeDocument(type="change")
            yield f"{passed_on[0]}.out"
        elif entry is None or id_ in seen:
            return
        elif entry.type != JUNCTION:
            ports = self._converted[id_].ports
            if isinstance(number, int) and 0 <= number < len(ports):
                yield f"{self._node_id(entry)}.{ports[number]}"
        else:
            for source, port in self._wires_to(id_):
                yield from self._sources({"id": source, "port": port}, passed_on, seen | {id_})

    def _wires_to(self, id_: str) -> Iterator[tuple[str, int]]:
        for entrance in self._container.rows("in"):
            if any(wire.get("id") == id_ for wire in _wires(entrance)):
                yield self._container.id, 0
        for entry in self._entries.values():
            yield from ((entry.id, number) for number, output in enumerate(entry.wires) if id_ in output)


def _wires(port: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the wires at a port of a subflow."""
    given = port.get("wires")
    return [wire for wire in given if isinstance(wire, dict)] if isinstance(given, list) else []


def _box(entry: Entry) -> Box:
    return Box(x=(entry.length("x") or 0.0) - _HALF_WIDTH, y=(entry.length("y") or 0.0) - _HALF_HEIGHT)
