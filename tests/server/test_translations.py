"""What the engine says of refusals, states and tests is there in every language."""

import json
from pathlib import Path

import pytest

import flowengine
from tests.sentences import Source, untranslated

LANGUAGES = ("zh",)
# Read by whoever starts the engine or writes a node, and never in the editor.
WITHOUT = (
    "cli",
    "linting",
    "node",
    "reference",
    "registry",
    "server/openapi.py",
    "server/pack_endpoints.py",
    "server/service.py",
    "testing/clock.py",
    "testing/conformance.py",
    "testing/junit.py",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    package = Path(flowengine.__file__).parent
    known = json.loads((package / "server" / "locale" / f"{language}.json").read_text())["sentences"]
    assert untranslated(Source(package, WITHOUT), known) == []


def test_sentences_are_found_where_they_are_made(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text("""
LIMITS = {"low": "the value is too low"}

def _why(kind: str) -> str:
    return f"{kind} is not known"

class LostError(Exception):
    def __str__(self) -> str:
        more = f", as {self.who} says" if self.who else ""
        return f"the {self.thing} is lost{more}"

def work(context, name):
    context.status("connected", "ok")
    reason = LIMITS[name] if name in LIMITS else _why(name)
    raise ValueError(reason)
    assert name, "this is said to nobody"
    raise KeyError("nor is this said")
""")
    assert set(Source(tmp_path).sentences()) == {
        "the value is too low",
        "{kind} is not known",
        "the {thing} is lost",
        "the {thing} is lost, as {who} says",
        "connected",
    }
