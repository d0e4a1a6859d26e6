"""Decide on a request to be paired, and answer it."""

import hmac
import logging
import secrets
import time
from typing import NamedTuple

from odoo.exceptions import UserError

from .. import parameters
from ..telemetry.number import iso_time
from .token_text import read_token, sealed_by, token_digest
from .tries import Tries

_logger = logging.getLogger(__name__)

LONGEST_TEXT = 128
OPTIONAL = ("request_id", "hardware", "firmware")

TRIES = Tries()


class Refused(NamedTuple):
    """Why a pairing is refused. An asker learns no more than he may know: only who shows a real token learns of it."""

    code: str
    status: int
    message: str
    location: str = "token"


MALFORMED = Refused(
    "request-malformed",
    400,
    'send a JSON object {"serial": …, "token": …}, and if you like request_id, hardware, firmware: texts',
    "body",
)
TOKEN_MALFORMED = Refused(
    "token-malformed",
    400,
    "this is no token: one has 28 letters and digits, in groups of four; check the typing",
)
UNKNOWN = Refused(
    "token-unknown",
    403,
    "there is no such token; check the typing, or have a new token made for the device",
)
WRONG_SERIAL = Refused(
    "wrong-serial",
    403,
    "the token is for another device; check the serial number, or have a token made for this device",
    "serial",
)
EXPIRED = Refused("token-expired", 410, "the token is too old; have a new one made")
USED = Refused(
    "token-used",
    410,
    "the token was used; have a new one made, and find out who used it if it was not this device",
)
VOID = Refused("token-void", 410, "the token counts no more, for instance because a newer one was made; use that")
SUSPENDED = Refused("device-suspended", 403, "the device is suspended; have it resumed first", "serial")
RETIRED = Refused("device-retired", 403, "the device is retired and will not be paired again", "serial")
TOO_MANY = Refused("too-many-tries", 429, "too many requests were wrong; a right one is taken at any time", "body")
UNAVAILABLE = Refused("not-set-up", 503, "this server cannot pair devices yet; see its settings", "body")


class _Request(NamedTuple):
    serial: str
    symbols: str
    request_id: str = ""
    hardware: str = ""
    firmware: str = ""


def receive(env, body, source):
    """Pair a device, or say why not.

    Args:
        env: Environment of the superuser.
        body: The request, decoded; anything at all.
        source: Where it came from.

    Returns:
        HTTP status, answer as JSON, and the seconds after which to try again (0 for none).
    """
    asked = _read(body)
    decided = asked if isinstance(asked, Refused) else _decide(env, asked, source)
    if not isinstance(decided, Refused):
        return 200, decided | ({"request_id": asked.request_id} if asked.request_id else {}), 0
    serial = _claimed(body, "serial")
    wait = TRIES.count(env.cr.dbname, serial, source)
    if wait:
        decided = TOO_MANY
    else:
        _audit(env, serial, source, decided)
    answer = {"code": decided.code, "message": decided.message, "location": decided.location}
    request_id = _claimed(body, "request_id")
    return decided.status, answer | ({"request_id": request_id} if request_id else {}), wait


def configuration(env, token):
    """Return the configuration of a device that has paired, as JSON; the same document as the bridge's.

    Args:
        env: Environment of the superuser.
        token: The token that it has used.
    """
    device = token.device_id
    profile = device.profile_id
    return {
        "device": device.device_id,
        "serial": device.serial_number,
        "profile": profile.code,
        "broker": {
            "host": parameters.text(env, "iiot.mqtt_host"),
            "port": parameters.number(env, "iiot.mqtt_port"),
            "tls": parameters.flag(env, "iiot.mqtt_use_tls"),
        },
        "client_id": device.device_id,
        "username": device.device_id,
        "password": env["iiot.bridge"]._secret_keys().broker_password(token.key, token.token_id, device.device_id),
        "topics": profile._topics_of(device.device_id),
        "offline_after": profile.offline_after,
        "time": iso_time(time.time()),
    }


def _read(body):
    if not isinstance(body, dict) or not _is_text(body.get("serial")) or not body["serial"].strip():
        return MALFORMED
    optional = {name: "" if body.get(name) is None else body[name] for name in OPTIONAL}
    if not all(_is_text(text) for text in optional.values()):
        return MALFORMED
    symbols = read_token(body.get("token"))
    if symbols is None:
        return TOKEN_MALFORMED
    return _Request(body["serial"].strip(), symbols, **optional)


def _decide(env, asked, source):
    try:
        keys = env["iiot.bridge"]._secret_keys()
    except UserError as error:
        _logger.error("A device cannot be paired: %s", error)  # noqa: TRY400 - the sentence says it all
        return UNAVAILABLE
    # A guess costs no look at the database.
    key = sealed_by(keys, asked.symbols)
    if key is None:
        return UNKNOWN
    digest = token_digest(keys, key, asked.symbols)
    token = env["iiot.device.token"].search([("digest", "=", digest)])
    if not token or not hmac.compare_digest(token.digest, digest):
        return UNKNOWN
    device = token.device_id
    if not (_same(asked.serial, token.serial) and _same(asked.serial, device.serial_number)):
        token._miss(source)
        return WRONG_SERIAL
    mark = keys.digest(key, "request", token.token_id, asked.request_id or secrets.token_hex(16)).hex()
    mark = mark if asked.request_id else f"?{mark}"
    used = token._use(asked.serial, mark, asked.hardware, asked.firmware, source)
    if used["used"]:
        return configuration(env, token)
    return _reason(token)


def _reason(token):
    """Return why a token could not be used."""
    device = token.device_id
    if token.state != "open":
        return VOID if token.state == "void" else USED
    if device.lifecycle in {"suspended", "retired"}:
        return SUSPENDED if device.lifecycle == "suspended" else RETIRED
    return EXPIRED


def _audit(env, serial, source, refused):
    _logger.warning("Pairing refused (%s): serial number %r, from %s", refused.code, serial, source)
    device = env["iiot.device"].search([("serial_number", "=", serial)]) if serial else env["iiot.device"]
    if device:
        device._note_refused_pairing(refused.code, source)


def _claimed(body, name):
    """Return what a request that may be malformed claims in a field, cut short and printable; empty for no text."""
    text = body.get(name) if isinstance(body, dict) else None
    if not isinstance(text, str):
        return ""
    return "".join(one if one.isprintable() else "?" for one in text.strip()[:LONGEST_TEXT])


def _is_text(value):
    return isinstance(value, str) and len(value) <= LONGEST_TEXT and (value.isprintable() or not value)


def _same(one, other):
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
