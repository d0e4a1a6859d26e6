"""Everything that shipped node types and forms say is there in every language, and nothing else is."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from pydantic import BaseModel

import flowengine_nodes
from flowengine.registry import Registry, load_node_packs
from flowengine.registry.texts import mark_of, schema_texts, texts_of, translations
from flowengine_nodes.iiot.admin.forms import form_schema
from flowengine_nodes.iiot.registry.automation import AutomationRule
from flowengine_nodes.iiot.registry.profile import Profile
from flowengine_nodes.iiot.registry.rollout import RolloutPlan
from tests.sentences import HOLE, Source, unsaid, untranslated

LANGUAGES = ("zh",)
# Who imports, tries or builds by the command line reads English.
WITHOUT = (
    "demo",
    "function/rearrangement.py",
    "iiot/cli",
    "iiot/ota/file_answer.py",
    "iiot/simulator",
    "network/embedded_broker.py",
    "nodered",
)
FORMS: tuple[type[BaseModel], ...] = (AutomationRule, Profile, RolloutPlan)


def said_in_english() -> set[str]:
    registry = Registry()
    assert load_node_packs(registry) == []
    texts = {text for one in registry for text in texts_of(one)}
    for form in FORMS:
        schema = form_schema(form)
        texts |= set(schema_texts({key: value for key, value in schema.items() if key not in {"title", "description"}}))
    return texts - {""}


def said_of_types() -> set[str]:
    registry = Registry()
    assert load_node_packs(registry) == []
    return {f"{one.name}: {text}" for one in registry for text in texts_of(one)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    file = Path(flowengine_nodes.__file__).parent / "locale" / f"{language}.json"
    missing = sorted(said_in_english() - translations(language).keys())
    assert missing == [], f"{len(missing)} texts are not in {file}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_is_used_and_in_order(language: str) -> None:
    file = Path(flowengine_nodes.__file__).parent / "locale" / f"{language}.json"
    known = json.loads(file.read_text())
    # A text of one node type alone is written "type: text", where it means something else than elsewhere.
    assert sorted(known.keys() - said_in_english() - said_of_types()) == []
    assert list(known) == sorted(known)
    assert all(known.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_of_every_node_type_is_translated_as_it_is_now(language: str) -> None:
    folder = Path(flowengine_nodes.__file__).parent / "locale" / language
    registry = Registry()
    assert load_node_packs(registry) == []
    marks = {f"{one.name}.md": mark_of(one.help) for one in registry}
    found = {file.name: file.read_text().partition("\n") for file in folder.iterdir()}
    # A file that fails here was made from other English than there is now: follow that, then write this first line.
    assert {name: mark for name, (mark, _, _) in found.items()} == marks
    assert all(text.strip() for _, _, text in found.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_about_mistakes_and_states_is_translated(language: str) -> None:
    package = Path(flowengine_nodes.__file__).parent
    known = json.loads((package / "locale" / f"{language}-sentences.json").read_text())
    engine = json.loads((files("flowengine.server") / "locale" / f"{language}.json").read_text())["sentences"]
    source = Source(package, WITHOUT)
    # A header of HTTP, and a word that is part of a whole sentence there, since it also is one of test documents.
    assert untranslated(source, {**known, **engine}, ["Basic {}", "failed"]) == []
    # One word may be what a fact is, such as the state of a device.
    assert [one for one in unsaid(source, known) if not one.replace("_", "").isalpha()] == []
    assert list(known) == sorted(known)
    assert [one for one, text in known.items() if sorted(HOLE.findall(one)) != sorted(HOLE.findall(text))] == []
