from pathlib import Path
from typing import Any

import pytest

from flowengine.node import TransientError
from tests.nodes.network.certificates import Certificates
from tests.nodes.network.http_request.asking import Run, Serve, ask, refused
from tests.nodes.network.http_server import answer, json_answer


async def test_http_request_reuses_its_connections(serve: Serve, run: Run) -> None:
    server = await serve()
    harness = await run({"url": server.url})
    for _ in range(5):
        await ask(harness)
    assert server.connections == 1


async def test_http_request_says_that_nobody_listens(run: Run) -> None:
    error = await refused(await run({"url": "http://127.0.0.1:9/x?key=secret"}))
    assert isinstance(error, TransientError)
    assert error.code == "http-connection"
    assert str(error) == "GET http://127.0.0.1:9/x: cannot connect: Connect call failed ('127.0.0.1', 9)"


async def test_http_request_goes_through_a_proxy(serve: Serve, run: Run) -> None:
    proxy = await serve(json_answer("by proxy"))
    config = {"url": "http://erp.example/api", "proxy": proxy.url, "proxy_username": "u", "proxy_password": "p"}
    assert (await ask(await run(config))).fields["payload"] == "by proxy"
    assert proxy.taken[0].target == "http://erp.example/api"
    assert proxy.taken[0].headers["proxy-authorization"] == "Basic dTpw"


async def test_http_request_asks_the_proxy_for_a_tunnel(serve: Serve, run: Run) -> None:
    proxy = await serve(answer(407))
    config = {"url": "https://erp.example/api", "proxy": proxy.url, "proxy_username": "u", "proxy_password": "p"}
    error = await refused(await run({**config, "auth": "bearer", "token": "abc"}))
    assert error.code == "http-proxy"
    assert proxy.taken[0].method == "CONNECT"
    assert proxy.taken[0].headers["proxy-authorization"] == "Basic dTpw"
    assert "authorization" not in proxy.taken[0].headers


async def test_http_request_says_that_the_proxy_is_away(run: Run) -> None:
    harness = await run({"url": "http://erp.example/api", "proxy": "http://127.0.0.1:9"})
    assert (await refused(harness)).code == "http-proxy"


async def test_http_request_speaks_tls_with_a_certificate_of_its_own(serve: Serve, run: Run, tmp_path: Path) -> None:
    certificates = Certificates(tmp_path)
    server = await serve(json_answer("safe"), tls=certificates.server_context(client_needed=True))
    tls = {"ca": certificates.ca, "certificate": certificates.client, "server_name": "erp.example"}
    assert (await ask(await run({"url": server.url, "tls": tls}))).fields["payload"] == "safe"


@pytest.mark.parametrize("tls", [{}, {"ca": True}], ids=["unknown-ca", "other-name"])
async def test_http_request_trusts_no_other_certificate(
    serve: Serve, run: Run, tmp_path: Path, tls: dict[str, Any]
) -> None:
    certificates = Certificates(tmp_path)
    server = await serve(tls=certificates.server_context())
    harness = await run({"url": server.url, "tls": {"ca": certificates.ca} if tls else {}})
    error = await refused(harness)
    assert error.code == "http-tls"
    assert "certificate" in str(error)


async def test_http_request_trusts_anyone_when_told(serve: Serve, run: Run, tmp_path: Path) -> None:
    server = await serve(tls=Certificates(tmp_path).server_context())
    await ask(await run({"url": server.url, "tls": {"verify": False}}))
