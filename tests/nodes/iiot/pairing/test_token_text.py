import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.pairing.token_text import (
    ALPHABET,
    RANDOM_SYMBOLS,
    SYMBOLS,
    grouped,
    new_token,
    read_token,
    sealed_by,
    token_digest,
)
from flowengine_nodes.iiot.registry.secret_keys import SecretKeys, ShortKeyError

KEYS = SecretKeys(["n" * 16, "o" * 16])


def test_token_has_at_least_128_random_bits() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert RANDOM_SYMBOLS * 5 >= 128
    assert not set(ALPHABET) & set("ILOU")
    seen = {new_token(KEYS) for _ in range(200)}
    assert len(seen) == 200
    for place in range(RANDOM_SYMBOLS):
        assert len({token[place] for token in seen}) > 20, "a symbol hardly varies"


def test_token_is_shown_in_groups() -> None:
    assert len(grouped(new_token(KEYS)).split("-")) == 7


@given(st.randoms(use_true_random=False), st.sampled_from(["", " ", "-", " - ", "\t"]))
def test_token_is_read_however_it_is_typed(chance: object, separator: str) -> None:
    symbols = new_token(KEYS)
    typed = separator.join(symbols[start : start + 7] for start in range(0, SYMBOLS, 7))
    typed = "".join(getattr(chance, "choice")([one.lower(), one]) for one in typed)  # noqa: B009 - hypothesis' type
    assert read_token(typed) == symbols
    assert read_token(typed.replace("0", "o").replace("1", "L")) == symbols


@given(st.text(max_size=80))
def test_text_that_is_read_has_the_form_of_a_token(text: str) -> None:
    symbols = read_token(text)
    assert symbols is None or (len(symbols) == SYMBOLS and set(symbols) <= set(ALPHABET))


def test_guesses_are_found_out_by_their_seal() -> None:
    guesses = ["".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS)) for _ in range(5_000)]
    # Two keys let two in 1,024 pass; 40 are 9 standard deviations off.
    assert sum(sealed_by(KEYS, guess) is not None for guess in guesses) < 40


def test_seal_says_which_key_made_a_token() -> None:
    old = SecretKeys(["o" * 16])
    token = next(token for token in iter(lambda: new_token(old), "") if sealed_by(KEYS, token) == old.newest)
    assert token_digest(KEYS, old.newest, token) == token_digest(old, old.newest, token)
    assert token_digest(KEYS, KEYS.newest, token) != token_digest(old, old.newest, token)


def test_key_that_is_short_is_refused() -> None:
    with pytest.raises(ShortKeyError):
        SecretKeys.parse("short")


@given(st.lists(st.text(max_size=3), min_size=1, max_size=3), st.lists(st.text(max_size=3), min_size=1, max_size=3))
def test_digest_tells_apart_what_differs(one: list[str], other: list[str]) -> None:
    assert (KEYS.digest(KEYS.newest, *one) == KEYS.digest(KEYS.newest, *other)) == (one == other)
