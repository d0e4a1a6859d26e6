import io

import pytest

from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password on standard input, for each command anew."""

    class Typed(io.StringIO):
        def read(self, size: int | None = -1, /) -> str:
            return "correct horse battery\n"

    monkeypatch.setattr("sys.stdin", Typed())


def test_users_are_added_listed_changed_and_removed(flowengine: Command) -> None:
    assert flowengine("user", "list").code == 2
    assert flowengine("user", "add", "ada").out == "the user ada is added, as admin\n"
    assert flowengine("user", "add", "ben", "--role", "viewer").code == 0
    assert flowengine("user", "role", "ben", "operator").out == "the user ben is operator now\n"
    assert flowengine("user", "password", "ben").code == 0
    out = flowengine("user", "list").out
    assert "ada  admin     never" in out
    assert "ben  operator  never" in out
    assert [one["name"] for one in flowengine("user", "list", "--format", "json").json] == ["ada", "ben"]
    assert "--yes" in flowengine("user", "remove", "ben").err
    assert flowengine("user", "remove", "ben", "--yes").out == "the user ben is removed\n"
    assert "1 user, 1 admin" in flowengine("doctor", "--host", "0.0.0.0", "--port", "0", ".").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "ada"), "there is a user"),
        (("add", "A B"), "name"),
        (("role", "eve", "viewer"), 'there is no user "eve"'),
        (("role", "ada", "viewer"), "must be admin"),
    ],
)
def test_wrong_change_of_a_user_is_refused(flowengine: Command, arguments: tuple[str, ...], said: str) -> None:
    flowengine("user", "add", "ada")
    ended = flowengine("user", *arguments)
    assert ended.code == 2
    assert said in ended.err
