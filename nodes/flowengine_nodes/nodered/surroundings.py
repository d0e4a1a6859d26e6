"""The names that everything in an export gets, given out before anything is converted."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from urllib.parse import urlsplit

from flowengine.flow.document import ResourceDocument
from flowengine_nodes.nodered.export import Entry, Export
from flowengine_nodes.nodered.names import Names

JUNCTION = "junction"


class Naming:
    """The names in an export, as converters ask for them.

    Args:
        export: The export.
        links: Names of entrances that other flows of the folder have.
    """

    def __init__(self, export: Export, links: Iterable[str] = ()) -> None:
        self.export = export
        self.variables: dict[str, str] = {}
        self._resources: dict[str, str] = {}
        flows, entrances = Names(), Names(links)
        kinds = {"tab": "flow"}
        self.flows = {one.id: flows.give(one.name, kinds.get(one.type, one.type)) for one in export.containers}
        self._links = {one.id: entrances.give(one.name, "link") for one in export.of_type("link in") if one.is_drawn}
        nodes = {one.id: Names() for one in export.containers}
        self._nodes = {
            one.id: nodes[one.parent].give(one.name if one.type != "comment" else "", self._kind(one))
            for one in export.nodes
            if one.type != JUNCTION
        }
        self._spare = nodes

    def entry(self, id: str) -> Entry | None:
        """Return another entry by its id in Node-RED."""
        return self.export.entries.get(id)

    def node(self, id: str) -> str | None:
        """Return the id that a node gets."""
        return self._nodes.get(id)

    def new_node(self, container: str, wanted: str) -> str:
        """Return an id for a node that the export has not.

        Args:
            container: Id of the tab or subflow in Node-RED.
            wanted: What to call it.
        """
        return self._spare[container].give(wanted)

    def members(self, group: str) -> list[str]:
        """Return the ids of the nodes that are in a group, or in one within it."""
        inside = {group}
        groups = list(self.export.of_type("group"))
        # A group within another comes before or after it.
        for _ in groups:
            inside |= {one.id for one in groups if one.group in inside}
        return [self._nodes[one.id] for one in self.export.nodes if one.group in inside and one.id in self._nodes]

    def has_inner_groups(self, group: str) -> bool:
        """Tell whether there are groups within a group."""
        return any(one.group == group for one in self.export.of_type("group"))

    def link(self, id: str) -> str | None:
        """Return the name of the entrance that a link-in node becomes."""
        return self._links.get(id)

    @cached_property
    def _callers(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for entrance in self.export.of_type("link in"):
            for id_ in entrance.ids("links"):
                found.setdefault(id_, []).append(entrance.id)
        return found

    def callers(self, id: str) -> list[str]:
        """Return the ids of the link-in nodes that say a link-out node leads to them."""
        return self._callers.get(id, [])

    def resource(self, id: str) -> str | None:
        """Return the id of the resource that a config node becomes."""
        return self._resources.get(id)

    def name_resource(self, entry: Entry, made: ResourceDocument, known: Mapping[str, ResourceDocument]) -> str:
        """Give a resource its id: that of an equal one there is, or one of its own.

        Args:
            entry: The config node.
            made: What it became.
            known: The resources there are, by id.
        """
        same = next((id_ for id_, one in known.items() if (one.type, one.config) == (made.type, made.config)), None)
        address = str(entry.raw.get("broker") or "")
        host = (urlsplit(address).hostname or "") if "://" in address else address
        self._resources[entry.id] = same or Names(known).give(entry.name, host.partition(".")[0], entry.type)
        return self._resources[entry.id]

    def subflow(self, id: str) -> tuple[str, Entry] | None:
        """Return the id that a subflow gets, and its entry."""
        entry = self.export.entries.get(id)
        return None if entry is None or entry.type != "subflow" else (self.flows[id], entry)

    def variable(self, name: str, purpose: str) -> None:
        """Tell that somebody has to set a variable."""
        self.variables.setdefault(name, purpose)

    def _kind(self, entry: Entry) -> str:
        """Return what to call a node without a name."""
        if entry.type.startswith("subflow:"):
            found = self.subflow(entry.type.removeprefix("subflow:"))
            return found[0] if found is not None else "subflow"
        return "filter" if entry.type == "rbe" else entry.type
