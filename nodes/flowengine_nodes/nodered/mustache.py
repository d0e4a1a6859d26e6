"""Mustache templates as Jinja2, as far as they only put values into text."""

import re
from typing import Final

from flowengine_nodes.nodered.case import NotConvertibleError
from flowengine_nodes.nodered.property_path import dotted, jinja_expression

_TAG: Final = re.compile(r"\{\{\{\s*(?P<raw>[^{}]+?)\s*\}\}\}|\{\{(?P<sign>[#^/!&>=]?)\s*(?P<name>[^{}]*?)\s*=?\}\}")
_CONTEXT: Final = re.compile(r"(?P<scope>flow|global)(?:\[\w+\])?\.(?P<key>.+)")
_SPECIAL: Final = re.compile(r"\{%|\{#|\{\{")
_ADVICE: Final = "write the template in Jinja2 by hand"


def jinja_template(text: str, *, escapes: bool) -> str:
    """Return a Mustache template as Jinja2.

    Args:
        text: The template.
        escapes: Whether ``{{name}}`` escapes what HTML takes for its own, as Mustache does.

    Raises:
        NotConvertibleError: It has sections or partials, whose meaning depends on the message.
    """
    written: list[str] = []
    opened: list[str] = []
    place = 0
    for tag in _TAG.finditer(text):
        written.append(_plain(text[place : tag.start()]))
        place = tag.end()
        written.append(_tag(tag, opened, escapes=escapes))
    if opened:
        raise NotConvertibleError(f"the section {opened[-1]} of the template does not end", _ADVICE)
    return "".join((*written, _plain(text[place:])))


def _tag(tag: re.Match[str], opened: list[str], *, escapes: bool) -> str:
    sign, name = tag["sign"], tag["raw"] or tag["name"]
    match sign:
        case "!":
            return ""
        case "^":
            opened.append(name)
            return f"{{% if not {_expression(name)} %}}"
        case "/" if opened and opened[-1] == name:
            opened.pop()
            return "{% endif %}"
        case "#" | "/" | ">" | "=":
            raise NotConvertibleError(f"the template has {tag[0]}, whose meaning depends on the message", _ADVICE)
    is_raw = bool(tag["raw"]) or sign == "&" or not escapes
    return f"{{{{ {_expression(name)}{'' if is_raw else ' | e'} }}}}"


def _expression(name: str) -> str:
    if name == ".":
        raise NotConvertibleError("the template prints the whole message", _ADVICE)
    if name.startswith("env."):
        return f'env("{name.removeprefix("env.")}")'
    if (context := _CONTEXT.fullmatch(name)) is not None:
        key, *rest = context["key"].split(".")
        return ".".join((f'state("{key}", "{context["scope"]}")', *rest))
    return jinja_expression(name)


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"{{{{ '{found[0]}' }}}}", text)


def field_text(text: str) -> str:
    """Return a Mustache template as a text in which ``{name}`` stands for a field.

    Raises:
        NotConvertibleError: It does more than that.
    """

    def place(tag: re.Match[str]) -> str:
        if tag["sign"] not in {None, "", "&"}:
            raise NotConvertibleError(
                f"the text has {tag[0]}, which no setting can have", "compute it in a field before"
            )
        return f"{{{dotted(tag['raw'] or tag['name'])}}}"

    return _TAG.sub(place, text)
