"""A whole service on a free port, and a client of it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from flowengine.runtime import RunningFlow
from flowengine.server.service import Service, ServiceOptions

NODES = Path(__file__).parent / "nodes"
API = "/admin/api"


def flow(id: str, nodes: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """Return a flow document; without nodes, of an inject, a gate and a debug node."""
    usual = {
        "start": {"type": "inject", "wires": {"out": ["gate"]}},
        "gate": {"type": "gate", "wires": {"out": ["show"]}},
        "show": {"type": "debug"},
    }
    return {"flowengine": 1, "id": id, "nodes": dict(usual if nodes is None else nodes), **rest}


@dataclass
class Stand:
    """A service that runs, and a client of its API."""

    service: Service
    client: httpx.AsyncClient
    folder: Path

    def running(self, flow: str) -> RunningFlow:
        return self.service.engine.flows[flow]

    async def ask(self, method: str, path: str, status: int = 200, **rest: Any) -> Any:
        """Ask the API and return its JSON; the status must be as said."""
        response = await self.client.request(method, API + path, **rest)
        assert response.status_code == status, (response.status_code, response.text)
        return response.json() if response.content else None

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return await self.ask("GET", path, status, params=query)

    async def put(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self.ask("PUT", path, status, json=body)

    async def post(self, path: str, status: int = 200, **body: Any) -> Any:
        return await self.ask("POST", path, status, json=body)

    async def delete(self, path: str, status: int = 204, **query: Any) -> Any:
        return await self.ask("DELETE", path, status, params=query)

    async def save(self, document: Mapping[str, Any]) -> None:
        """Save a flow over whatever is there."""
        found = await self.client.get(f"{API}/flows/{document['id']}")
        base = found.json()["revision"] if found.is_success else None
        await self.put(f"/flows/{document['id']}", base=base, document=document)

    async def inject(self, flow: str, node: str, **fields: Any) -> str:
        """Put a message into a node and return its id."""
        answer = await self.post(f"/flows/{flow}/inject", node=node, message=fields)
        return str(answer["message_id"])


def write(folder: Path, *documents: Mapping[str, Any], resources: Mapping[str, Any] | None = None) -> None:
    """Write flows and resources as a text editor would."""
    for document in documents:
        (folder / f"{document['id']}.flow.json").write_text(json.dumps(document))
    if resources is not None:
        (folder / "resources.json").write_text(json.dumps({"flowengine": 1, "resources": resources}))


@asynccontextmanager
async def serving(
    path: Path,
    *documents: Mapping[str, Any],
    resources: Mapping[str, Any] | None = None,
    token: str = "",
    watch: bool = False,
    workers: int = 1,
) -> AsyncIterator[Stand]:
    """Run a service on a folder with some flows."""
    folder = path / "flows"
    folder.mkdir()
    write(folder, *documents, resources=resources)
    options = ServiceOptions(
        folder=folder,
        port=0,
        store=f"sqlite:///{path / 'store.db'}",
        nodes=(NODES,),
        admin_token=token,
        watch=watch,
        drain=0.2,
        worker=workers - 1,
        workers=workers,
    )
    service = Service(options)
    headers = httpx.Headers({b"Authorization": f"Bearer {token}".encode()} if token else {})
    async with service.running(), httpx.AsyncClient(base_url=service.url, headers=headers) as client:
        yield Stand(service, client, folder)
