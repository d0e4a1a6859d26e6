"""Converters of links between flows."""

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError


def link_in(case: Case) -> Converted:
    """Convert a link-in node."""
    name = case.around.link(case.entry.id)
    assert name is not None
    return Converted("link-in", {"name": name}, takes_messages=False)


def link_out(case: Case) -> Converted:
    """Convert a link-out node."""
    entry = case.entry
    if entry.text("mode") == "return":
        return Converted("link-out", {"mode": "return"}, ports=())
    # Either end may be the only one that knows of the link.
    ids = dict.fromkeys((*entry.ids("links"), *case.around.callers(entry.id)))
    names = [name for id_ in ids if (name := case.around.link(id_)) is not None]
    if not names:
        raise NotConvertibleError("none of its links leads anywhere", "name an entrance, or remove the node")
    if len(names) < len(ids):
        case.differ("a link-in node that it leads to is not in the export")
    return Converted("link-out", {"to": names}, ports=())


def link_call(case: Case) -> Converted:
    """Convert a link-call node."""
    entry = case.entry
    if entry.text("linkType") == "dynamic":
        raise NotConvertibleError("the message chooses whom it calls", "use a switch, and a link-call node for each")
    names = [name for id_ in entry.ids("links") if (name := case.around.link(id_)) is not None]
    if len(names) != 1:
        raise NotConvertibleError("it calls no link-in node that is in the export", "name the entrance to call")
    return Converted("link-call", {"to": names[0], "timeout": case.duration(entry.raw.get("timeout"), "s", 30)})
