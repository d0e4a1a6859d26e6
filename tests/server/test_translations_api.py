from pathlib import Path

from tests.server.stand import serving


async def test_texts_of_a_language_are_shown(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        found = await stand.get("/translations/zh")
        assert found["texts"]["Topic"] == "主题"
        assert found["sentences"]["a whole number"] == "整数"
        assert found["checks"]["json-syntax"]


async def test_texts_are_shown_before_anybody_signs_in(tmp_path: Path) -> None:
    async with serving(tmp_path, token="right") as stand:
        del stand.client.headers["authorization"]
        await stand.get("/flows", 401)
        assert (await stand.get("/translations/zh"))["sentences"][
            "the token is wrong, or has ended"
        ] == "令牌错误或已失效"


async def test_api_speaks_english_whatever_language_is_asked_for(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        stand.client.headers["accept-language"] = "zh-CN"
        assert (await stand.get("/flows/nope", 404))["message"] == 'there is no flow "nope"'


async def test_language_that_nobody_wrote_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        for language in ("xx", "..", "zh.json"):
            assert (await stand.get(f"/translations/{language}", 404))["code"] in {"unknown-language", "not-found"}
