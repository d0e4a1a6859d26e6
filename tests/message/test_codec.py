import math
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.message.codec import (
    DeepMessageError,
    UnencodableMessageError,
    decode_fields,
    encode_fields,
    encode_whatever,
)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0))
    | st.dates()
    | st.times().map(lambda moment: moment.replace(fold=0)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("$flowengine"), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_codec_gives_the_same_values_back(fields: dict[str, Any]) -> None:
    decoded = decode_fields(encode_fields(fields))
    assert decoded == fields
    assert repr(decoded) == repr(fields)


def test_codec_keeps_what_json_has_no_word_for() -> None:
    fields = {
        "nan": math.nan,
        "inf": -math.inf,
        "bytes": b"\x00\xff",
        "when": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "day": date(2026, 1, 1),
        "hour": time(12, 30),
        "huge": 10**30,
    }
    decoded = decode_fields(encode_fields(fields))
    assert math.isnan(decoded.pop("nan"))
    assert decoded == {name: value for name, value in fields.items() if name != "nan"}


def test_codec_names_the_place_of_what_cannot_be_stored() -> None:
    with pytest.raises(UnencodableMessageError, match=r"\$\.payload\[1\]\.x is a Python object"):
        encode_fields({"payload": [1, {"x": object()}]})
    with pytest.raises(UnencodableMessageError, match=r"a key of \$\.payload is a Python int"):
        encode_fields({"payload": {1: b""}})


def test_codec_keeps_a_text_of_it_in_a_dead_letter() -> None:
    assert b"object object" in encode_whatever({"payload": object(), "topic": "t"})


@pytest.mark.parametrize("data", [b"", b"[]", b"1", b"{", b'{"a": {"$flowengine": "no such mark", "value": 1}}'])
def test_codec_refuses_what_it_did_not_make(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_fields(data)


@pytest.mark.parametrize("depth", [300, 900, 5000])
def test_message_nested_too_deep_is_refused_and_its_beginning_kept_as_a_dead_letter(depth: int) -> None:
    value: Any = None
    for _ in range(depth):
        value = [value]
    fields = {"topic": "a/b", "payload": value}
    with pytest.raises(DeepMessageError, match="nested too deep"):
        encode_fields(fields)
    assert decode_fields(encode_whatever(fields))["topic"] == "a/b"


def test_text_that_is_no_unicode_is_refused_and_kept_as_far_as_possible() -> None:
    fields = {"topic": "a/b", "payload": "half \ud800 a pair"}
    with pytest.raises(UnencodableMessageError, match="surrogate"):
        encode_fields(fields)
    assert decode_fields(encode_whatever(fields)) == {"topic": "a/b", "payload": "half ? a pair"}


class Unshowable:
    def __repr__(self) -> str:
        raise ValueError("a class of a user's function")


class Half:
    def __repr__(self) -> str:
        return "half \udc00 a pair"


HALF_PAIRS = st.text(st.characters(categories=["Cs", "Lu"]), max_size=5)
ANYTHING = st.recursive(
    VALUES | HALF_PAIRS | st.builds(Unshowable) | st.builds(Half) | st.sets(st.integers(), max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(HALF_PAIRS | st.integers() | st.tuples(st.none()) | st.just("$flowengine"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(HALF_PAIRS | st.integers() | st.just("$flowengine"), ANYTHING, max_size=4))
def test_dead_letter_of_whatever_a_message_holds_is_kept_and_can_be_read(fields: dict[Any, Any]) -> None:
    assert len(decode_fields(encode_whatever(fields))) <= len(fields)
