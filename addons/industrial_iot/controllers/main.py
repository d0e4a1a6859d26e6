import json

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request
from werkzeug.exceptions import NotFound

from ..bridge_news import MOST_ITEMS, take_news
from ..pairing.reception import receive

MOST_BYTES = 16 * 1024 * 1024
MOST_PAIRING_BYTES = 16 * 1024
OPTIONS = ("ttl", "response_timeout", "supersede")


def _answer(body, status=200, headers=None):
    """Answer with JSON that nobody keeps."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", **(headers or {})}
    return request.make_response(json.dumps(body, ensure_ascii=False), list(headers.items()), status=status)


def _refusal(code, message, status):
    return _answer({"code": code, "message": message}, status)


def _body(most=MOST_BYTES):
    """Return the JSON of the request.

    Raises:
        ValueError: It is none, or too long.
    """
    if (request.httprequest.content_length or 0) > most:
        raise ValueError(f"the body is longer than {most} bytes")
    try:
        return json.loads(request.httprequest.get_data())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the body is no JSON: {error}") from error


class IiotController(http.Controller):
    """What devices and the bridge call over HTTP."""

    @http.route("/iiot/config", type="http", auth="public", methods=["POST"], csrf=False, save_session=False)
    def config(self):
        """Give a device that shows its one-time token what it needs to take part."""
        try:
            body = _body(MOST_PAIRING_BYTES)
        except ValueError:
            body = None
        source = request.httprequest.remote_addr or "http"
        status, answer, retry_after = receive(request.env(su=True), body, source)
        return _answer(answer, status, {"Retry-After": str(retry_after)} if retry_after else None)

    @http.route(
        ["/iiot/webhook", "/iiot/webhook/<string:device_id>"],
        type="http",
        auth="iiot_key",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def webhook(self, device_id=None):
        """Take news of one device or of many: telemetry, presence, commands, updates."""
        if not request.env.user.has_group("industrial_iot.group_iiot_bridge"):
            return _refusal("access", f"the user {request.env.user.login} is not in the group IIoT / Bridge", 403)
        try:
            items = self._items(_body(), device_id)
        except ValueError as error:
            return _refusal("bad-request", str(error), 400)
        if device_id is not None and not request.env["iiot.device"].search_count([("device_id", "=", device_id)]):
            return _refusal("unknown-device", f"there is no device {device_id!r}", 404)
        results = take_news(request.env, items, device_id)
        is_good = all(result["status"] == "ok" for result in results)
        return _answer({"status": "ok" if is_good else "partial", "results": results})

    def _items(self, body, device_id):
        """Return what a body brings, as a list.

        Raises:
            ValueError: It is not what it must be.
        """
        if device_id is None and not isinstance(body, list):
            raise ValueError("the body is a list of objects that each name their device")
        if isinstance(body, list) and len(body) > MOST_ITEMS:
            raise ValueError(f"a request has at most {MOST_ITEMS} items")
        return body if isinstance(body, list) else [body]

    @http.route(
        "/iiot/command/<string:device_id>",
        type="http",
        auth="iiot_key",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def command(self, device_id):
        """Send a command to a device, as the user whose API key is shown."""
        try:
            action, params, options = self._asked(_body())
            device = request.env["iiot.device"].search([("device_id", "=", device_id)])
            if not device:
                return _refusal("unknown-device", f"there is no device {device_id!r}", 404)
            with request.env.cr.savepoint():
                command = device._send_command(action, params, source="api", **options)
        except ValueError as error:
            return _refusal("bad-request", str(error), 400)
        except AccessError as error:
            return _refusal("access", str(error), 403)
        except UserError as error:
            return _refusal("refused", str(error), 400)
        return _answer({"command": command._describe()}, 202)

    def _asked(self, body):
        """Return action, params and options of a command.

        Raises:
            ValueError: The body is not what it must be.
        """
        if not isinstance(body, dict) or not isinstance(body.get("action"), str) or not body["action"]:
            raise ValueError("the body is an object with an action, and params if it has any")
        params = body.get("params") or {}
        if not isinstance(params, dict):
            raise ValueError("the params of a command are an object")  # noqa: TRY004 - one kind of mistake
        return body["action"], params, {name: body[name] for name in OPTIONS if body.get(name) is not None}

    @http.route(
        "/iiot/firmware/<string:code>/content", type="http", auth="iiot_key", methods=["GET"], save_session=False
    )
    def firmware(self, code):
        """Stream the file of a firmware, or a part of it."""
        firmware = request.env["iiot.firmware"].search([("code", "=", code)])
        if not firmware or not firmware.file:
            raise NotFound
        stream = request.env["ir.binary"]._get_stream_from(firmware, "file", filename=code)
        return stream.get_response(as_attachment=True, immutable=True)
