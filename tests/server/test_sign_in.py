"""Users sign in, programs have tokens, and each may do what their role says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from flowengine.server import event_streams
from flowengine.server.sign_in_tries import PER_ADDRESS, PER_PAIR, WINDOW, SignInTries
from flowengine.testing.clock import VirtualClock
from tests.server.stand import API, Stand, flow, serving

PASSWORD = "correct horse battery"


@asynccontextmanager
async def browser(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies and says where it comes from, as browsers do."""
    headers = {"Origin": stand.service.url}
    async with httpx.AsyncClient(base_url=f"{stand.service.url}{API}", headers=headers) as client:
        yield client


async def add_user(stand: Stand, name: str, role: str) -> None:
    """Add a user without the cost of a hash, as the tests sign in with another way."""
    store = stand.service.engine.world.store
    await store.users.add(name, role, "scrypt$2$8$1$AAAA$AAAA")


async def sign_in(client: httpx.AsyncClient, user: str, password: str = PASSWORD, status: int = 200) -> Any:
    answer = await client.post("/session", json={"user": user, "password": password})
    assert answer.status_code == status, answer.text
    return answer


async def test_first_user_ends_that_everybody_on_the_machine_is_admin(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a")) as stand, browser(stand) as client:
        assert (await client.get("/session")).json() == {
            "name": "local",
            "role": "admin",
            "kind": "open",
            "session": False,
        }
        answer = await client.post("/users", json={"name": "ada", "role": "admin", "password": PASSWORD})
        assert (answer.status_code, answer.json()["role"]) == (200, "admin")
        refused = await client.get("/flows")
        assert (refused.status_code, refused.json()["users"]) == (401, True)
        answer = await sign_in(client, " Ada ")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "secure" not in cookie
        assert (await client.get("/flows")).status_code == 200
        assert (await client.get("/session")).json()["name"] == "ada"
        assert (await client.post("/deploy", json={})).status_code == 200
        done = (await client.get("/audit")).json()["records"]
        assert [(one["who"], one["what"], one["subject"]) for one in done[1:]] == [
            ("ada", "sign-in", "ada"),
            ("local", "add-user", "ada"),
        ]
        assert (done[0]["who"], done[0]["what"]) == ("ada", "deploy")
        assert PASSWORD not in (await client.get("/audit")).text


async def test_cookie_is_secure_behind_a_proxy_with_tls(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client:
        answer = await client.post("/session", json={"token": "right"}, headers={"X-Forwarded-Proto": "https"})
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_signing_out_ends_the_session(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client:
        assert (await client.post("/session", json={"token": "wrong"})).status_code == 401
        assert (await client.post("/session", json={"token": "right"})).json()["kind"] == "admin-token"
        kept = dict(client.cookies)
        assert (await client.get("/flows")).status_code == 200
        assert (await client.delete("/session")).status_code == 204
        assert not client.cookies
        client.cookies.update(kept)
        assert (await client.get("/flows")).status_code == 401


async def test_session_does_not_change_anything_for_another_site(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), token="right") as stand, browser(stand) as client:
        await client.post("/session", json={"token": "right"})
        for origin, status in ((stand.service.url, 200), ("https://evil.example", 403)):
            answer = await client.post("/deploy", json={}, headers={"Origin": origin})
            assert answer.status_code == status
        del client.headers["Origin"]
        assert (await client.post("/deploy", json={})).json()["code"] == "cross-origin"
        assert (await client.get("/flows")).status_code == 200


async def test_another_site_cannot_sign_a_browser_in(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client:
        answer = await client.post("/session", json={"token": "right"}, headers={"Origin": "https://evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "cross-origin")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("viewer", {"look"}),
        ("operator", {"look", "inject"}),
        ("editor", {"look", "inject", "deploy"}),
        ("admin", {"look", "inject", "deploy", "users"}),
    ],
)
async def test_role_says_what_somebody_may(tmp_path: Path, role: str, may: set[str]) -> None:
    async with serving(tmp_path, flow("a"), token="right") as stand:
        made = await stand.post("/tokens", name="program", role=role)
        asked = {
            "look": ("GET", "/flows", None),
            "inject": ("POST", "/flows/a/inject", {"node": "start", "message": {}}),
            "deploy": ("POST", "/deploy", {}),
            "users": ("GET", "/users", None),
        }
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {made['token']}"}) as program:
            for what, (method, path, body) in asked.items():
                answer = await program.request(method, f"{stand.service.url}{API}{path}", json=body)
                assert answer.is_success == (what in may), (what, answer.text)
                assert answer.is_success or answer.json()["code"] == "forbidden"


async def test_token_is_shown_once_named_in_the_audit_trail_and_ends(tmp_path: Path) -> None:
    async with serving(tmp_path, flow("a"), token="right") as stand:
        made = await stand.post("/tokens", name="pipeline", role="editor", days=1)
        assert made["token"] not in (await stand.client.get(f"{API}/tokens")).text
        assert made["token"] not in (await stand.client.get(f"{API}/audit")).text
        program = {"Authorization": f"Bearer {made['token']}"}
        await stand.ask("POST", "/deploy", json={}, headers=program)
        assert (await stand.get("/audit", what="deploy"))["records"][0]["who"] == "pipeline"
        assert (await stand.get("/tokens"))["tokens"][0]["seen_at"] is not None
        async with browser(stand) as client:
            await client.post("/session", json={"token": made["token"]})
            assert (await client.get("/session")).json()["name"] == "pipeline"
            await stand.delete(f"/tokens/{made['id']}")
            assert (await client.get("/flows")).status_code == 401
        assert (await stand.client.get(f"{API}/flows", headers=program)).status_code == 401
        await stand.delete(f"/tokens/{made['id']}", 404)


async def test_wrong_passwords_are_counted_and_written_down(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client:
        await add_user(stand, "ada", "admin")
        for _ in range(PER_PAIR):
            await sign_in(client, "ada", "wrong", 401)
        answer = await sign_in(client, "ada", "wrong", 429)
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW
        records = (await stand.get("/audit", what="sign-in-refused"))["records"]
        assert [one["subject"] for one in records] == ["ada"] * PER_PAIR
        assert records[0]["detail"] == {"from": "127.0.0.1"}


async def test_tries_are_counted_by_pair_and_address_for_a_while() -> None:
    clock = VirtualClock()
    tries = SignInTries(clock)
    for _ in range(PER_PAIR):
        assert tries.wait("ada", "one") == 0
        tries.count("ada", "one")
    assert tries.wait("ada", "one") == pytest.approx(WINDOW)
    assert tries.wait("ada", "two") == tries.wait("ben", "one") == 0
    for number in range(PER_ADDRESS):
        tries.count(f"user{number}", "two")
    assert tries.wait("cas", "two") > 0
    await clock.advance(WINDOW)
    assert tries.wait("ada", "one") == tries.wait("cas", "two") == 0


def test_tries_of_somebody_who_comes_in_are_forgotten() -> None:
    tries = SignInTries(VirtualClock())
    for _ in range(PER_ADDRESS * 2):
        tries.count("ada", "one")
        assert tries.wait("ada", "one") == 0
        tries.forget("ada", "one")


async def test_password_is_changed_by_its_user_and_ends_other_sessions(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client, browser(stand) as other:
        await stand.post("/users", name="ada", role="admin", password=PASSWORD)
        await sign_in(client, "ada")
        await sign_in(other, "ada")
        wrong = await client.put("/session/password", json={"old": "wrong", "new": "a new password"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong-credentials")
        answer = await client.put("/session/password", json={"old": PASSWORD, "new": "a new password"})
        assert answer.status_code == 204
        assert (await client.get("/flows")).status_code == 200
        assert (await other.get("/flows")).status_code == 401
        await sign_in(other, "ada", "a new password")


async def test_one_user_stays_admin(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand:
        refused = await stand.post("/users", 409, name="eve", role="viewer", password=PASSWORD)
        assert refused["code"] == "admin-needed"
        await add_user(stand, "ada", "admin")
        await add_user(stand, "ben", "viewer")
        assert (await stand.put("/users/ada", 409, role="editor"))["code"] == "admin-needed"
        assert (await stand.delete("/users/ada", 409))["code"] == "admin-needed"
        await stand.put("/users/ben", role="admin")
        await stand.delete("/users/ada")
        await stand.delete("/users/ada", 404)
        await stand.delete("/users/ben")
        assert (await stand.get("/users")) == {"users": []}


@pytest.mark.parametrize(
    "wrong", [{"name": "Ada"}, {"name": "a b"}, {"name": ""}, {"password": "short"}, {"role": "king"}]
)
async def test_user_must_have_a_plain_name_a_role_and_a_long_password(tmp_path: Path, wrong: dict[str, str]) -> None:
    async with serving(tmp_path) as stand:
        await stand.post("/users", 422, **{"name": "ada", "role": "admin", "password": PASSWORD, **wrong})


async def test_websocket_takes_the_session(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand, browser(stand) as client:
        await client.post("/session", json={"token": "right"})
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        origin = websockets.Origin(stand.service.url)
        async with websockets.connect(url, origin=origin, additional_headers={"Cookie": cookie}):
            pass
        for other in (None, websockets.Origin("https://evil.example")):
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(url, origin=other, additional_headers={"Cookie": cookie})


async def test_websocket_ends_after_its_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "LOOK_EVERY", 0.05)
    async with serving(tmp_path, token="right") as stand:
        made = await stand.post("/tokens", name="screen", role="viewer")
        url = f"ws{stand.service.url.removeprefix('http')}{API}/events"
        headers = {"Authorization": f"Bearer {made['token']}"}
        async with websockets.connect(url, additional_headers=headers) as socket:
            await stand.delete(f"/tokens/{made['id']}")
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1008
