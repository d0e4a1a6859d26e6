"""The encrypted store of secrets."""

import json
from pathlib import Path

import pytest

from flowengine.flow.identifier import BadIdError
from flowengine.flow.problem import DocumentError
from flowengine.flow.secrets import (
    KEY_VARIABLE,
    SecretKeyError,
    SecretStore,
    UnknownSecretError,
    UnreadableSecretError,
)

KEY, OTHER = SecretStore.generate_key(), SecretStore.generate_key()


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore.of_folder(tmp_path, {KEY_VARIABLE: KEY})


def with_key(store: SecretStore, key: str | None) -> SecretStore:
    return SecretStore(store.path, key)


def test_store_keeps_a_secret_encrypted(store: SecretStore) -> None:
    store.set("odoo-key", "pässword\n")
    assert store.get("odoo-key") == "pässword\n"
    text = store.path.read_text()
    assert "odoo-key" in text
    assert "ssword" not in text


def test_store_lists_names_without_a_key(store: SecretStore) -> None:
    assert store.names() == []
    store.set("b", "2")
    store.set("a", "1")
    assert with_key(store, None).names() == ["a", "b"]


def test_store_writes_one_sorted_line_for_each_secret(store: SecretStore) -> None:
    for name in ("b", "c", "a"):
        store.set(name, name)
    lines = store.path.read_text().splitlines()
    assert [line.strip()[:3] for line in lines[3:6]] == ['"a"', '"b"', '"c"']
    before = store.path.read_bytes()
    store.set("b", "b")
    assert store.path.read_bytes() == before


def test_store_deletes_a_secret_without_a_key(store: SecretStore) -> None:
    store.set("a", "1")
    with_key(store, None).delete("a")
    assert store.names() == []
    with pytest.raises(UnknownSecretError, match='there is no secret "a" in '):
        store.delete("a")


def test_store_says_that_a_secret_is_unknown(store: SecretStore) -> None:
    with pytest.raises(UnknownSecretError, match='there is no secret "a" in '):
        store.get("a")


def test_store_refuses_a_name_that_is_no_id(store: SecretStore) -> None:
    with pytest.raises(BadIdError):
        store.set("A B", "1")
    assert not store.path.exists()


@pytest.mark.parametrize("key", [None, "", " , "])
def test_store_says_that_the_key_is_missing(store: SecretStore, key: str | None) -> None:
    with pytest.raises(SecretKeyError, match=f"set its key in {KEY_VARIABLE}"):
        with_key(store, key).set("a", "1")


@pytest.mark.parametrize(
    "key", ["short", "é" * 44, f"{KEY},short", "=" * 44], ids=["short", "not ASCII", "one of two", "no letters"]
)
def test_store_says_that_the_key_is_none(store: SecretStore, key: str) -> None:
    with pytest.raises(SecretKeyError, match=f"{KEY_VARIABLE} holds no key: a key is 32 bytes"):
        with_key(store, key).set("a", "1")


def test_store_says_that_the_key_is_another(store: SecretStore) -> None:
    store.set("a", "1")
    with pytest.raises(UnreadableSecretError, match=f'"a" in .* cannot be decrypted: {KEY_VARIABLE} is not the key'):
        with_key(store, OTHER).get("a")


def test_store_refuses_a_value_that_was_moved_to_another_name(store: SecretStore) -> None:
    store.set("a", "1")
    store.path.write_text(store.path.read_text().replace('"a"', '"b"'))
    with pytest.raises(UnreadableSecretError):
        store.get("b")


def test_store_rotates_to_a_new_key(store: SecretStore) -> None:
    store.set("a", "1")
    store.set("b", "2")
    with_key(store, f"{OTHER}, {KEY}").rotate()
    rotated = with_key(store, OTHER)
    assert (rotated.get("a"), rotated.get("b")) == ("1", "2")
    with pytest.raises(UnreadableSecretError):
        store.get("a")


def test_store_rotates_all_or_nothing(store: SecretStore) -> None:
    store.set("a", "1")
    with_key(store, OTHER).set("b", "2")
    before = store.path.read_bytes()
    with pytest.raises(UnreadableSecretError):
        with_key(store, OTHER).rotate()
    assert store.path.read_bytes() == before


def test_store_replaces_a_secret_that_it_cannot_read(store: SecretStore) -> None:
    with_key(store, OTHER).set("a", "1")
    store.set("a", "2")
    assert store.get("a") == "2"


def test_store_reports_a_broken_file(store: SecretStore) -> None:
    store.path.write_text(json.dumps({"flowengine": 1, "secrets": {"a": 3}}))
    with pytest.raises(DocumentError, match="must be a text, not a number"):
        store.names()
