import json
import re

from odoo import models
from odoo.http import Response, request
from werkzeug.exceptions import Unauthorized

_BEARER = re.compile(r"bearer\s+(\S+)", re.IGNORECASE)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _auth_method_iiot_key(cls):
        """Let in who shows the API key of a user, as that user. 17 has no such method of its own."""
        found = _BEARER.fullmatch(request.httprequest.headers.get("Authorization", "").strip())
        user_id = found and request.env["res.users.apikeys"]._check_credentials(scope="rpc", key=found[1])
        if not user_id:
            body = {"code": "unauthorized", "message": "send the API key of an Odoo user: Authorization: Bearer <key>"}
            answer = Response(json.dumps(body), status=401, content_type="application/json")
            answer.headers["WWW-Authenticate"] = "Bearer"
            raise Unauthorized(response=answer)
        request.session.can_save = False
        request.update_env(user=user_id)
        request.update_context(**request.env["res.users"].context_get())
