"""Answers of a real Odoo, recorded: the stand-in must answer alike, and so must the next Odoo.

``python -m tests.nodes.odoo.recording`` asks a real one and writes ``tests/nodes/odoo/recorded/odoo-19.json``.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.odoo_cluster import PLAIN, WITH_ADDON, new_cluster
from tests.odoo_server import Odoo

FILE = Path(__file__).parent / "recorded" / "odoo-19.json"
EQUIPMENT = "/json/2/maintenance.equipment"
NEW = {"vals_list": [{"name": "one"}, {"name": "two", "cost": 2.5}]}
#: Name, path and body of each request; ``$one`` and ``$two`` are the records that the first of them makes.
CALLS: Sequence[tuple[str, str, Any]] = (
    ("create", f"{EQUIPMENT}/create", NEW),
    ("version", "/web/version", None),
    ("write", f"{EQUIPMENT}/write", {"ids": ["$one", "$two"], "vals": {"partner_ref": "both"}}),
    (
        "write different values",
        f"{EQUIPMENT}/web_save_multi",
        {"ids": ["$one", "$two"], "vals_list": [{"cost": 3}, {"cost": 4}], "specification": {}},
    ),
    ("search", f"{EQUIPMENT}/search", {"domain": [["partner_ref", "=", "both"]], "order": "id"}),
    (
        "search and read",
        f"{EQUIPMENT}/search_read",
        {"domain": [["id", "in", ["$one", "$two"]]], "fields": ["name", "cost"], "order": "id", "limit": 5},
    ),
    ("import", f"{EQUIPMENT}/load", {"fields": [".id", "cost"], "data": [["$one", "5.5"]]}),
    ("no record", f"{EQUIPMENT}/write", {"ids": [999_999], "vals": {"cost": 1}}),
    ("no field", f"{EQUIPMENT}/write", {"ids": ["$one"], "vals": {"nope": 1}}),
    ("no number", f"{EQUIPMENT}/write", {"ids": ["$one"], "vals": {"cost": "hot"}}),
    ("no model", "/json/2/no.model/search", {"domain": []}),
    ("no method", f"{EQUIPMENT}/no_method", {}),
    ("no addon", "/json/2/iiot.bridge/hello", {}),
)
NEWS: Sequence[tuple[str, str, Any]] = (
    ("nothing", "/iiot/webhook", []),
    ("no list", "/iiot/webhook", {"presence": {"online": True}}),
    ("no object", "/iiot/webhook", [1]),
    ("no device", "/iiot/webhook", [{"presence": {"online": True}}, {"command": {}}]),
    ("no JSON", "/iiot/webhook", b"{"),
)


def asked(url: str, headers: Mapping[str, str], calls: Sequence[tuple[str, str, Any]]) -> dict[str, Any]:
    """Make requests and return what was answered, without what differs from server to server.

    Args:
        url: Address of the server.
        headers: Headers of each request.
        calls: The requests.
    """
    records: dict[str, int] = {}
    answers: dict[str, Any] = {}
    with httpx.Client(base_url=url, headers={**headers, "Connection": "close"}, timeout=60) as client:
        for name, path, body in calls:
            if body is None:
                answer = client.get(path)
            else:
                content = body if isinstance(body, bytes) else json.dumps(_filled(body, records)).encode()
                answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
            document = answer.json()
            if name == "create":
                records = dict(zip(("$one", "$two"), document, strict=True))
            answers[name] = {"status": answer.status_code, "body": _plain(document, records)}
    return answers


def _filled(value: Any, records: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, records) for name, one in value.items()}
    if isinstance(value, list):
        # The import takes ids as text.
        return [_filled(one, records) for one in value]
    return records.get(value, value) if isinstance(value, str) else value


def _plain(value: Any, records: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one, records) for name, one in value.items() if name not in {"debug", "version_info"}}
    if isinstance(value, list):
        return [_plain(one, records) for one in value]
    if isinstance(value, str):
        return re.sub(r"User: \d+", "User: N", value)
    names = {id: name for name, id in records.items()}
    return names.get(value, value) if value.__class__ is int else value


def headers_of(server: Odoo, login: str) -> dict[str, str]:
    """Return the headers by which a user of a real server is known."""
    return {"Authorization": f"Bearer {server.keys[login]}", "X-Odoo-Database": server.database}


def _recorded() -> Iterator[tuple[str, Any]]:
    for addon, login, calls in ((False, "engineer", CALLS), (True, "bridge", NEWS)):
        cluster = new_cluster(with_addon=addon)
        try:
            server = Odoo(cluster, cluster.new_database(WITH_ADDON if addon else PLAIN))
            server.start()
            try:
                yield ("news" if addon else "calls"), asked(server.url, headers_of(server, login), calls)
            finally:
                server.kill()
        finally:
            cluster.remove()


def main() -> None:
    """Record them."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(dict(_recorded()), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
