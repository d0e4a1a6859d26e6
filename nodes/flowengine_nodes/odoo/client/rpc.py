"""Calls of model methods: JSON-2 on Odoo 19 and later, JSON-RPC before."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import orjson

from flowengine.node import NodeError
from flowengine_nodes.odoo.client import errors
from flowengine_nodes.odoo.client.odoo_http import JSON, OdooHttp, json_of


class Rpc(Protocol):
    """One of Odoo's ways to call a method of a model."""

    async def call(
        self, model: str, method: str, ids: Sequence[int] | None, context: Mapping[str, Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a method and return what it returns.

        Raises:
            OdooRefusedError: Odoo refuses it.
            OdooAwayError: Odoo cannot do it now.
            TransientError: There was no answer.
        """


class Json2:
    """``POST /json/2/<model>/<method>`` with an API key; one call is one transaction.

    Args:
        http: Where to.
        clock: Wall clock, in seconds since 1970.
    """

    name: Final = "JSON-2"

    def __init__(self, http: OdooHttp, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self._headers = {**JSON, "Authorization": f"bearer {http.address.key}"}
        if http.address.database:
            self._headers["X-Odoo-Database"] = http.address.database

    async def call(
        self, model: str, method: str, ids: Sequence[int] | None, context: Mapping[str, Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a method and return what it returns."""
        body = dict(named)
        if ids is not None:
            body["ids"] = ids
        if context:
            body["context"] = context
        answer = await self._http.request("POST", f"/json/2/{model}/{method}", self._headers, _encoded(body))
        return json_of(f"{model}.{method}", answer, self._clock())


class JsonRpc:
    """``POST /jsonrpc`` with the API key as the password; errors come with HTTP 200.

    Args:
        http: Where to.
        clock: Wall clock, in seconds since 1970.
    """

    name: Final = "JSON-RPC"

    def __init__(self, http: OdooHttp, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self._user: int | None = None
        self._numbers = itertools.count(1)

    async def call(
        self, model: str, method: str, ids: Sequence[int] | None, context: Mapping[str, Any], named: Mapping[str, Any]
    ) -> Any:
        """Call a method and return what it returns."""
        address = self._http.address
        if not address.database:
            reason = "JSON-RPC needs the name of the database; set 'database' of the odoo-server"
            raise errors.OdooAwayError(reason, code="odoo-address", detail={"message": reason})
        user = self._user or await self._login()
        words = dict(named)
        arguments: list[Any] = [] if ids is None else [ids]
        if method == "create" and "vals_list" in words:
            # call_kw looks at the first positional argument to tell one record from many.
            arguments.append(words.pop("vals_list"))
        if context:
            words["context"] = context
        try:
            return await self._ask(
                f"{model}.{method}",
                "object",
                "execute_kw",
                [address.database, user, address.key, model, method, arguments, words],
            )
        except errors.OdooAwayError as error:
            if error.code == "odoo-login":
                self._user = None
            raise

    async def version(self) -> Mapping[str, Any]:
        """Return what the server says of its version, which it tells anybody."""
        told = await self._ask("common.version", "common", "version", [])
        return told if isinstance(told, dict) else {}

    async def _login(self) -> int:
        address = self._http.address
        found = await self._ask(
            "common.authenticate", "common", "authenticate", [address.database, address.login, address.key, {}]
        )
        if not isinstance(found, int) or not found:
            raise errors.of_exception(
                "login", "odoo.exceptions.AccessDenied", f"Odoo does not take the key of {address.login!r}", 200
            )
        self._user = int(found)
        return self._user

    async def _ask(self, where: str, service: str, method: str, arguments: list[Any]) -> Any:
        request = {
            "jsonrpc": "2.0",
            "method": "call",
            "id": next(self._numbers),
            "params": {"service": service, "method": method, "args": arguments},
        }
        answer = await self._http.request("POST", "/jsonrpc", JSON, _encoded(request))
        document = json_of(where, answer, self._clock())
        if not isinstance(document, dict) or ("result" not in document and "error" not in document):
            raise errors.of_status(where, answer.status, "something that is no JSON-RPC", None)
        problem = document.get("error")
        if problem is None:
            return document.get("result")
        data = problem.get("data") if isinstance(problem, dict) else None
        data = data if isinstance(data, dict) else {}
        name, sentence = str(data.get("name", "")), str(data.get("message", ""))
        raise errors.of_exception(where, name or "JSON-RPC error", sentence, answer.status)


def _encoded(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as error:
        raise NodeError(f"the values cannot be said in JSON: {error}", code="invalid-body") from None
