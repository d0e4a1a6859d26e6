"""The addon's own entrance for news, and the entrance of Odoo's automation rules."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from flowengine.node import NodeError
from flowengine_nodes.odoo.client import errors
from flowengine_nodes.odoo.client.errors import OdooAwayError, OdooRefusedError
from flowengine_nodes.odoo.client.odoo_http import JSON, OdooHttp, json_of

ItemError = OdooRefusedError | OdooAwayError


class AddonWebhook:
    """``POST /iiot/webhook`` and ``/iiot/webhook/<device>``.

    Args:
        http: Where to.
        clock: Wall clock, in seconds since 1970.
    """

    def __init__(self, http: OdooHttp, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self._headers = {**JSON, "Authorization": f"Bearer {http.address.key}"}
        if http.address.database:
            self._headers["X-Odoo-Database"] = http.address.database

    async def send(self, items: Sequence[Mapping[str, Any]], device: str = "") -> list[ItemError | None]:
        """Send news, and return what became of each.

        Args:
            items: The news; without a ``device`` each names its own.
            device: Id of the device that all of them are of.

        Returns:
            As many as items, in order: ``None`` where it was taken.

        Raises:
            OdooRefusedError: None was taken, and none will be.
            OdooAwayError: None was taken now.
            TransientError: There was no answer.
        """
        path = f"/iiot/webhook/{quote(device, safe='')}" if device else "/iiot/webhook"
        try:
            body = orjson.dumps(list(items))
        except orjson.JSONEncodeError as error:
            raise NodeError(f"the news cannot be said in JSON: {error}", code="invalid-body") from None
        answer = await self._http.request("POST", path, self._headers, body)
        if answer.status == 404 and device and b'"results"' not in answer.body:
            raise _unknown_device(device, answer.body)
        document = json_of("the addon's webhook", answer, self._clock())
        results = document.get("results") if isinstance(document, dict) else None
        if not isinstance(results, list) or len(results) != len(items):
            raise errors.of_status("the addon's webhook", answer.status, "results that do not fit", None)
        return [
            _problem(result, device or str(item.get("device", ""))) for result, item in zip(results, items, strict=True)
        ]

    async def hook(self, uuid: str, payload: Mapping[str, Any]) -> None:
        """Call the webhook of an automation rule: ``POST /web/hook/<uuid>``.

        Odoo takes it without a signature: whoever knows the id may. What was wrong with it only Odoo's log says.

        Args:
            uuid: Its id, which is a secret.
            payload: What the rule sees as ``payload``.

        Raises:
            OdooRefusedError: There is no such rule, or it is not active.
            OdooAwayError: It cannot be done now.
            TransientError: There was no answer.
        """
        try:
            body = orjson.dumps(dict(payload))
        except orjson.JSONEncodeError as error:
            raise NodeError(f"the payload cannot be said in JSON: {error}", code="invalid-body") from None
        # In some versions a path that no database of the server knows is 404 as well.
        answer = await self._http.request("POST", f"/web/hook/{quote(uuid, safe='')}", self._hook_headers, body)
        if answer.status == 404:
            detail = {"status": 404, "message": "there is no active automation rule with this webhook"}
            raise OdooRefusedError(f"webhook: {detail['message']}", code="odoo-not-found", detail=detail)
        json_of("webhook", answer, self._clock())

    @property
    def _hook_headers(self) -> Mapping[str, str]:
        return {name: value for name, value in self._headers.items() if name != "Authorization"}


def _problem(result: Any, device: str) -> ItemError | None:
    if not isinstance(result, dict):
        return errors.of_item(device, "bad-answer", "the addon's answer is not understood", retry=True)
    if result.get("status") == "ok":
        return None
    return errors.of_item(
        device, str(result.get("code", "error")), str(result.get("message", "")), retry=result.get("retry") is True
    )


def _unknown_device(device: str, body: bytes) -> ItemError:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("message"), str):
        return errors.of_item(device, str(document.get("code", "unknown-device")), document["message"], retry=False)
    return errors.of_status("the addon's webhook", 404, "Not Found", None)
