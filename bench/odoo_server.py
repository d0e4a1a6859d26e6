"""A real Odoo for the benchmark, and what it and its PostgreSQL spend."""

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from bench.process import PROC
from bench.stand import RunError
from tests.odoo_cluster import PLAIN, WITH_ADDON, OdooCluster, new_cluster
from tests.odoo_installation import unavailable
from tests.odoo_server import Odoo

MODEL = "maintenance.equipment"
READINGS = "x_reading"
_TICK = os.sysconf("SC_CLK_TCK")


class OdooServer:
    """Start Odoo with a fresh database from entry to exit of ``with``.

    Args:
        addon: Whether the addon is installed.

    Raises:
        RunError: There is no Odoo on this machine; the sentence says what to do.
    """

    def __init__(self, *, addon: bool) -> None:
        self.addon = addon
        self.login = "bridge" if addon else "engineer"

    def __enter__(self) -> Self:
        reason = unavailable()
        if reason is not None:
            raise RunError(reason)
        self._cluster: OdooCluster = new_cluster(with_addon=self.addon)
        try:
            database = self._cluster.new_database(WITH_ADDON if self.addon else PLAIN, "bench")
            self._odoo = Odoo(self._cluster, database, "--log-level=warn", "--max-cron-threads=0")
            self._odoo.start()
        except BaseException:
            self._cluster.remove()
            raise
        self.url = self._odoo.url
        self.database = self._odoo.database
        # Only the bridge's user may use the addon's webhook; without it, who may write equipment will do.
        self.key = self._odoo.keys[self.login]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._odoo.kill()
        self._cluster.remove()

    @property
    def environment(self) -> dict[str, str]:
        """What the engine's flows read of it."""
        return {
            "ODOO_BASE_URL": self.url,
            "ODOO_DATABASE": self.database,
            "ODOO_LOGIN": self.login,
            "ODOO_API_KEY": self.key,
        }

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """Call a method as the administrator."""
        return self._odoo.call(model, method, *arguments, **named)

    def add_fields(self, model: str, fields: Mapping[str, str]) -> None:
        """Add fields to a model, as an administrator does by hand.

        Args:
            model: The model.
            fields: Types by name.
        """
        (id,) = self.call("ir.model", "search", [["model", "=", model]])
        rows = [
            {"name": name, "model_id": id, "ttype": kind, "state": "manual", "field_description": name}
            for name, kind in fields.items()
        ]
        self.call("ir.model.fields", "create", rows)

    def add_readings(self) -> None:
        """Add a model of readings, each with a number of its own."""
        group = self.call("ir.model.data", "search_read", [["name", "=", "group_user"]], ["res_id"])[0]["res_id"]
        self.call(
            "ir.model",
            "create",
            {
                "name": "Reading",
                "model": READINGS,
                "field_id": [
                    [0, 0, {"name": "x_uid", "ttype": "char", "field_description": "Number", "index": True}],
                    [0, 0, {"name": "x_value", "ttype": "float", "field_description": "Value"}],
                    [0, 0, {"name": "x_equipment", "ttype": "integer", "field_description": "Equipment"}],
                ],
                "access_ids": [
                    [0, 0, {"name": "bench", "group_id": group, "perm_read": 1, "perm_write": 1, "perm_create": 1}]
                ],
            },
        )

    def add_equipment(self, count: int) -> None:
        """Add pieces of equipment; their ids are those from 1 on."""
        ids = self.call(MODEL, "create", [{"name": f"equipment {number}"} for number in range(count)])
        if ids != list(range(1, count + 1)):
            raise RunError(f"the equipment has the ids {ids[0]} to {ids[-1]}, and not those from 1 on")

    def add_devices(self, names: Sequence[str]) -> None:
        """Add devices for the equipment, in its order, so that the addon knows whose news it gets."""
        (profile,) = self.call("iiot.device.profile", "create", [{"code": "bench", "name": "Bench"}])
        rows = [
            {
                "device_id": name,
                "name": name,
                "serial_number": name,
                "profile_id": profile,
                "lifecycle": "active",
                "business_ref": f"{MODEL},{number}",
            }
            for number, name in enumerate(names, 1)
        ]
        self.call("iiot.device", "create", rows)

    def client(self) -> httpx.Client:
        """Return a client that shows the key."""
        headers = {"Authorization": f"bearer {self.key}", "X-Odoo-Database": self.database, "Connection": "close"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=120)

    def newest(self, field: str) -> dict[int, Any]:
        """Return what the database has in a field of the equipment, by record."""
        table = MODEL.replace(".", "_")
        rows = self._cluster.sql(f"SELECT id, {field} FROM {table}", self.database).split()
        return {int(id): int(value or 0) for id, value in (row.split("|") for row in rows)}

    def highest(self, field: str) -> int:
        """Return the highest value of a field of the equipment."""
        table = MODEL.replace(".", "_")
        return int(self._cluster.sql(f"SELECT coalesce(max({field}), 0) FROM {table}", self.database))

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self._cluster.sql(f"SELECT count(*) FROM {table}", self.database))

    def cpu_seconds(self) -> tuple[float, float]:
        """Return what Odoo and what PostgreSQL have spent so far, children that have ended included."""
        odoo = self._odoo._process  # noqa: SLF001 - nobody else measures it
        assert odoo is not None
        pid = int((self._cluster.postgresql.data / "postmaster.pid").read_text().split()[0])
        return _spent(odoo.pid), _spent(pid)


def _spent(root: int) -> float:
    """Return the CPU seconds of a process, of its children that live, and of those it has waited for."""
    spent = 0
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(entry.name) == root:
                spent += sum(int(fields[place]) for place in (11, 12, 13, 14))
            elif int(fields[1]) == root:
                spent += int(fields[11]) + int(fields[12])
    return spent / _TICK
