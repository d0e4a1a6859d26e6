import re
from pathlib import Path

import pytest

from tests.cli.conftest import Command

KEY = re.compile(r"fek_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n")


@pytest.mark.usefixtures("here")
def test_token_is_shown_once_listed_and_revoked(flowengine: Command) -> None:
    made = flowengine("token", "add", "odoo", "--scope", "command", "--scope", "ota", "--expires", "365d")
    assert made.code == 0
    assert KEY.fullmatch(made.out)
    assert "shown only this once" in made.err
    secret = made.out.strip().rpartition("_")[2]
    assert secret not in flowengine("token", "list", "--format", "json").out
    assert secret.encode() not in Path("flowengine.db").read_bytes()
    (listed,) = flowengine("token", "list", "--format", "json").json
    assert (listed["name"], listed["scopes"], listed["used_at"]) == ("odoo", ["command", "ota"], None)
    assert "valid until" in flowengine("token", "list").out

    taken = flowengine("token", "add", "odoo", "--scope", "*")
    assert taken.code == 2
    assert 'there is already a API key with the name "odoo"' in taken.err
    assert flowengine("token", "revoke", "odoo").out == f'the key "odoo" ({listed["id"]}) is revoked\n'
    assert "revoked 20" in flowengine("token", "list").out
    again = flowengine("token", "revoke", "odoo")
    assert again.code == 2
    assert 'no key in use has the name or id "odoo"' in again.err
    assert flowengine("token", "add", "odoo", "--scope", "*").code == 0


@pytest.mark.usefixtures("here")
def test_token_refuses_what_is_no_scope_and_no_time(flowengine: Command) -> None:
    scope = flowengine("token", "add", "odoo", "--scope", "Commands!")
    assert scope.code == 2
    assert "'Commands!' is no scope" in scope.err
    assert flowengine("token", "add", "odoo", "--scope", "*", "--expires", "tomorrow").code == 2
