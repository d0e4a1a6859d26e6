"""What lint says of its own examples is there in every language."""

import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files as resources_of
from typing import Any

import pytest

from flowengine.linting import CATALOGUE, Check
from tests.linting.test_catalogue import SHOWN, files
from tests.linting.workshop import Workshop

LANGUAGES = ("zh",)
HOLE = re.compile(r"\{\w+\}")


def catalogue(language: str) -> Mapping[str, Any]:
    file = resources_of("flowengine.server") / "locale" / f"{language}.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(".+?".join(re.escape(part) for part in HOLE.split(sentence)), re.DOTALL)


def is_known(text: str, sentences: Iterable[str]) -> bool:
    return any(text == one or pattern(one).fullmatch(text) for one in sentences)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("check", SHOWN, ids=lambda check: check.code)
def test_sentences_about_an_example_of_wrong_are_translated(check: Check, language: str, workshop: Workshop) -> None:
    sentences = catalogue(language)["sentences"]
    said = {text for one in workshop.lint(files(check.wrong)).problems for text in (one.message, one.hint) if text}
    assert sorted(text for text in said if not is_known(text, sentences)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_has_a_title(language: str) -> None:
    assert sorted(CATALOGUE.keys() - catalogue(language)["checks"].keys()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_have_the_same_holes(language: str) -> None:
    other = {
        english
        for english, text in catalogue(language)["sentences"].items()
        if sorted(HOLE.findall(english)) != sorted(HOLE.findall(text))
    }
    assert other == set()
