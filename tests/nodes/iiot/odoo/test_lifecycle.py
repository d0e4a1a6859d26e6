"""Where a device is in its life, by what Odoo says and what the bridge knows."""

import pytest

from flowengine_nodes.iiot.odoo.lifecycle import merged
from flowengine_nodes.iiot.registry.device import Lifecycle

L = Lifecycle


@pytest.mark.parametrize("known", L)
@pytest.mark.parametrize("said", [L.DRAFT, L.SUSPENDED, L.RETIRED, L.ACTIVE])
def test_what_people_decide_counts(said: Lifecycle, known: Lifecycle) -> None:
    assert merged(said, known) is said


@pytest.mark.parametrize(
    ("known", "before", "expected"),
    [
        (L.DRAFT, None, L.PAIRED),
        (L.PAIRED, None, L.PAIRED),
        (L.ACTIVE, None, L.ACTIVE),
        (L.SUSPENDED, L.ACTIVE, L.ACTIVE),
        (L.SUSPENDED, L.PAIRED, L.PAIRED),
        (L.SUSPENDED, None, L.PAIRED),
        (L.RETIRED, None, L.PAIRED),
    ],
)
def test_paired_device_that_has_reported_is_active(
    known: Lifecycle, before: Lifecycle | None, expected: Lifecycle
) -> None:
    assert merged(L.PAIRED, known, before) is expected
