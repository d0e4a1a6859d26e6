import json
import time

import requests
from odoo import _, api, models
from odoo.exceptions import UserError

from .. import parameters
from ..bridge_signature import signed_headers

ANSWER_TIMEOUT = 10.0
"""Seconds that the bridge has for an answer, where nobody's change waits for it."""
LONGEST_ERROR = 1000


class BridgeAwayError(Exception):
    """The bridge cannot take events now.

    Args:
        reason: Why, as a sentence for an administrator.
    """


class EventsRefusedError(Exception):
    """The bridge will never take these events as they are.

    Args:
        reason: Why, as a sentence for an administrator.
    """


class IiotBridgeEvent(models.Model):
    """The call that takes events to the bridge."""

    _inherit = "iiot.bridge.event"

    def _body(self, database):
        told = [
            {
                "id": event.uuid,
                "type": event.type,
                "at": event.create_date.isoformat(timespec="milliseconds") + "Z",
                "data": event.data,
            }
            for event in self
        ]
        return json.dumps({"database": database, "events": told}).encode()

    @api.model
    def _post(self, url, key, body, timeout):
        """Call the bridge and return its results.

        Raises:
            BridgeAwayError: It cannot take events now.
            EventsRefusedError: It will never take these.
        """
        if not url:
            raise BridgeAwayError(_("The address of the bridge is not set; it is in the settings of Industrial IoT."))
        # Of several keys the newest comes first; the others are for what was made with them.
        keys = key.replace(",", " ").split()
        if not keys:
            raise BridgeAwayError(_("The key of the bridge is not set; it is in the settings of Industrial IoT."))
        headers = {"Content-Type": "application/json", **signed_headers(keys[0], body, time.time())}
        try:
            response = requests.post(
                f"{url.rstrip('/')}/api/v1/odoo/events",
                data=body,
                headers=headers,
                # To connect, and then to answer: together no longer than was said.
                timeout=timeout / 2,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise BridgeAwayError(_("The bridge cannot be reached: %s", error)) from error
        if response.status_code != 200:
            raise self._refusal(response.status_code, _said(response))
        return self._results(response)

    def _refusal(self, status, said):
        """Return the error that an answer stands for.

        Args:
            status: Its HTTP status.
            said: What it says.
        """
        if status == 401:
            text = _(
                "The bridge refuses the signature: its key is another one than in the settings here, or the clocks of "
                "Odoo and the bridge differ by more than five minutes. It says: %s",
                said,
            )
        elif status in {400, 413, 422}:
            return EventsRefusedError(_("The bridge refuses the event. It says: %s", said))
        elif status in {429, 502, 503, 504}:
            text = _("The bridge is not ready now (HTTP %(status)s). It says: %(said)s", status=status, said=said)
        else:
            text = _(
                "Something else than the bridge answers at its address (HTTP %(status)s). It says: %(said)s",
                status=status,
                said=said,
            )
        return BridgeAwayError(text)

    def _results(self, response):
        try:
            results = response.json()["results"]
            return {result["id"]: result for result in results}
        except (ValueError, KeyError, TypeError) as error:
            raise BridgeAwayError(
                _("Something else than the bridge answers at its address: it has sent no results.")
            ) from error

    @api.model
    def _check_bridge(self):
        """Call the bridge without any event.

        Raises:
            UserError: It does not answer as it should.
        """
        url, key = parameters.text(self.env, "iiot.bridge_url"), parameters.text(self.env, "iiot.bridge_key")
        body = self.browse()._body(self.env.cr.dbname)
        try:
            self._post(url, key, body, ANSWER_TIMEOUT)
        except (BridgeAwayError, EventsRefusedError) as error:
            raise UserError(str(error)) from error


def _said(response):
    """Return the sentence of the bridge's answer."""
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        for name in ("detail", "message", "title", "error"):
            if isinstance(answer.get(name), str):
                return answer[name][:LONGEST_ERROR]
    return response.text[:200] or response.reason
