"""The client: one way to talk to Odoo, whatever its version."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from flowengine_nodes.network.http_client import Answer
from flowengine_nodes.odoo.client import errors
from flowengine_nodes.odoo.client.about import About, series_of
from flowengine_nodes.odoo.client.errors import OdooRefusedError
from flowengine_nodes.odoo.client.odoo_http import Address, OdooHttp, json_of
from flowengine_nodes.odoo.client.rpc import Json2, JsonRpc, Rpc
from flowengine_nodes.odoo.client.webhook import AddonWebhook, ItemError

FIRST_JSON2: Final = 19
#: An addon that is installed, or an Odoo that is upgraded, is noticed after so many seconds.
LOOK_AGAIN: Final = 300.0


class OdooClient:
    """Call an Odoo server.

    Nothing is sent before it is needed, so Odoo may be away when this is made. All calls raise

    - ``OdooRefusedError`` where Odoo refuses, with its own sentence in ``sentence``;
    - ``OdooAwayError``, a ``TransientError``, where it cannot now: a conflict, a key that it does not take;
    - ``TransientError`` where there was no answer (``http-connection``, ``http-timeout``, ``http-tls``).

    Args:
        address: Where it is, and who we are to it.
        clock: Wall clock, in seconds since 1970.
        series: Its major version; 0 to ask.
        rpc: How to call methods of models, ``json-2`` or ``json-rpc``; empty for what suits the version.

    Attributes:
        lacking: Methods that this server has turned out not to have; forgotten when it is asked anew what it is.
        strangers: Devices that the addon has turned out not to know; likewise.
    """

    def __init__(self, address: Address, clock: Callable[[], float], *, series: int = 0, rpc: str = "") -> None:
        self._http = OdooHttp(address)
        self._clock = clock
        self._series = series
        self._json2 = Json2(self._http, clock)
        self._json_rpc = JsonRpc(self._http, clock)
        self._webhook = AddonWebhook(self._http, clock)
        self._rpc: Rpc | None = None
        if rpc:
            self._rpc = self._json2 if rpc == "json-2" else self._json_rpc
        self._about: About | None = None
        self._types: dict[str, Mapping[str, str]] = {}
        self.lacking: set[str] = set()
        self.strangers: set[str] = set()
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def call(
        self,
        model: str,
        method: str,
        /,
        *,
        ids: Sequence[int] | None = None,
        context: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Any:
        """Call a method of a model and return what it returns.

        Args:
            model: Such as ``maintenance.equipment``.
            method: A public method.
            ids: The records it is called on; ``None`` for a method of the model.
            context: Odoo's context, such as ``{"lang": "zh_CN"}``.
            named: Its arguments, by their names in Odoo's source.
        """
        rpc = self._rpc or await self._choose_rpc()
        return await rpc.call(model, method, ids, context or {}, named)

    async def search_read(
        self,
        model: str,
        domain: Sequence[Any],
        fields: Sequence[str],
        *,
        order: str = "",
        limit: int | None = None,
        offset: int = 0,
        context: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return records that fit a domain.

        Args:
            model: Their model.
            domain: Which.
            fields: What of them; ``id`` is always there.
            order: Such as ``write_date, id``; empty for the model's own.
            limit: So many at the most; ``None`` for all.
            offset: How many to leave out first.
            context: Odoo's context.
        """
        named: dict[str, Any] = {"domain": list(domain), "fields": list(fields), "offset": offset}
        if order:
            named["order"] = order
        if limit is not None:
            named["limit"] = limit
        found: list[dict[str, Any]] = await self.call(model, "search_read", context=context, **named)
        return found

    async def search(
        self, model: str, domain: Sequence[Any], *, order: str = "", limit: int | None = None
    ) -> list[int]:
        """Return the ids of records that fit a domain."""
        named: dict[str, Any] = {"domain": list(domain)}
        if order:
            named["order"] = order
        if limit is not None:
            named["limit"] = limit
        found: list[int] = await self.call(model, "search", **named)
        return found

    async def create(
        self, model: str, values: Sequence[Mapping[str, Any]], *, context: Mapping[str, Any] | None = None
    ) -> list[int]:
        """Create records: all of them, or none.

        Args:
            model: Their model.
            values: Values of each, by field.
            context: Odoo's context.

        Returns:
            Their ids, in order.
        """
        made: list[int] = await self.call(model, "create", context=context, vals_list=list(values))
        return made

    async def write(
        self, model: str, ids: Sequence[int], values: Mapping[str, Any], *, context: Mapping[str, Any] | None = None
    ) -> None:
        """Write the same values to records: to all of them, or to none."""
        await self.call(model, "write", ids=ids, context=context, vals=dict(values))

    async def field_types(self, model: str) -> Mapping[str, str]:
        """Return the types of a model's fields, such as ``float``, by name."""
        types = self._types.get(model)
        if types is None:
            told = await self.call(model, "fields_get", attributes=["type"])
            types = self._types[model] = {name: str(one["type"]) for name, one in told.items()}
        return types

    async def webhook(self, device: str, items: Sequence[Mapping[str, Any]]) -> list[ItemError | None]:
        """Tell the addon news of a device; see :meth:`webhook_batch`."""
        return await self._webhook.send(items, device)

    async def webhook_batch(self, items: Sequence[Mapping[str, Any]]) -> list[ItemError | None]:
        """Tell the addon news of devices.

        Args:
            items: Each names its ``device``, and has ``writes``, ``telemetry``, ``presence``, ``command``, ``update``
                or ``rollout``.

        Returns:
            As many as items, in order: ``None`` where it was taken, else why it was not.
        """
        return await self._webhook.send(items)

    async def hook(self, uuid: str, payload: Mapping[str, Any]) -> None:
        """Call the webhook of an automation rule in Odoo, ``/web/hook/<uuid>``."""
        await self._webhook.hook(uuid, payload)

    async def get(self, path: str) -> Answer:
        """Return what is at a path of the server, asked with our key; its status may be any.

        Args:
            path: Path and query, percent-encoded.
        """
        return await self._http.request("GET", path, self._headers())

    @asynccontextmanager
    async def download(self, path: str) -> AsyncIterator[AsyncGenerator[bytes, None]]:
        """Ask for a file of any size at a path of the server, with our key, and take it as it arrives.

        Args:
            path: Path and query, percent-encoded.

        Yields:
            The parts of the file.
        """
        async with self._http.stream(path, self._headers()) as (answer, parts):
            if answer.status == 404:
                raise OdooRefusedError(f"{path}: there is no such file", code="odoo-not-found", detail={"status": 404})
            if answer.status != 200:
                raise errors.of_status(path, answer.status, answer.reason, None)
            yield parts

    def _headers(self) -> dict[str, str]:
        address = self._http.address
        database = {"X-Odoo-Database": address.database} if address.database else {}
        return {"Authorization": f"Bearer {address.key}", **database}

    async def about(self, *, fresh: bool = False) -> About:
        """Return what the server is; it is asked at the first call, and again after a while.

        Args:
            fresh: Ask now.
        """
        async with self._asking:
            now = self._clock()
            if fresh or self._about is None or not 0 <= now - self._asked_at < LOOK_AGAIN:
                version, series = await self._version()
                addon, database = await self._addon()
                self._about = About(version, series, addon, database)
                self._types.clear()
                self.lacking.clear()
                self.strangers.clear()
                self._asked_at = now
            return self._about

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def _choose_rpc(self) -> Rpc:
        _, series = await self._version()
        if self._rpc is None:
            self._rpc = self._json2 if series >= FIRST_JSON2 else self._json_rpc
        return self._rpc

    async def _version(self) -> tuple[str, int]:
        if self._series:
            return "", self._series
        answer = await self._http.request("GET", "/web/version", {"Accept": "application/json"})
        told: Any = None
        if answer.status == 200:
            told = json_of("/web/version", answer, self._clock())
        elif answer.status not in {303, 404, 400}:
            json_of("/web/version", answer, self._clock())
        if isinstance(told, dict) and "version" in told:
            version, info = str(told["version"]), told.get("version_info", ())
        else:
            answered = await self._json_rpc.version()
            version = str(answered.get("server_version", ""))
            info = answered.get("server_version_info", ())
        series = series_of(version, info if isinstance(info, list) else ())
        if not series:
            raise errors.of_status("version", 200, "a version that is none", None)
        return version, series

    async def _addon(self) -> tuple[str, str]:
        try:
            told = await self.call("iiot.bridge", "hello")
        except OdooRefusedError as error:
            # Without it there is no such model; and who may not ask may not use its webhook either.
            return ("" if error.code in {"odoo-not-found", "odoo-access"} else "?"), ""
        if not isinstance(told, dict):
            return "", ""
        return str(told.get("addon", "")), str(told.get("database", ""))
