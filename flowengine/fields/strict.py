"""The base of every model that users fill in."""

from typing import Any

from pydantic import ConfigDict, GetJsonSchemaHandler
from pydantic.fields import ComputedFieldInfo, FieldInfo
from pydantic.json_schema import JsonSchemaValue

from flowengine.fields.docstrings import Documented, field_docstrings

_WIDGETS = {
    "boolean": "checkbox",
    "integer": "number",
    "number": "number",
    "string": "text",
    "array": "list",
    "object": "json",
}


_ABBREVIATIONS = {
    one.lower(): one
    for one in ("API", "CA", "CSV", "HTTP", "JSON", "MQTT", "OTA", "QoS", "SQL", "TCP", "TLS", "TTL", "URL")
}


def _title(name: str, _field: FieldInfo | ComputedFieldInfo) -> str:
    first, *rest = (_ABBREVIATIONS.get(word, word) for word in name.split("_"))
    return " ".join([first[:1].upper() + first[1:], *rest])


class StrictConfig(Documented):
    """Refuse unknown names, validate defaults like values, and never change.

    Use it for the parts of a configuration, such as one rule of a list. In its JSON Schema every field has a
    title, a description and ``x-widget``, the editor's widget for it.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        arbitrary_types_allowed=False,
        populate_by_name=True,
        field_title_generator=_title,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON Schema, with what the editor's form needs at each field."""
        made = super().__get_pydantic_json_schema__(schema, handler)
        # A schema is made by the names in Python too, for those who look a field up by either.
        both = ((shown, name, field) for name, field in cls.model_fields.items() for shown in (field.alias, name))
        fields = {shown: (name, field) for shown, name, field in both}
        documented = field_docstrings(cls)
        for shown, about in handler.resolve_ref_schema(made).get("properties", {}).items():
            name, field = fields[shown]
            about.setdefault("title", field.title or _title(name, field))
            # pydantic leaves it out where the field is a model.
            if field.description or name in documented:
                about.setdefault("description", field.description or documented[name])
            if "x-widget" not in about:
                about["x-widget"] = _widget(about, handler)
        return made


def _widget(about: dict[str, Any], handler: GetJsonSchemaHandler) -> str:
    if "$ref" in about:
        return "group" if handler.resolve_ref_schema(about).get("type") == "object" else "select"
    several = about.get("anyOf") or about.get("oneOf")
    if several:
        known = [one for one in several if one.get("type") != "null"]
        if len(known) == 1:
            return str(known[0].get("x-widget") or _widget(known[0], handler))
        kinds = {_kind(one, handler) for one in known}
        return "group" if kinds == {"object"} else "kinds" if "" not in kinds else "json"
    if "enum" in about or "const" in about:
        return "select"
    if isinstance(about.get("additionalProperties"), dict):
        return "map"
    return _WIDGETS.get(about.get("type", ""), "json")


def _kind(about: dict[str, Any], handler: GetJsonSchemaHandler) -> str:
    """Return what a person would call one of several kinds of value; empty where a form has nothing for it."""
    shape = handler.resolve_ref_schema(about)
    kind = shape.get("type")
    if kind == "object":
        return "object" if shape.get("properties") else ""
    return kind if kind in {"boolean", "integer", "number", "string"} and "enum" not in shape else ""
