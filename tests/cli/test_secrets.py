import io
from pathlib import Path

import pytest

from tests.cli.conftest import Command, write_flow


@pytest.fixture
def key(flowengine: Command, monkeypatch: pytest.MonkeyPatch) -> str:
    made = flowengine("secrets", "key").out.strip()
    monkeypatch.setenv("FLOWENGINE_SECRET_KEY", made)
    return made


def test_secret_is_set_used_by_flows_rotated_and_dropped(
    flowengine: Command, flows: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2\n"))
    assert "${secret:api-token}" in flowengine("secrets", "set", "api-token").out
    assert "hunter2" not in (flows / "secrets.json").read_text()
    post = {
        "type": "http-request",
        "config": {"url": "http://localhost", "auth": "bearer", "token": "${secret:api-token}"},
    }
    write_flow(flows, "pump", {"tick": {"type": "inject", "wires": {"out": ["post"]}}, "post": post})
    assert flowengine("lint").out == "2 flows: no problems\n"
    assert flowengine("secrets", "list", "--format", "json").json == ["api-token"]
    new = flowengine("secrets", "key").out.strip()
    monkeypatch.setenv("FLOWENGINE_SECRET_KEY", f"{new},{key}")
    assert flowengine("secrets", "rotate").out.startswith("1 secret encrypted again")
    monkeypatch.setenv("FLOWENGINE_SECRET_KEY", new)
    assert flowengine("lint").code == 0
    assert "--yes" in flowengine("secrets", "drop", "api-token").err
    assert flowengine("secrets", "drop", "api-token", "--yes").code == 0
    assert flowengine("secrets", "list").out == "0 secrets\n"


def test_secret_mistakes_end_in_sentences(flowengine: Command, flows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWENGINE_SECRET_KEY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    assert "set its key in FLOWENGINE_SECRET_KEY" in flowengine("secrets", "set", "a").err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "was not set" in flowengine("secrets", "set", "a").err
    assert 'there is no secret "a"' in flowengine("secrets", "drop", "a").err
    assert "there is no nowhere" in flowengine("secrets", "list", "--flows", "nowhere").err
    (flows / "secrets.json").write_text("{")
    assert flowengine("secrets", "list").err.startswith("flows/secrets.json:1:")
