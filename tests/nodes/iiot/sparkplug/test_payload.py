import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.sparkplug.payload import read_payload
from flowengine_nodes.iiot.telemetry.errors import PayloadError
from tests.nodes.iiot.sparkplug.payloads import double, metric, part, payload, single, whole

# Written by Google's Protocol Buffers library from the schema of the Sparkplug specification.
FROM_THE_LIBRARY = bytes.fromhex(
    "0880d0eab6b733121d0a0b54656d706572617475726510011880d0eab6b7332009656666aa4112180a05436f756e7410021880d0eab6b73320"
    "0350fbffffff0f12160a05546f74616c1003200458fbffffffffffffffff0112140a054c6576656c1004200a690000000000000440120a0a02"
    "4f6e1005200b700112120a04546578741006200c7a0668c3a96c6c6f120c0a04476f6e6510072009380112130a06496e743136731008201782"
    "01040100ffff12140a05466c616773100920208201060a000000aa8012130a054e616d6573100a2021820105610062630012290a055461626c"
    "65100b20108a011b08021201611201621803180c220d0a0608ffffffff0f0a03320178121e0a0450617274100c20139201110a0131120c0a05"
    "696e6e6572200150ff011803"
)


def test_payload_of_the_library_is_read() -> None:
    found = read_payload(FROM_THE_LIBRARY)
    assert (found.at, found.sequence) == (1_767_225_600_000, 3)
    assert {one.name: one.value for one in found.metrics} == {
        "Temperature": 21.3,
        "Count": -5,
        "Total": -5,
        "Level": 2.5,
        "On": True,
        "Text": "héllo",
        "Gone": None,
        "Int16s": [1, -1],
        "Flags": [True, False] * 5,
        "Names": ["a", "bc"],
        "Table": [{"a": -1, "b": "x"}],
        "Part": {"inner": -1},
    }
    assert [one.alias for one in found.metrics] == list(range(1, 13))
    assert [one.at for one in found.metrics[:2]] == [1_767_225_600_000] * 2


@pytest.mark.parametrize(
    ("field", "type", "value"),
    [
        (whole(10, -1 & 0xFFFFFFFF), 1, -1),
        (whole(10, 0x80), 1, -128),
        (whole(10, 0xFFFF), 6, 65_535),
        (whole(10, 0x8000), 2, -32_768),
        (whole(11, -1), 4, -1),
        (whole(11, 2**64 - 1), 8, 2**64 - 1),
        (single(12, 0.1), 9, 0.1),
        (single(12, 16_777_217), 9, 16_777_216.0),
        (single(12, 3.4028234e38), 9, 3.4028234663852886e38),
        (single(12, -math.inf), 9, -math.inf),
        (double(13, 1e-300), 10, 1e-300),
        (whole(14, 0), 11, False),
        (part(15, "°C".encode()), 12, "°C"),
        (whole(11, 1_767_225_600_000), 13, 1_767_225_600_000),
        (part(16, b"\0\xff"), 17, "AP8="),
        (part(16, b"\xff\xfe"), 22, [-1, -2]),
        (part(16, b"\0\0\0\x40"), 30, [2.0]),
        (part(16, b""), 33, []),
        (whole(7, 1) + whole(10, 5), 3, None),
        (b"", 3, None),
    ],
)
def test_value_is_what_its_type_says(field: bytes, type: int, value: Any) -> None:
    (found,) = read_payload(payload(metric(field, name="m", type=type))).metrics
    assert found.value == value
    assert found.value.__class__ is value.__class__


def digits(value: float) -> int:
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_single_is_the_shortest_decimal_that_is_the_same(value: float) -> None:
    (found,) = read_payload(payload(metric(single(12, value), name="m", type=9))).metrics
    assert single(12, found.value) == single(12, value)
    assert digits(found.value) <= digits(value)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x0a",
        b"\x0a\x05ab",
        b"\x08" + b"\xff" * 11,
        b"\x0b",
        b"\x09\x00",
        payload(metric(part(15, b"\xff"), name="m")),
        payload(metric(part(16, b"\0"), name="m", type=23)),
        payload(metric(part(16, b"\x20\0\0\0\xff"), name="m", type=32)),
        payload(metric(part(17, part(2, b"a") + part(4, b"")), name="m")),
    ],
)
def test_payload_that_is_broken_is_refused(broken: bytes) -> None:
    with pytest.raises(PayloadError, match="the payload is not Sparkplug B: "):
        read_payload(broken)


def test_templates_nested_without_end_are_refused() -> None:
    nested = metric(name="m")
    for _ in range(50):
        nested = metric(part(18, nested), name="m")
    with pytest.raises(PayloadError, match="nested too deep"):
        read_payload(payload(nested))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_payload(data)
    except PayloadError as error:
        assert error.code == "invalid-payload"  # noqa: PT017 - whether it is raised does not matter


@given(st.data())
def test_library_payload_with_a_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(FROM_THE_LIBRARY)
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_payload(bytes(changed))
    except PayloadError as error:
        assert error.code == "invalid-payload"  # noqa: PT017 - likewise
