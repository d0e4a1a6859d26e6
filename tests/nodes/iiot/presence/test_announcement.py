from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine_nodes.iiot.presence.announcement import Announcement, AnnouncementError, read_announcement


@pytest.mark.parametrize(
    ("payload", "announcement"),
    [
        (b"online", Announcement(online=True)),
        (b" Offline\n", Announcement(online=False)),
        (b"1", Announcement(online=True)),
        (b"false", Announcement(online=False)),
        (b'"online"', Announcement(online=True)),
        (b'{"state": "online", "firmware": "1.4.2"}', Announcement(online=True, firmware="1.4.2")),
        (b'{"online": false}', Announcement(online=False)),
        ({"status": "connected", "firmware": 5}, Announcement(online=True)),
        (b'{"online": true, "firmware": "' + b"x" * 101 + b'"}', Announcement(online=True)),
        (b"", None),
        (None, None),
        (b"null", None),
    ],
)
def test_announcement_is_read(payload: Any, announcement: Announcement | None) -> None:
    assert read_announcement(payload) == announcement


@pytest.mark.parametrize("payload", [b"maybe", b"{}", b"[]", b"2", b'{"state": {}}', b"\xff", 1.5])
def test_anything_else_is_refused(payload: Any) -> None:
    with pytest.raises(AnnouncementError, match="says neither online nor offline"):
        read_announcement(payload)


@given(st.binary())
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    try:
        read_announcement(payload)
    except AnnouncementError as error:
        assert error.code == "invalid-announcement"  # noqa: PT017 - whether it is raised does not matter
