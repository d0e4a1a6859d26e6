from pathlib import Path

from tests.server.stand import serving


async def test_texts_of_a_language_are_shown(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        found = await stand.get("/translations/zh")
        assert found["texts"]["Topic"] == "主题"
        assert found["sentences"]["a whole number"] == "整数"
        assert found["checks"]["json-syntax"]


async def test_language_that_nobody_wrote_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path) as stand:
        for language in ("xx", "..", "zh.json"):
            assert (await stand.get(f"/translations/{language}", 404))["code"] in {"unknown-language", "not-found"}
