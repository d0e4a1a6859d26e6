import pytest

from flowengine.storage import AdminNeededError, ApiToken, Store, UnknownUserError, User, UserExistsError
from flowengine.storage.sessions import IDLE, LONGEST
from tests.storage.conftest import Clock


async def test_users_are_kept_with_role_and_hash(store: Store, clock: Clock) -> None:
    assert not await store.users.exist()
    await store.users.add("ada", "admin", "hash")
    await store.users.add("ben", "viewer", "other")
    with pytest.raises(UserExistsError):
        await store.users.add("ben", "admin", "x")
    clock.now += 5
    await store.users.note_sign_in("ben")
    await store.users.change("ben", role="editor")
    ada, ben = await store.users.list()
    assert ada == User("ada", "admin", "hash", clock.now - 5, None)
    assert ben == await store.users.find("ben")
    assert (ben.role, ben.password, ben.seen_at) == ("editor", "other", clock.now)
    await store.users.remove("ben")
    assert await store.users.find("ben") is None
    with pytest.raises(UnknownUserError):
        await store.users.remove("ben")
    with pytest.raises(UnknownUserError):
        await store.users.change("ben", role="admin")


async def test_admin_is_left_as_long_as_anybody_is(store: Store) -> None:
    with pytest.raises(AdminNeededError):
        await store.users.add("eve", "editor", "x")
    assert not await store.users.exist()
    await store.users.add("ada", "admin", "x")
    await store.users.add("ben", "viewer", "x")
    with pytest.raises(AdminNeededError):
        await store.users.change("ada", role="viewer")
    with pytest.raises(AdminNeededError):
        await store.users.remove("ada")
    await store.users.remove("ben")
    await store.users.remove("ada")
    assert not await store.users.exist()


async def test_session_has_the_role_that_its_user_has_now(store: Store) -> None:
    await store.users.add("ada", "admin", "x")
    await store.users.add("ben", "viewer", "x")
    await store.sessions.begin("digest", "user", "ben")
    found = await store.sessions.find("digest")
    assert found is not None
    assert (found.name, found.role) == ("ben", "viewer")
    await store.users.change("ben", role="editor")
    found = await store.sessions.find("digest")
    assert found is not None
    assert found.role == "editor"
    await store.sessions.end("digest")
    assert await store.sessions.find("digest") is None


@pytest.mark.parametrize("change", ["password", "remove"])
async def test_session_ends_with_its_user_or_password(store: Store, change: str) -> None:
    await store.users.add("ada", "admin", "x")
    await store.users.add("ben", "viewer", "x")
    await store.sessions.begin("digest", "user", "ben")
    await store.sessions.begin("other", "user", "ada")
    if change == "remove":
        await store.users.remove("ben")
    else:
        await store.users.change("ben", password="y")
    assert await store.sessions.find("digest") is None
    assert await store.sessions.find("other") is not None


async def test_session_ends_unused_and_in_any_case(store: Store, clock: Clock) -> None:
    await store.users.add("ada", "admin", "x")
    await store.sessions.begin("unused", "user", "ada")
    await store.sessions.begin("used", "user", "ada")
    began = clock.now
    while clock.now < began + LONGEST - IDLE:
        clock.now += IDLE
        await store.sessions.note_seen("used")
    assert await store.sessions.find("unused") is None
    assert await store.sessions.find("used") is not None
    clock.now = began + LONGEST + 1
    await store.sessions.note_seen("used")
    assert await store.sessions.find("used") is None


async def test_token_is_found_by_digest_and_its_session_ends_with_it(store: Store, clock: Clock) -> None:
    token = ApiToken("t1", "pipeline", "editor", "ada", clock.now, clock.now + 10, None)
    await store.api_tokens.add(token, "digest")
    assert await store.api_tokens.find("digest") == token
    await store.sessions.begin("s", "token", "t1")
    await store.api_tokens.note_seen("t1")
    assert [one.seen_at for one in await store.api_tokens.list()] == [clock.now]
    found = await store.sessions.find("s")
    assert found is not None
    assert (found.name, found.role) == ("pipeline", "editor")
    clock.now += 11
    assert await store.sessions.find("s") is None
    clock.now -= 11
    assert await store.api_tokens.remove("t1")
    assert not await store.api_tokens.remove("t1")
    assert await store.sessions.find("s") is None
