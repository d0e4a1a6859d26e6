import json
import logging
from collections.abc import Iterator

import pytest

from flowengine.cli.log import set_up_log


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """Leave the log of the tests as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # basicConfig would close those of the tests.
    root.handlers[:] = []
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_log_for_people_has_a_line_with_place_and_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log("text", "debug")
    logging.getLogger("flowengine").debug("it is so", extra={"flow": "boiler", "node": "map"})
    assert capsys.readouterr().err.endswith("debug   boiler/map: it is so\n")


def test_log_for_programs_has_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log("json", "info")
    logging.getLogger("flowengine").warning("it is so", extra={"flow": "boiler", "code": "x"})
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"], line["flow"], line["code"]) == ("warning", "it is so", "boiler", "x")


def test_log_leaves_out_what_is_below_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_log("text", "warning")
    logging.getLogger("flowengine").info("it is so")
    assert capsys.readouterr().err == ""
