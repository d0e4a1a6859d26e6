"""The groups of one tab or subflow: frames with variables, which do not nest here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowengine.flow.document import Box, GroupDocument
from flowengine_nodes.nodered.export import Entry
from flowengine_nodes.nodered.report import Fate
from flowengine_nodes.nodered.surroundings import Naming
from flowengine_nodes.nodered.variables import own_variables

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def convert_groups(
    fates: Sequence[Fate], members: Mapping[str, Sequence[str]], naming: Naming
) -> Iterator[tuple[GroupDocument, Box | None]]:
    """Yield what each group becomes, and where it stands.

    Args:
        fates: What becomes of the groups; each has the id that the group gets as its node.
        members: Ids of the nodes that are right in a group, by the group's id in Node-RED.
        naming: The names of everything.
    """
    groups = {fate.entry.id: fate.entry for fate in fates}
    own = {fate.entry.id: own_variables(fate.entry.rows("env"), fate.note, naming.variable) for fate in fates}
    for fate in fates:
        group = fate.entry
        env: dict[str, str] = {}
        for each in _outwards(group, groups):
            env = own[each.id] | env
        if (outer := groups.get(group.group)) is not None:
            fate.note(f'stands beside the group "{outer.name or outer.id}" and has a copy of its variables')
        document = GroupDocument(name=group.name, nodes=sorted(members.get(group.id, ())), env=env)
        yield document, _box(group) if group.is_drawn else None


def _outwards(group: Entry, groups: Mapping[str, Entry]) -> Iterator[Entry]:
    """Yield a group, the group that it is in, and so on."""
    seen = set[str]()
    at: Entry | None = group
    while at is not None and at.id not in seen:
        seen.add(at.id)
        yield at
        at = groups.get(at.group)


def _box(group: Entry) -> Box:
    style = group.raw.get("style")
    drawn = [str(style.get(key) or "") for key in ("stroke", "fill")] if isinstance(style, dict) else []
    return Box(
        x=group.length("x") or 0.0,
        y=group.length("y") or 0.0,
        width=group.length("w"),
        height=group.length("h"),
        colour=next((one.lower() for one in drawn if _COLOUR.fullmatch(one)), None),
    )
