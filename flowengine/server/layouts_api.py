"""Layouts: where the nodes of a flow stand on the canvas."""

from flowengine.flow.document import LayoutDocument
from flowengine.server.access import Role
from flowengine.server.documents import LayoutJson, parse
from flowengine.server.endpoint import MIB, Call, Endpoint
from flowengine.server.flows_api import check_flow_exists, layout_of
from flowengine.server.model import Answer, Body


class Layout(Answer):
    """Where a flow's nodes stand."""

    layout: LayoutJson | None
    """Null if no layout is kept."""


class SaveLayout(Body):
    """A layout to save."""

    layout: LayoutJson


async def get_layout(call: Call, flow: str) -> Layout:
    """Return where a flow's nodes stand."""
    check_flow_exists(call.backend, flow)
    return Layout(layout=layout_of(call.backend, flow))


async def put_layout(call: Call, flow: str, body: SaveLayout) -> Layout:
    """Save where a flow's nodes stand.

    No revision is checked, the last one wins: where nodes stand is not worth a question.
    """
    check_flow_exists(call.backend, flow)
    await call.backend.workspace.save_layout(flow, parse(LayoutDocument, body.layout))
    return Layout(layout=layout_of(call.backend, flow))


_PATH = "/admin/api/flows/{flow}/layout"
ENDPOINTS = (
    Endpoint("GET", _PATH, get_layout, "Show where a flow's nodes stand"),
    Endpoint(
        "PUT",
        _PATH,
        put_layout,
        "Save where a flow's nodes stand",
        role=Role.EDITOR,
        audit="save-layout",
        max_body=8 * MIB,
    ),
)
