"""What the engine and its node types say, in other languages than English."""

import asyncio
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from flowengine.registry.texts import helps, sentences, translations
from flowengine.server.endpoint import Call, Endpoint
from flowengine.server.model import Answer
from flowengine.server.problem_response import not_found


class Translations(Answer):
    """Texts by what they are in English."""

    texts: dict[str, str]
    """What node types are called, and what they and their settings are for."""
    sentences: dict[str, str]
    """What is said of mistakes and of how things stand; a `{name}` stands for anything, in both languages."""
    checks: dict[str, str]
    """What is wrong, in a few words, by the code of the problem: for sentences that are not among those."""


@lru_cache
def own_translations(language: str) -> Mapping[str, Any] | None:
    """Return the engine's own catalogue of a language, or ``None``.

    Args:
        language: Such as ``zh``.
    """
    place = files("flowengine.server") / "locale" / f"{language}.json"
    found: dict[str, Any] | None = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None
    return found


async def get_translations(call: Call, language: str) -> Translations:
    """Return the texts of a language."""
    own = own_translations(language) if language.isalpha() else None
    if own is None:
        raise not_found("language", language)
    texts = await asyncio.to_thread(translations, language)
    known = await asyncio.to_thread(helps, language, call.backend.registry)
    said = await asyncio.to_thread(sentences, language)
    return Translations(texts={**texts, **known}, sentences={**said, **own["sentences"]}, checks=own["checks"])


ENDPOINTS = (
    Endpoint("GET", "/admin/api/translations/{language}", get_translations, "Show the texts of a language", role=None),
)
"""The editor asks for them once, when somebody reads another language; the page where people sign in needs them too."""
