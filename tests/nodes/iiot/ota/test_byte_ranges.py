import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.ota.byte_ranges import MOST, parts_of


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", [(0, 0)]),
        ("bytes=10-", [(10, 99)]),
        ("bytes=-10", [(90, 99)]),
        ("bytes=-1000", [(0, 99)]),
        ("bytes=0-1000", [(0, 99)]),
        ("Bytes = 5-6", [(5, 6)]),
        ("bytes=0-9, 20-29", [(0, 9), (20, 29)]),
        ("bytes=20-29,0-9", [(20, 29), (0, 9)]),
        ("bytes=0-9,10-19", [(0, 19)]),
        ("bytes=0-9,30-39,5-35", [(0, 39)]),
        ("bytes=0-9,,20-29", [(0, 9), (20, 29)]),
        ("bytes=100-,0-1", [(0, 1)]),
        ("bytes=100-", []),
        ("bytes=-0", []),
        ("bytes=" + ",".join(f"{at}-{at}" for at in range(0, 2 * MOST + 2, 2)), []),
        ("bytes=9-8", None),
        ("bytes=a-b", None),
        ("bytes=-", None),
        ("bytes=1-2-3", None),
        ("lines=0-9", None),
        ("bytes", None),
        ("bytes=0-9,x", None),
        ("bytes=0-99999999999999999999999999", None),
        ("bytes=²-3", None),
    ],
)
def test_header_range_is_read(header: str, expected: list[tuple[int, int]] | None) -> None:
    found = parts_of(header, 100)
    assert (None if found is None else [tuple(part) for part in found]) == expected


def test_empty_file_has_no_parts() -> None:
    assert list(parts_of("bytes=0-", 0) or ()) == []
    assert list(parts_of("bytes=-5", 0) or ()) == []


SPECS = st.tuples(st.none() | st.integers(0, 60), st.none() | st.integers(0, 60)).filter(
    lambda one: one != (None, None)
)


@given(st.lists(SPECS, min_size=1, max_size=12), st.integers(1, 50))
def test_parts_have_exactly_the_bytes_that_are_asked_for(specs: list[tuple[int | None, int | None]], size: int) -> None:
    header = "bytes=" + ",".join(
        f"{'' if first is None else first}-{'' if last is None else last}" for first, last in specs
    )
    parts = parts_of(header, size)
    if any(first is not None and last is not None and last < first for first, last in specs):
        assert parts is None
        return
    wanted: set[int] = set()
    for first, last in specs:
        if first is None:
            assert last is not None
            wanted |= set(range(max(size - last, 0), size))
        else:
            wanted |= set(range(first, min(size - 1 if last is None else last, size - 1) + 1))
    assert parts is not None
    given = [byte for part in parts for byte in range(part.first, part.last + 1)]
    assert len(given) == len(set(given))
    assert set(given) == wanted
