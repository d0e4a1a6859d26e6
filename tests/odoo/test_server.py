"""What the fixtures give: real servers, each with its own database, that survive being killed."""

import httpx

from tests.odoo_cluster import PLAIN, OdooCluster
from tests.odoo_server import Odoo


def test_plain_odoo_lacks_the_addon(plain_odoo: Odoo) -> None:
    assert plain_odoo.call("ir.model", "search_count", [["model", "=", "maintenance.equipment"]]) == 1
    assert plain_odoo.call("ir.model", "search_count", [["model", "=", "iiot.device"]]) == 0


def test_key_of_a_user_opens_json2(plain_odoo: Odoo) -> None:
    headers = {"Authorization": f"bearer {plain_odoo.keys['admin']}"}
    answer = httpx.post(f"{plain_odoo.url}/json/2/res.users/context_get", json={}, headers=headers, timeout=60)
    assert answer.json()["uid"] == plain_odoo.call("res.users", "search", [["login", "=", "admin"]])[0]


def test_killed_odoo_starts_again_on_its_port_with_its_data(plain_odoo_cluster: OdooCluster) -> None:
    server = Odoo(plain_odoo_cluster, plain_odoo_cluster.new_database(PLAIN))
    try:
        server.start()
        port = server.port
        made = server.call("res.partner", "create", {"name": "Kept"})
        server.kill()
        server.start()
        assert server.port == port
        assert server.call("res.partner", "read", [made], ["name"]) == [{"id": made, "name": "Kept"}]
    finally:
        server.kill()
