import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

BOILER = {"id": "boiler", "name": "Boiler", "rules": [{"path": "$.t", "field": "x_t"}]}


@pytest.fixture
def file(here: Path) -> Path:
    """A file with a profile."""
    (here / "boiler.json").write_text(json.dumps(BOILER))
    return here / "boiler.json"


def test_profile_is_saved_listed_shown_and_removed(flowengine: Command, file: Path) -> None:
    saved = flowengine("profile", "save", file)
    assert (saved.code, saved.out) == (0, "1 profile stored: boiler\n")
    assert "there was no store at sqlite:///flowengine.db, it is made now" in saved.err
    flowengine("device", "add", "b-1", "--profile", "boiler")
    assert flowengine("profile", "list", "--format", "json").json == [{"id": "boiler", "name": "Boiler", "devices": 1}]
    assert "boiler  1        1      Boiler" in flowengine("profile", "list").out
    assert flowengine("profile", "show", "boiler").json == BOILER

    refused = flowengine("profile", "remove", "boiler", "--yes")
    assert refused.code == 2
    assert 'the profile "boiler" is in use, by the device "b-1" for one' in refused.err
    flowengine("device", "remove", "b-1", "--yes")
    assert flowengine("profile", "remove", "boiler", "--yes").code == 0
    assert flowengine("profile", "list").out == "0 profiles\n"


def test_profile_check_names_what_is_wrong_and_stores_nothing(flowengine: Command, file: Path) -> None:
    (file.parent / "bad.json").write_text('{"id": "bad",\n "codec": "xml", "topik": 1}')
    checked = flowengine("profile", "check", file, "bad.json")
    assert checked.code == 1
    assert checked.out.splitlines() == [
        "bad.json:2: codec: must be 'json', 'scalar' or 'sparkplug-b' [bad-value]",
        "bad.json:2: topik: there is no such field [unknown-field]",
        '    did you mean "topics"?',
        "1 profile well, 2 problems",
    ]
    assert len(flowengine("profile", "check", "bad.json", "--format", "json").json) == 2
    assert not (file.parent / "flowengine.db").exists()


def test_profile_save_stores_none_if_one_is_wrong(flowengine: Command, file: Path) -> None:
    refused = flowengine("profile", "save", file, "nowhere.json")
    assert refused.code == 2
    assert refused.err == "nowhere.json: the file cannot be read: No such file or directory [unreadable-file]\n"
    assert not (file.parent / "flowengine.db").exists()


def test_profile_that_is_mistyped_is_suggested(flowengine: Command, file: Path) -> None:
    flowengine("profile", "save", file)
    for command in ("show", "remove"):
        refused = flowengine("profile", command, "boilr")
        assert refused.code == 2
        assert 'there is no profile "boilr"; did you mean "boiler"?' in refused.err
    assert "see which there are with: flowengine profile list" in flowengine("profile", "show", "x").err
