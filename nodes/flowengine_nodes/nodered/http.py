"""Converters of the HTTP nodes."""

import re
from typing import Any, Final

from flowengine_nodes.nodered.case import Case, Converted, NotConvertibleError
from flowengine_nodes.nodered.export import literal_text
from flowengine_nodes.nodered.mqtt import tls_options
from flowengine_nodes.nodered.mustache import field_text
from flowengine_nodes.nodered.property_path import dotted

_PARAMETER: Final = re.compile(r":([A-Za-z_][A-Za-z0-9_]*)")
_PATTERN: Final = re.compile(r"[*?+()\[\]\\]")
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_ANSWERS: Final = {"txt": "text", "bin": "bytes", "obj": "json"}


def http_in(case: Case) -> Converted:
    """Convert an HTTP-in node."""
    entry = case.entry
    method, url = entry.text("method", "get").upper(), entry.text("url")
    if method not in _METHODS:
        raise NotConvertibleError(f"it answers the method {method}", "use a node for each method")
    if not url or _PATTERN.search(url):
        raise NotConvertibleError(f'its path "{url}" is a pattern', "write one path; {name} matches one level")
    config: dict[str, Any] = {"method": method, "path": _PARAMETER.sub(r"{\1}", url if url[0] == "/" else f"/{url}")}
    case.differ("query, headers and parameters are fields of the message, without msg.req before them")
    if method == "GET":
        case.differ("with GET, payload is null and the query is in $.query")
    if entry.flag("upload"):
        case.differ("uploaded files are not taken out of the body")
    if entry.flag("skipBodyParsing"):
        config["body"] = "bytes"
    return Converted("http-in", config, takes_messages=False)


def http_response(case: Case) -> Converted:
    """Convert an HTTP-response node."""
    entry = case.entry
    config: dict[str, Any] = {}
    if status := entry.number("statusCode"):
        config["status"] = status
    headers = entry.raw.get("headers")
    if isinstance(headers, dict) and headers:
        config["headers"] = {str(name): literal_text(str(value)) for name, value in headers.items()}
    case.differ("a message names its status in status_code and its headers in response_headers")
    return Converted("http-response", config, ports=())


def http_request(case: Case) -> Converted:
    """Convert an HTTP-request node."""
    entry = case.entry
    config: dict[str, Any] = {"method": None if entry.text("method") == "use" else entry.text("method", "GET").upper()}
    if entry.raw.get("url"):
        url = field_text(entry.text("url"))
        config["url"] = url if "://" in url or url.startswith("${") else f"http://{url}"
    if headers := _headers(case):
        config["headers"] = headers
    config |= _authorization(case)
    if not entry.flag("senderr"):
        config["accept"] = "2xx, 3xx, 4xx, 5xx"
    config |= {"answer": _ANSWERS.get(entry.text("ret", "txt"), "text"), "timeout": "2m", "redirects": 20}
    if str(entry.raw.get("paytoqs")) in {"True", "query"}:
        case.differ("the payload is not added to the query: name its values in query")
    options = case.around.entry(str(entry.raw.get("tls") or ""))
    if options is not None and isinstance(tls := tls_options(case, options), dict):
        config["tls"] = tls
    if (proxy := case.around.entry(str(entry.raw.get("proxy") or ""))) is not None:
        config["proxy"] = proxy.text("url")
        if proxy.rows("noproxy") or proxy.ids("noproxy"):
            case.differ("the proxy is used for every address")
        case.differ("where the proxy asks for a user, set proxy_username and proxy_password")
    case.differ("the message's own headers are not sent: name them in headers, or set message_headers")
    return Converted("http-request", config)


def _headers(case: Case) -> dict[str, str]:
    made: dict[str, str] = {}
    for row in case.entry.rows("headers"):
        key, value = str(row.get("keyValue") or ""), str(row.get("valueValue") or "")
        name = key if row.get("keyType") == "other" else str(row.get("keyType") or "")
        if row.get("keyType") == "msg":
            case.differ(f"the header that msg.{key} names is not sent: a header's name is fixed")
            continue
        match row.get("valueType"):
            case "msg":
                made[name] = f"{{{dotted(value)}}}"
            case "other":
                made[name] = literal_text(value)
            case kind:
                made[name] = str(kind or value)
    return {name: value for name, value in made.items() if name and value}


def _authorization(case: Case) -> dict[str, str]:
    entry = case.entry
    match entry.text("authType"):
        case "":
            return {}
        case "basic":
            user = entry.credential("user")
            username = user or case.variable("USERNAME", "user name")
            return {"auth": "basic", "username": username, "password": case.variable("PASSWORD", "password")}
        case "bearer":
            return {"auth": "bearer", "token": case.variable("TOKEN", "token")}
        case kind:
            raise NotConvertibleError(f"it proves who it is by {kind}", "use basic, a bearer token or a header")
