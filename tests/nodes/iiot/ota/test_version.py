import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.ota.version import Version

# Semantic Versioning 2.0, §11, and what else is in use.
ORDERED = ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1"]
ORDERED += ["1.0.0", "1.0.1", "1.2", "1.10", "2.0.0", "2024.11.3"]


def test_versions_are_ordered_by_number() -> None:
    assert sorted(set(ORDERED), key=Version) == ORDERED


@pytest.mark.parametrize(
    ("one", "other"), [("1", "1.0.0"), ("v2.1", "2.1.0"), ("1.0.0+build7", "1.0.0"), ("1.02", "1.2")]
)
def test_versions_that_mean_the_same_are_equal(one: str, other: str) -> None:
    assert Version(one) == Version(other)
    assert hash(Version(one)) == hash(Version(other))
    assert not Version(one) < Version(other)


TEXTS = st.text("0123456789abv.-+", max_size=12)


@given(TEXTS, TEXTS, TEXTS)
def test_order_of_versions_is_total(a: str, b: str, c: str) -> None:
    one, two, three = Version(a), Version(b), Version(c)
    assert (one < two) + (two < one) + (one == two) == 1
    if one <= two <= three:
        assert one <= three
